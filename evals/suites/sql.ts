/**
 * Pieces of the independent queries: they read the line table `billing` alone, never a rollup, and share no code with the
 * tools. Days are half open; `$1` is the day after the last day of data, which in the demo estate is today.
 */
export const today = '$1::date';
export const thisMonth = "date_trunc('month', $1::date)";

/** The first day of the month `back` months before the present one. */
export const month = (back: number): string => `${thisMonth} - interval '${back} months'`;

export interface Lines {
  from: string;
  to: string;
  /** SQL conditions, joined by AND. */
  where?: string[];
  credits?: boolean;
}

/** FROM and WHERE over the lines of a period, with their tags (keys and values in lower case) as `tags`. */
export function lines({ from, to, where = [], credits = false }: Lines): string {
  const conditions = [
    `charge_period_start >= ${from}`,
    `charge_period_start < ${to}`,
    ...(credits ? [] : ["charge_category <> 'Credit'"]),
    ...where,
  ];
  return `FROM billing LEFT JOIN LATERAL (
  SELECT jsonb_object_agg(lower(key), lower(value)) AS tags
  FROM tag_sets, jsonb_each_text(tag_sets.tags) WHERE tag_sets.tag_set_id = billing.tag_set_id
) tagged ON true WHERE ${conditions.join(' AND ')}`;
}

export const total = (period: Lines, value = 'sum(effective_cost)'): string => `SELECT ${value} ${lines(period)}`;

/** One row a value of `by`, the largest cost first. */
export function grouped(
  period: Lines,
  by: string,
  options: { limit?: number; value?: string; order?: string } = {},
): string {
  const { limit, value = 'sum(effective_cost)', order = '2 DESC' } = options;
  return `SELECT ${by} AS label, ${value} AS cost ${lines(period)} GROUP BY 1 ORDER BY ${order}${limit ? ` LIMIT ${limit}` : ''}`;
}

/** One row a value of `by`: cost, cost in the period before, and the change; ordered by `order`. */
export function compared(
  now: Lines,
  before: Lines,
  by: string,
  options: { limit?: number; order: string; having?: string },
): string {
  return `SELECT * FROM (
  SELECT label, coalesce(a.cost, 0) AS cost, coalesce(b.cost, 0) AS previous, coalesce(a.cost, 0) - coalesce(b.cost, 0) AS change
  FROM (${grouped(now, by)}) a FULL JOIN (${grouped(before, by)}) b USING (label)
) both_periods WHERE ${options.having ?? 'true'} ORDER BY ${options.order}${options.limit ? ` LIMIT ${options.limit}` : ''}`;
}
