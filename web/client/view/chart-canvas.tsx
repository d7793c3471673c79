import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { type ReactNode, useEffect, useRef } from 'react';
import type { Theme } from '../browser.ts';
import { type AnswerChart, CHART_COLORS, type ChartColors, chartOption, fullAmount } from '../chart-options.ts';
import { dayText } from '../dates.ts';

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** The drawing itself. It is the default export because that is what lazy loading takes. */
export default function ChartCanvas({
  chart,
  theme,
  narrow,
}: {
  chart: AnswerChart;
  theme: Theme;
  narrow: boolean;
}): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (element.current === null) return;
    const drawing = init(element.current);
    const colors = CHART_COLORS[theme];
    drawing.setOption({ ...chartOption(chart, colors, { narrow }), tooltip: tooltip(chart, colors) });
    const resizing = new ResizeObserver(() => drawing.resize());
    resizing.observe(element.current);
    return () => {
      resizing.disconnect();
      drawing.dispose();
    };
  }, [chart, theme, narrow]);
  return <div className="h-full w-full" ref={element} />;
}

interface Hovered {
  dataIndex: number;
  seriesName?: string;
  value: unknown;
  color?: unknown;
}

function tooltip(chart: AnswerChart, colors: ChartColors) {
  return {
    trigger: 'axis' as const,
    axisPointer: { type: chart.kind === 'line' ? ('line' as const) : ('shadow' as const) },
    confine: true,
    backgroundColor: colors.surface,
    borderColor: colors.line,
    textStyle: { color: colors.ink, fontSize: 13 },
    formatter: (hovered: unknown) => tooltipContent(chart, hovered as Hovered[]),
  };
}

/** Built from elements with text, never from HTML: the names of series come from tags and resources. */
function tooltipContent(chart: AnswerChart, hovered: Hovered[]): HTMLElement {
  const box = document.createElement('div');
  const heading = document.createElement('strong');
  heading.textContent = dayText(chart.x[hovered[0]?.dataIndex ?? 0] ?? '');
  box.append(heading);
  for (const { seriesName, value, color } of hovered) {
    const line = document.createElement('div');
    const dot = document.createElement('span');
    dot.textContent = '● ';
    dot.style.color = String(color);
    line.append(dot, `${seriesName ?? ''}  ${fullAmount(typeof value === 'number' ? value : null, chart.unit)}`);
    box.append(line);
  }
  return box;
}
