import { z } from 'zod';
import { CHARGE_COLUMNS, type ChargeColumn } from '../../analytics/focus.ts';
import { type Engine, query } from './engine.ts';
import { KEY_COLUMNS, SUM_COLUMNS } from './lines.ts';
import { literal } from './sql.ts';

/** Daily rows of one billing account and calendar month, which lie in one partition. */
export interface StagedLeaf {
  billingAccountId: string;
  /** First day of the month, 'YYYY-MM-DD'. */
  month: string;
  periods: StagedPeriod[];
  /** What all rows say in columns in which they agree, as text; null where none says anything. */
  constants: Partial<Record<ChargeColumn, string | null>>;
}

/** A billing period within a leaf; nearly always the month itself. Instants in ISO 8601. */
export interface StagedPeriod {
  start: string;
  end: string;
  rows: number;
  lines: number;
}

const leafRow = z
  .object({
    account: z.string(),
    month: z.string(),
    start: z.string(),
    end: z.string(),
    first_end: z.string(),
    rows: z.coerce.number(),
    lines: z.coerce.number(),
  })
  .catchall(z.unknown());

/** Returns the leaves of a bill, by month and account. `empty` are the columns that are NULL on all rows. */
export async function leavesOf(engine: Engine, empty: readonly ChargeColumn[]): Promise<StagedLeaf[]> {
  const iso = (sql: string) => `strftime(${sql}, '%Y-%m-%dT%H:%M:%SZ')`;
  const said = Object.entries(await likelyConstants(engine, empty));
  const agreed = said.map(([column, value]) => `, ${agrees(column, value)} AS ${column}`).join('');
  const rows = await query(
    engine,
    `SELECT billing_account_id AS account, strftime(date_trunc('month', billing_period_start), '%Y-%m-%d') AS month,
       ${iso('billing_period_start')} AS start, ${iso('max(billing_period_end)')} AS "end", ${iso('min(billing_period_end)')} AS first_end,
       count(*) AS rows, sum(x_line_count) AS lines${agreed}
     FROM daily GROUP BY 1, 2, 3 ORDER BY month, account, start`,
    leafRow,
  );
  const leaves = new Map<string, StagedLeaf>();
  for (const { account, month, start, end, first_end: firstEnd, rows: count, lines, ...agreements } of rows) {
    const constants = {
      ...Object.fromEntries(said.filter(([column]) => agreements[column] === true)),
      billing_account_id: account,
      billing_period_start: start,
      ...(firstEnd === end ? { billing_period_end: end } : {}),
    };
    const key = `${month} ${account}`;
    const leaf = leaves.get(key);
    const period = { start, end, rows: count, lines };
    if (leaf === undefined) leaves.set(key, { billingAccountId: account, month, periods: [period], constants });
    else {
      leaf.periods.push(period);
      leaf.constants = shared(leaf.constants, constants);
    }
  }
  return [...leaves.values()];
}

function shared(first: StagedLeaf['constants'], second: StagedLeaf['constants']): StagedLeaf['constants'] {
  return Object.fromEntries(
    Object.entries(first).filter(([column, value]) => second[column as ChargeColumn] === value),
  );
}

const COLUMNS = [...KEY_COLUMNS, ...SUM_COLUMNS];
const SAMPLE_ROWS = 2048;
const OF_EACH_ROW = ['time', 'sum'];

/** What some rows agree in. Postgres takes no NUL, which is complained about where it is copied. */
async function likelyConstants(engine: Engine, empty: readonly ChargeColumn[]): Promise<StagedLeaf['constants']> {
  const columns = COLUMNS.filter((column) => !empty.includes(column));
  const measures = columns.map((column) => {
    const isNull = `count(${column}) = 0`;
    // Numbers are written in a form of their own.
    if (OF_EACH_ROW.includes(CHARGE_COLUMNS[column])) return `CASE WHEN ${isNull} THEN [NULL] END AS ${column}`;
    const isOne = `count(${column}) = count(*) AND min(${column}) = max(${column}) AND NOT contains(min(${column}), chr(0))`;
    return `CASE WHEN ${isNull} THEN [NULL] WHEN ${isOne} THEN [CAST(min(${column}) AS VARCHAR)] END AS ${column}`;
  });
  const [row = {}] = await query(
    engine,
    `SELECT ${measures.join(', ')} FROM (SELECT * FROM daily LIMIT ${SAMPLE_ROWS})`,
    z.record(z.string(), z.array(z.string().nullable()).nullable()),
  );
  const agreed = Object.entries(row).flatMap(([column, one]) => (one === null ? [] : [[column, one[0] ?? null]]));
  return Object.fromEntries(agreed);
}

function agrees(column: string, value: string | null): string {
  return value === null ? `count(${column}) = 0` : `count(*) FILTER (${column} = ${literal(value)}) = count(*)`;
}
