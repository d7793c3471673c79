import type pg from 'pg';
import { periodAround } from '../analytics/budgets/period.ts';
import { SETTINGS, statusOf } from '../analytics/budgets/status.ts';
import type { Actor } from '../db/audit/record.ts';
import { storeAlerts } from '../db/budgets/alerts.ts';
import { readBudgetFigures } from '../db/budgets/inputs.ts';
import { type Budget, listBudgets } from '../db/queries/budgets.ts';
import type { DateRange } from '../db/queries/dimensions.ts';
import { daysBefore, describeFreshness, type Freshness } from '../db/queries/freshness.ts';
import type { Job } from './job.ts';

const ACTOR: Actor = { actorId: null, actor: 'check-budgets', surface: 'job' };

/** For how long after its end a period is looked at: its last days settle, and come in, later. */
const AFTER_DAYS = 5;

/** Notes the thresholds that budgets crossed, each once a period. */
export const checkBudgetsJob: Job = {
  name: 'check-budgets',
  title: 'Notes which thresholds budgets crossed: by what was spent, by the forecast and by the pace.',
  schedule: '10 9 * * *',
  timeoutMs: 15 * 60_000,
  retries: 2,
  afterLoads: true,
  run: async ({ db, now, signal, transaction, log }) => {
    const freshness = await describeFreshness(db, signal);
    const crossed = await transaction((client) => checkBudgets(client, freshness, now));
    if (crossed > 0) log.info({ crossed }, 'budgets crossed thresholds');
    return { rows: crossed };
  },
};

/** Returns how many thresholds were crossed that were not before. */
export async function checkBudgets(client: pg.ClientBase, freshness: Freshness, now: Date): Promise<number> {
  const { dataThrough } = freshness;
  if (dataThrough === null) return 0;
  let crossed = 0;
  for (const budget of await listBudgets(client)) {
    for (const period of periodsToCheck(budget, dataThrough)) {
      crossed += await checkOne(client, budget, period, { freshness, dataThrough, now });
    }
  }
  return crossed;
}

/** The period that the bill reaches, and the one before while its last days are new; those in which the budget holds. */
export function periodsToCheck(
  { period, startDate, endDate }: Pick<Budget, 'period' | 'startDate' | 'endDate'>,
  dataThrough: string,
): DateRange[] {
  const current = periodAround(dataThrough, period);
  const before = periodAround(daysBefore(dataThrough, AFTER_DAYS), period);
  const periods = before.start === current.start ? [current] : [before, current];
  return periods.filter(({ start, end }) => end > startDate && (endDate === null || start < endDate));
}

async function checkOne(
  client: pg.ClientBase,
  budget: Budget,
  period: DateRange,
  { freshness, dataThrough, now }: { freshness: Freshness; dataThrough: string; now: Date },
): Promise<number> {
  const through = dataThrough < period.end ? dataThrough : daysBefore(period.end, 1);
  const bill = { freshness, scope: 'all' as const };
  const figures = await readBudgetFigures(client, budget, period, { dataThrough: through, bill, ...SETTINGS });
  const { limit } = figures;
  if (limit === null) return 0;
  const { crossings } = statusOf(figures);
  const alerts = crossings.map((crossing) => ({
    ...crossing,
    limitAmount: limit,
    inputs: { ...figures, version: SETTINGS.version },
  }));
  return (await storeAlerts(client, budget, period.start, alerts, { actor: ACTOR, now })).length;
}
