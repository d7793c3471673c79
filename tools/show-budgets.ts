import { z } from 'zod';
import { periodAround } from '../analytics/budgets/period.ts';
import { type BudgetStatus, SETTINGS, statusOf } from '../analytics/budgets/status.ts';
import { type BudgetFigures, readBudgetFigures } from '../db/budgets/inputs.ts';
import { type Budget, type BudgetAlert, listBudgetAlerts, listBudgets } from '../db/queries/budgets.ts';
import { encodeCursor } from '../db/queries/cursor.ts';
import { readWhole } from '../db/queries/snapshot.ts';
import { emailsOf } from '../db/queries/users.ts';
import { answerCall, type Call, nothingLoaded } from './call.ts';
import { count, money, percent } from './cost-table.ts';
import { coversWords } from './covers.ts';
import { withCursor } from './paging.ts';
import { type Cell, type CellValue, type Column, defineTool, type Table, type ToolResult } from './tool.ts';

const input = z.object({
  name: z.string().trim().min(1).max(200).optional().describe('Only budgets with this in their name.'),
  limit: z.number().int().min(1).max(200).default(50).describe('How many rows.'),
  cursor: z.string().optional().describe('The nextCursor of the page before, to go on after it.'),
});

type Input = z.output<typeof input>;

const place = z.object({ name: z.string(), budgetId: z.number().int() });

export const showBudgetsTool = defineTool({
  name: 'show_budgets',
  title: 'Budgets',
  description: `Shows how budgets stand in their present month, quarter or year: what was spent, what remains, the forecast at the end of the period, the burn rate (100 percent lasts just to the end), when it is used up at that pace, who answers for it and which thresholds were crossed. Use it for budgets: over, under, left, on track, used up.
Returns facts budgets, over, at_risk, with a single budget also limit, spent, spent_percent, remaining, forecast, forecast_percent, burn_rate, and the table "budgets".`,
  input,
  access: 'read',
  run: (context, given) =>
    withCursor(place, given.cursor, (after) =>
      answerCall(context, { tool: 'show_budgets', input: given }, (call) => answer(call, given, after)),
    ),
});

/** A budget with how it stands. */
interface Standing {
  budget: Budget;
  figures: BudgetFigures;
  status: BudgetStatus;
  owner: string | null;
  crossed: string | null;
}

async function answer(
  call: Call,
  { name, limit }: Input,
  after: z.output<typeof place> | undefined,
): Promise<ToolResult> {
  const nothing = nothingLoaded(call);
  if (nothing) return nothing;
  const found = await listBudgets(call.client, { name }, { limit: limit + 1, after });
  if (found.length === 0) return call.noData(await nothingFound(call, name), []);
  const shown = found.slice(0, limit);
  const standings = await standingsOf(call, shown);
  const last = shown.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return call.ok(
    { facts: factsOf(standings), tables: [toTable(standings)] },
    {
      rowCount: shown.length,
      truncated: hasMore,
      costBasis: [...new Set(shown.map(({ metric }) => metric))].join(', '),
      credits: 'excluded',
      notes: notesOn(standings, call),
      nextCursor: hasMore ? encodeCursor({ name: last.name, budgetId: last.budgetId }) : undefined,
    },
  );
}

async function nothingFound(call: Call, name: string | undefined): Promise<string> {
  if (name === undefined)
    return 'There is no budget yet that you may see. An administrator adds one with "penny budgets add".';
  const others = (await listBudgets(call.client, {}, { limit: 5 })).map((budget) => budget.name);
  const hint = others.length === 0 ? '' : ` There are: ${others.join(', ')}.`;
  return `No budget has "${name.slice(0, 100)}" in its name.${hint}`;
}

async function standingsOf(call: Call, budgets: readonly Budget[]): Promise<Standing[]> {
  const { client, context, freshness } = call;
  const dataThrough = freshness.dataThrough ?? '';
  const ids = budgets.map(({ budgetId }) => budgetId);
  const people = budgets.map(({ ownerId, createdBy }) => ownerId ?? createdBy);
  const emails = await readWhole(context.db, client, (whole) => emailsOf(whole, people));
  const alerts = await listBudgetAlerts(client, { budgetIds: ids });
  const standings: Standing[] = [];
  for (const budget of budgets) {
    const period = periodAround(dataThrough, budget.period);
    const bill = { freshness, scope: context.principal.scope };
    const figures = await readBudgetFigures(client, budget, period, { dataThrough, bill, ...SETTINGS });
    const own = alerts.filter((alert) => alert.budgetId === budget.budgetId && alert.periodStart === period.start);
    const owner = emails.get(budget.ownerId ?? budget.createdBy) ?? null;
    standings.push({ budget, figures, status: statusOf(figures), owner, crossed: crossedWords(own) });
  }
  return standings;
}

