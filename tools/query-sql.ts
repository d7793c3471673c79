import { z } from 'zod';
import { ASK_VIEWS } from '../db/access/views.ts';
import { runGuarded, type SqlResult, type SqlValue } from '../db/guard/execute.ts';
import { PennyError } from '../errors.ts';
import { answerCall, type Call, nothingLoaded } from './call.ts';
import { type CellValue, type Column, defineTool, type ToolResult } from './tool.ts';

const input = z.object({
  sql: z
    .string()
    .min(1)
    .describe(
      "One SELECT of Postgres over the views of schema ask, at most 4,000 characters. Name a period: charge_period_start >= date '2026-10-01'. Tags: tags ->> 'team'.",
    ),
});

type Input = z.output<typeof input>;

/** As many rows as a model can make something of; whoever needs more asks with "penny query". */
const MOST_ROWS = 200;

export const querySqlTool = defineTool({
  name: 'query_sql',
  title: 'SQL',
  description: `Runs one SELECT over the views ${ASK_VIEWS.map(({ name }) => name).join(', ')}, restricted to what the asking person may see. Use it for what the other tools cannot do: joins, distributions, ratios, conditions on quantities or usage. Prefer query_costs, explain_change and find_resources, whose numbers mean the same each time.
ask.costs has one row a day and charge: the FOCUS columns (charge_period_start, service_name, sub_account_id, region_id, resource_id, charge_category, effective_cost, billed_cost, list_cost, consumed_quantity, billing_currency, ...), tags (jsonb), x_usage_type, x_instance_type. Never add different currencies; leave charge_category = 'Credit' out of spend.
Returns the table "rows" as selected. An error says what to change.`,
  input,
  access: 'read',
  run: (context, given) => answerCall(context, { tool: 'query_sql', input: given }, (call) => answer(call, given)),
});

async function answer(call: Call, { sql }: Input): Promise<ToolResult> {
  const nothing = nothingLoaded(call);
  if (nothing) return nothing;
  const { db, principal, signal } = call.context;
  try {
    const result = await runGuarded(db, principal, sql, { signal, limits: { rows: MOST_ROWS } });
    if (result.relations.length === 0) return NOTHING_READ;
    return resultOf(call, sql, result);
  } catch (error) {
    if (!(error instanceof PennyError) || error.code === 'database_unavailable') throw error;
    return { status: 'error', code: error.code, message: error.message };
  }
}

const NOTHING_READ: ToolResult = {
  status: 'error',
  code: 'sql_refused',
  message:
    'The statement reads no view, so its values would be of your own making. Read from ask.costs or another view.',
};

function resultOf(call: Call, sql: string, result: SqlResult): ToolResult {
  const basis = COSTS.filter((cost) => new RegExp(`\\b${cost}\\b`, 'i').test(sql));
  const account = {
    sql,
    ...(basis.length === 0 ? {} : { costBasis: basis.join(', ') }),
    notes: notesOf(result),
    rowCount: result.rowCount,
    truncated: result.truncated,
  };
  if (result.rowCount === 0) return call.noData('The statement ran and returned no rows.', [], account);
  const columns = result.columns.map(columnOf);
  const rows = result.rows.map((row) => row.map(cellOf));
  const facts = { row_count: { value: result.rowCount, kind: 'count', unit: 'count' } as const };
  return call.ok({ facts, tables: [{ name: 'rows', title: 'Rows of the statement', columns, rows }] }, account);
}

const COSTS = ['effective_cost', 'billed_cost', 'contracted_cost', 'list_cost'];

function notesOf({ relations, truncated }: SqlResult): string[] {
  return [
    ...(truncated ? [`Only the first ${MOST_ROWS} rows are shown; sum or narrow down for the rest.`] : []),
    ...(relations.includes('costs')
      ? ['What is counted, credits included, is what the statement says; it was not checked against other answers.']
      : []),
  ];
}

/** What a number measures is known to the statement alone, so it carries no unit. Text may have been written by anybody. */
function columnOf({ name, type }: SqlResult['columns'][number]): Column {
  if (/^(smallint|integer|bigint)$/.test(type)) return { name, kind: 'count', unit: null };
  if (/^(numeric|real|double precision)$/.test(type)) return { name, kind: 'quantity', unit: null };
  if (type === 'date') return { name, kind: 'date', unit: null };
  return { name, kind: 'text', unit: null, untrusted: true };
}

function cellOf(value: SqlValue): CellValue {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  return JSON.stringify(value);
}
