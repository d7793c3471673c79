import { lazy, type ReactNode, Suspense, useMemo } from 'react';
import type { CellValue } from '../../../tools/tool.ts';
import { useMedia, useTheme } from '../browser.ts';
import {
  type AnswerChart as Chart,
  chartHeight,
  chartSummary,
  fullAmount,
  inBuckets,
  seriesLabel,
} from '../chart-options.ts';
import { dayText } from '../dates.ts';
import { Icon } from '../icons.tsx';
import { visible } from '../untrusted.ts';
import { Boundary } from './boundary.tsx';

const ChartCanvas = lazy(() => import('./chart-canvas.tsx'));

/** A chart, loaded when there is one to show, and the same values as a table for whoever cannot see it. */
export function AnswerChart({
  chart: given,
  granularity,
}: {
  chart: Chart;
  granularity: string | undefined;
}): ReactNode {
  const chart = useMemo(() => inBuckets(given, granularity), [given, granularity]);
  const theme = useTheme();
  const narrow = useMedia('(max-width: 40rem)');
  const height = chartHeight(chart);
  return (
    <figure className="rounded-xl border border-line bg-surface px-4 pt-3 pb-2">
      <figcaption className="mb-3 font-medium text-sm">
        <bdi>{visible(chart.title)}</bdi>
      </figcaption>
      <div aria-label={chartSummary(chart)} role="img" style={{ height }}>
        <Boundary fallback={<p className="text-soft text-sm">The chart could not be drawn; its values stand below.</p>}>
          <Suspense fallback={<div className="h-full animate-pulse rounded-lg bg-sunken" />}>
            <ChartCanvas chart={chart} narrow={narrow} theme={theme} />
          </Suspense>
        </Boundary>
      </div>
      <details className="group mt-1">
        <summary className="flex min-h-8 w-fit list-none items-center gap-1 rounded-lg pr-2 text-soft text-sm hover:text-ink [&::-webkit-details-marker]:hidden">
          <Icon className="size-4 transition-transform group-open:rotate-90" name="chevron" /> Chart as a table
        </summary>
        <ChartTable chart={chart} />
      </details>
    </figure>
  );
}

function ChartTable({ chart: { title, unit, x, series } }: { chart: Chart }): ReactNode {
  const rows: CellValue[][] = x.map((label, index) => [label, ...series.map(({ values }) => values[index] ?? null)]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse
    <section aria-label={`${title}, as a table`} className="max-h-80 overflow-auto" tabIndex={0}>
      <table className="w-full text-sm">
        <thead>
          <tr className="text-soft">
            <th className="py-1 pr-4 text-left font-medium" scope="col">
              <span className="sr-only">Of</span>
            </th>
            {series.map(({ name }) => (
              <th className="py-1 pl-4 text-right font-medium" key={name} scope="col">
                <bdi>{seriesLabel(name)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, ...values], index) => (
            <tr className="border-line border-t" key={String(index)}>
              <th className="py-1 pr-4 text-left font-normal" scope="row">
                <bdi>{visible(dayText(String(label)))}</bdi>
              </th>
              {values.map((value, at) => (
                <td className="py-1 pl-4 text-right tabular-nums" key={series[at]?.name}>
                  {fullAmount(value === null ? null : Number(value), unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
