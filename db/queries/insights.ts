import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { z } from 'zod';
import { runQuery } from './run.ts';

const value = z.union([z.string(), z.number(), z.null()]);
const kind = z.enum(['text', 'money', 'quantity', 'count', 'percent', 'date']);

/** The cells behind a summary. */
const cells = z.object({
  facts: z.record(z.string(), z.object({ value, kind, unit: z.string().nullable() })),
  tables: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      columns: z.array(
        z.object({ name: z.string(), kind, unit: z.string().nullable(), untrusted: z.boolean().optional() }),
      ),
      rows: z.array(z.array(value)),
    }),
  ),
});

export type InsightCells = z.output<typeof cells>;

/** A written summary. Days are YYYY-MM-DD, `[periodStart, periodEnd)`. */
export interface Insight {
  insightId: number;
  audience: string;
  periodStart: string;
  periodEnd: string;
  title: string;
  text: string;
  cells: InsightCells;
  createdAt: Date;
}

/** The place of a summary in the list: the newest week first, of it the one of everything. */
export interface InsightPlace {
  periodStart: string;
  insightId: number;
}

/** Returns summaries that the reader may see, of audiences whose name has `audience` in it, after `after`. */
export async function listInsights(
  client: pg.ClientBase,
  { audience, limit, after }: { audience?: string | undefined; limit: number; after?: InsightPlace | undefined },
): Promise<Insight[]> {
  const conditions = [
    ...(audience === undefined ? [] : [sql`position(lower(${audience}) IN lower(audience)) > 0`]),
    ...(after === undefined
      ? []
      : [
          sql`(period_start < ${after.periodStart}::date OR (period_start = ${after.periodStart}::date AND insight_id > ${after.insightId}))`,
        ]),
  ];
  const rows = await runQuery<Omit<Insight, 'cells'> & { answer: unknown } & pg.QueryResultRow>(
    client,
    sql`SELECT insight_id::int AS "insightId", audience, period_start AS "periodStart", period_end AS "periodEnd", title, text, answer, created_at AS "createdAt"
      FROM insights WHERE ${conditions.length === 0 ? sql`TRUE` : sql.join(conditions, sql` AND `)}
      ORDER BY period_start DESC, insight_id LIMIT ${limit}`,
  );
  return rows.map(({ answer, ...insight }) => ({ ...insight, cells: cells.parse(answer) }));
}
