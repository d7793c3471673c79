import { z } from 'zod';
import { encodeCursor } from '../db/queries/cursor.ts';
import { type Insight, listInsights } from '../db/queries/insights.ts';
import { answerCall, type Call } from './call.ts';
import { withCursor } from './paging.ts';
import { type Column, defineTool, type Table, type ToolResult } from './tool.ts';

const input = z.object({
  audience: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('For whom: "organisation", or a team by its name; by default everybody one may see.'),
  limit: z.number().int().min(1).max(100).default(10).describe('How many summaries.'),
  cursor: z.string().optional().describe('The nextCursor of the page before, to go on after it.'),
});

type Input = z.output<typeof input>;

const place = z.object({ periodStart: z.iso.date(), insightId: z.number().int() });

export const showInsightsTool = defineTool({
  name: 'show_insights',
  title: 'Weekly summaries',
  description: `Shows the written weekly summaries of the organisation and of each team: what moved, why, what was saved and what there is to decide. Use it for the weekly summary, digest, report or what happened last week in general; for a question about one thing use the tool for it.
Returns the table "insights" with title and text, the newest week first, and of the first one its facts (total, previous, change, percent_change, measured_savings, recommended_savings, ...) and its tables "drivers", "anomalies", "recommendations", "budgets".`,
  input,
  access: 'read',
  run: (context, given) =>
    withCursor(place, given.cursor, (after) =>
      answerCall(context, { tool: 'show_insights', input: given }, (call) => answer(call, given, after)),
    ),
});

async function answer(
  call: Call,
  { audience, limit }: Input,
  after: z.output<typeof place> | undefined,
): Promise<ToolResult> {
  const found = await listInsights(call.client, { audience, limit: limit + 1, after });
  const shown = found.slice(0, limit);
  const [first] = shown;
  if (first === undefined) return call.noData(await nothingFound(call, audience), []);
  const last = shown.at(-1) ?? first;
  const hasMore = found.length > limit;
  return call.ok(
    { facts: first.cells.facts, tables: [toTable(shown), ...first.cells.tables.map(toKnown)] },
    {
      period: { start: first.periodStart, end: first.periodEnd },
      costBasis: 'effective_cost',
      credits: 'excluded',
      rowCount: shown.length,
      truncated: hasMore,
      notes:
        shown.length > 1
          ? [`Facts and tables are those of the first: ${first.audience}, from ${first.periodStart}.`]
          : [],
      nextCursor: hasMore ? encodeCursor({ periodStart: last.periodStart, insightId: last.insightId }) : undefined,
    },
  );
}

async function nothingFound(call: Call, audience: string | undefined): Promise<string> {
  const [any] = await listInsights(call.client, { limit: 1 });
  if (any === undefined)
    return 'No summary was written yet that you may see. The job "write-insights" writes them on Wednesdays.';
  return `There is no summary for "${audience?.slice(0, 100)}"; the newest is for ${any.audience}.`;
}

const text = (name: string): Column => ({ name, kind: 'text', unit: null });
const date = (name: string): Column => ({ name, kind: 'date', unit: 'date' });

function toTable(shown: readonly Insight[]): Table {
  return {
    name: 'insights',
    title: 'Summaries, the newest first',
    columns: [
      { ...text('audience'), untrusted: true },
      date('period_start'),
      date('period_end'),
      { ...text('title'), untrusted: true },
      { ...text('text'), untrusted: true },
    ],
    rows: shown.map((one) => [one.audience, one.periodStart, one.periodEnd, one.title, one.text]),
  };
}

/** Text of a summary may come from people outside, such as names of resources. */
function toKnown({ columns, ...table }: Insight['cells']['tables'][number]): Table {
  return {
    ...table,
    columns: columns.map(({ untrusted, ...column }) => (untrusted ? { ...column, untrusted } : column)),
  };
}