/** The highest of each kind: the lower ones say nothing more. */
function crossedWords(alerts: readonly BudgetAlert[]): string | null {
  const kinds = [...new Set(alerts.map(({ kind }) => kind))];
  const words = kinds.map((kind) => {
    const highest = Math.max(
      ...alerts.filter((alert) => alert.kind === kind).map((alert) => Number(alert.thresholdPercent)),
    );
    return `${kind} ${highest}%`;
  });
  return words.length === 0 ? null : words.join(', ');
}

const reaches = (share: string | null): boolean => share !== null && Number(share) >= 100;

function factsOf(standings: readonly Standing[]): Record<string, Cell> {
  const over = standings.filter(({ status }) => reaches(status.spentPercent));
  const atRisk = standings.filter(
    ({ status }) => !reaches(status.spentPercent) && (reaches(status.forecastPercent) || status.usedUpOn !== null),
  );
  const [only] = standings;
  return {
    ...(standings.length === 1 && only !== undefined ? factsOfOne(only) : {}),
    budgets: count(standings.length),
    over: count(over.length),
    at_risk: count(atRisk.length),
  };
}

function factsOfOne({ budget, figures, status }: Standing): Record<string, Cell> {
  const { currency } = budget;
  return {
    limit: money(figures.limit, currency),
    spent: money(figures.spent, currency),
    spent_percent: percent(status.spentPercent),
    remaining: money(status.remaining, currency),
    forecast: money(status.forecast, currency),
    forecast_percent: percent(status.forecastPercent),
    burn_rate: percent(status.burnRatePercent),
  };
}

function notesOn(standings: readonly Standing[], { freshness }: Call): string[] {
  const notes: string[] = [];
  if (freshness.invoiceOpen) {
    notes.push(
      `The last two days of data, up to ${freshness.dataThrough}, are not settled: the bill may still change.`,
    );
  }
  if (standings.some(({ figures, status }) => figures.limit !== null && status.forecast === null)) {
    notes.push('Where the forecast is missing, nobody has forecast all days that are left of the period.');
  }
  if (standings.some(({ figures }) => figures.limit === null)) {
    notes.push('A budget that follows a forecast has no limit until there is a forecast of its whole period.');
  }
  return notes;
}

const text = (name: string): Column => ({ name, kind: 'text', unit: null });
const share = (name: string): Column => ({ name, kind: 'percent', unit: 'percent' });
const date = (name: string): Column => ({ name, kind: 'date', unit: 'date' });

function toTable(standings: readonly Standing[]): Table {
  const currencies = new Set(standings.map(({ budget }) => budget.currency));
  const several = currencies.size > 1;
  const amount = (name: string): Column => ({
    name,
    kind: 'money',
    unit: several ? null : ([...currencies][0] ?? null),
  });
  return {
    name: 'budgets',
    title: 'Budgets in their present period',
    columns: [
      { name: 'budget_id', kind: 'count', unit: null },
      { ...text('budget'), untrusted: true },
      { ...text('covers'), untrusted: true },
      text('period'),
      date('period_start'),
      ...(several ? [text('billing_currency')] : []),
      amount('limit'),
      amount('spent'),
      share('spent_percent'),
      amount('remaining'),
      amount('forecast'),
      share('forecast_percent'),
      share('burn_rate'),
      date('used_up_on'),
      text('crossed'),
      text('owner'),
    ],
    rows: standings.map(({ budget, figures, status, owner, crossed }): CellValue[] => [
      ...[budget.budgetId, budget.name, coversWords(budget.dimensions), budget.period, figures.period.start],
      ...(several ? [budget.currency] : []),
      ...[figures.limit, figures.spent, status.spentPercent, status.remaining, status.forecast, status.forecastPercent],
      ...[status.burnRatePercent, status.usedUpOn, crossed, owner],
    ]),
  };
}
