import type { CostRequest, CostResult, CostRow } from '../db/queries/costs.ts';
import type { Chart } from './tool.ts';

const MOST_SERIES = 8;
const MOST_BARS = 20;
const FEWEST_POINTS = 3;

/**
 * The chart of a cost question where one says more than its table: a line over time, bars for what is ranked. Undefined
 * for fewer than three points and for several currencies, which share no axis.
 */
export function costChart(request: CostRequest, { totals, rows }: CostResult, title: string): Chart | undefined {
  const [currency] = totals;
  if (totals.length !== 1 || currency === undefined) return undefined;
  const chart = request.granularity === 'none' ? bars(request, rows) : overTime(request, rows);
  if (chart.x.length < FEWEST_POINTS) return undefined;
  return { title, unit: currency.currency, ...chart };
}

type Drawing = Pick<Chart, 'kind' | 'x' | 'series'>;

function bars(request: CostRequest, rows: CostRow[]): Drawing {
  const drawn = request.groupBy.length === 0 ? [] : rows.slice(0, MOST_BARS);
  return { kind: 'bar', x: drawn.map(labelOf), series: amounts(request, drawn) };
}

function overTime(request: CostRequest, rows: CostRow[]): Drawing {
  const steps = request.granularity === 'day' || request.granularity === 'week';
  if (request.groupBy.length === 0) {
    const inOrder = [...rows].sort((one, other) => ((one.bucket ?? '9') < (other.bucket ?? '9') ? -1 : 1));
    return { kind: steps ? 'line' : 'bar', x: inOrder.map(bucketOf), series: amounts(request, inOrder) };
  }
  const x = [...new Set(rows.flatMap(({ bucket }) => bucket ?? []))].sort();
  const names = [...new Set(rows.map(labelOf))].slice(0, MOST_SERIES);
  const series = names.map((name) => {
    const cells = new Map(rows.filter((row) => labelOf(row) === name).map((row) => [row.bucket, row.cost]));
    return { name, values: x.map((bucket) => drawn(cells.get(bucket) ?? null)) };
  });
  return { kind: steps ? 'line' : 'stacked-bar', x, series };
}

/** The period asked about, beside the one it is compared with. */
function amounts(request: CostRequest, rows: CostRow[]): Chart['series'] {
  const cost = { name: 'cost', values: rows.map((row) => drawn(row.cost)) };
  return request.comparedTo ? [{ name: 'previous', values: rows.map((row) => drawn(row.previous)) }, cost] : [cost];
}

/** A float is exact enough for a height on a screen; the table keeps the decimals. */
const drawn = (amount: string | null): number | null => (amount === null ? null : Number(amount));

const bucketOf = ({ bucket, previousBucket }: CostRow): string => bucket ?? previousBucket ?? '';

const labelOf = ({ groups, names }: CostRow): string =>
  groups.map((value, index) => names[index] ?? value ?? 'none').join(', ');
