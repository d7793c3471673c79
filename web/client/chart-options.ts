import type { Answer } from '../../agent/answer.ts';
import { formatCell } from '../../tools/format.ts';
import { axisText, bucketOf } from './dates.ts';
import { visible } from './untrusted.ts';

export type AnswerChart = NonNullable<Answer['chart']>;

/** The colours of a chart for one theme; the series colours stay apart in the common kinds of colour blindness. */
export interface ChartColors {
  ink: string;
  soft: string;
  line: string;
  surface: string;
  /** What is compared with stands back. */
  before: string;
  series: string[];
}

export const CHART_COLORS: Record<'light' | 'dark', ChartColors> = {
  light: {
    ink: '#26221d',
    soft: '#655e54',
    line: '#e6e1d9',
    surface: '#ffffff',
    before: '#a9a196',
    series: ['#b0561f', '#2b7a82', '#5560a8', '#b8860b', '#8b4a78', '#5d8a3a', '#6b7280', '#c2677c'],
  },
  dark: {
    ink: '#ece8e1',
    soft: '#b1aa9e',
    line: '#38342e',
    surface: '#22201c',
    before: '#7d766a',
    series: ['#e39a67', '#6cbcc4', '#9aa5ec', '#dcb14e', '#cc92bb', '#9cc679', '#a3acba', '#eb9db0'],
  },
};

/** Above this, no points are drawn on lines: they would hide what they stand on. */
const POINTS_MAX = 31;

/**
 * The ECharts option of a chart. Bars over names lie on their side, so that the names can be read; bars over days stand.
 * Values are shown in their unit; nothing in the option is HTML.
 */
export function chartOption(chart: AnswerChart, colors: ChartColors, { narrow }: { narrow: boolean }) {
  const sideways = isSideways(chart);
  const category = {
    type: 'category' as const,
    data: chart.x.map((label) => visible(axisText(label))),
    inverse: sideways,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colors.line } },
    axisLabel: {
      color: colors.soft,
      hideOverlap: true,
      ...(sideways
        ? { width: narrow ? 116 : 200, overflow: 'truncate' as const }
        : { margin: 12, alignMaxLabel: 'right' as const }),
    },
  };
  const value = {
    type: 'value' as const,
    splitNumber: narrow || sideways ? 3 : 4,
    axisLabel: { color: colors.soft, formatter: (amount: number) => shortAmount(amount, chart.unit) },
    splitLine: { lineStyle: { color: colors.line } },
  };
  const legend = chart.series.length > 1;
  return {
    animation: false,
    color: colors.series,
    textStyle: { fontFamily: 'system-ui, sans-serif', color: colors.ink },
    grid: {
      left: 4,
      right: narrow ? 12 : 20,
      top: legend ? 40 : 12,
      bottom: 4,
      outerBoundsMode: 'same' as const,
      outerBounds: { left: 0, right: 8, top: 0, bottom: 0 },
    },
    legend: legend
      ? {
          type: 'scroll' as const,
          top: 0,
          left: 0,
          icon: 'roundRect',
          itemWidth: 12,
          itemHeight: 12,
          textStyle: { color: colors.ink },
          pageIconColor: colors.soft,
          pageIconInactiveColor: colors.line,
          pageTextStyle: { color: colors.soft },
        }
      : { show: false },
    xAxis: sideways ? value : category,
    yAxis: sideways ? category : value,
    series: chart.series.map((series) => seriesOption(chart, series, colors)),
  };
}

/** The columns that tools draw, by the headings they have in the table. */
const SERIES_LABELS: Record<string, string> = { cost: 'Cost', previous: 'Before' };

export function seriesLabel(name: string): string {
  return SERIES_LABELS[name] ?? visible(name);
}

/** A chart whose days are the first of a month or quarter, with the months and quarters they stand for. */
export function inBuckets(chart: AnswerChart, granularity: string | undefined): AnswerChart {
  return { ...chart, x: chart.x.map((label) => bucketOf(label, granularity)) };
}

/** Whether the bars lie: they do over names, of which a row of upright ones could show only the beginnings. */
export function isSideways({ kind, x }: AnswerChart): boolean {
  return kind !== 'line' && !x.every((label) => /^\d{4}(-\d{2}){0,2}$|^\d{4}-Q\d$/.test(label));
}

/** Pixels a chart is tall: as many as its lying bars need, else a fixed share. */
export function chartHeight(chart: AnswerChart): number {
  if (!isSideways(chart)) return 260;
  const bars = chart.kind === 'bar' ? chart.x.length * chart.series.length : chart.x.length;
  return Math.min(640, 56 + bars * 22 + (chart.series.length > 1 ? 36 : 0));
}

function seriesOption(chart: AnswerChart, { name, values }: AnswerChart['series'][number], colors: ChartColors) {
  const before = name === 'previous' ? { itemStyle: { color: colors.before } } : {};
  const common = { name: seriesLabel(name), data: values, emphasis: { focus: 'series' as const }, ...before };
  if (chart.kind === 'line') {
    const showSymbol = chart.x.length * chart.series.length <= POINTS_MAX;
    return {
      ...common,
      type: 'line' as const,
      showSymbol,
      symbolSize: 5,
      lineStyle: { width: 2 },
      connectNulls: false,
    };
  }
  const stack = chart.kind === 'stacked-bar' ? { stack: 'all' } : {};
  return { ...common, ...stack, type: 'bar' as const, barMaxWidth: 24, barGap: '12%' };
}

/** An amount as an axis has room for it: `$1.2K`, `35%`. */
export function shortAmount(amount: number, unit: string | null): string {
  const short = { notation: 'compact', maximumFractionDigits: 1 } as const;
  if (unit === 'percent') return `${new Intl.NumberFormat('en-US', short).format(amount)}%`;
  const isMoney = unit !== null && /^[A-Z]{3}$/.test(unit) && unit !== 'XXX';
  return new Intl.NumberFormat('en-US', isMoney ? { ...short, style: 'currency', currency: unit } : short).format(
    amount,
  );
}

/** A value of a chart in full: `$1,234.50`. */
export function fullAmount(amount: number | null, unit: string | null): string {
  if (unit === 'percent') return formatCell(amount, 'percent', unit);
  return unit !== null && /^[A-Z]{3}$/.test(unit)
    ? formatCell(amount, 'money', unit)
    : formatCell(amount, 'quantity', unit);
}

/** What a screen reader says of the chart: what it shows, from where to where. */
export function chartSummary({ kind, title, x, series }: AnswerChart): string {
  const shape = kind === 'line' ? 'Line chart' : 'Bar chart';
  const range = x.length > 1 ? `, ${x.length} values from ${x[0]} to ${x.at(-1)}` : '';
  const names =
    series.length > 1 ? `, ${series.length} series: ${series.map(({ name }) => seriesLabel(name)).join(', ')}` : '';
  return `${shape}: ${title}${range}${names}. The same values stand in the table below it.`;
}
