import type pg from 'pg';
import { reconcile, settledAt } from '../analytics/reconcile.ts';
import type { BillTotal } from '../clouds/contract.ts';
import { CLOUDS } from '../clouds/registry.ts';
import type { Config } from '../config.ts';
import {
  type ComparedMonth,
  compareMonths,
  type JudgedMonth,
  storeReconciliations,
} from '../db/billing/reconciliations.ts';
import { type BillReference, fetchedMonths, storeReferences } from '../db/billing/references.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';

/** Asks what months cost, where that is allowed, and compares every month that is stored with the answer or the invoice. */
export const reconcileBillJob: Job = {
  name: 'reconcile-bill',
  title: 'Compares each month of the bill with Cost Explorer or the invoice.',
  schedule: '20 7 * * *',
  timeoutMs: 30 * 60_000,
  retries: 2,
  afterLoads: true,
  run: (context) => reconcileAsked(context, (months, signal) => readTotalsOfClouds(context.config, months, signal)),
};

/** Returns what the clouds say these months cost; undefined when none of them may be asked. */
type ReadTotals = (months: readonly string[], signal: AbortSignal) => Promise<BillTotal[] | undefined>;

async function readTotalsOfClouds(config: Config, ...[months, signal]: Parameters<ReadTotals>): ReturnType<ReadTotals> {
  const opened = await Promise.all(CLOUDS.map((cloud) => cloud.open(config, signal)));
  const told = await Promise.all(opened.map((cloud) => cloud.readBillTotals(months)));
  const known = told.filter((totals) => totals !== undefined);
  return known.length === 0 ? undefined : known.flat();
}

/** As the job, with another way to ask. A cloud that does not answer leaves the comparison with what is known, and fails the run after it. */
export async function reconcileAsked(context: RunContext, readTotals: ReadTotals): Promise<RunOutcome> {
  const { config, now, transaction, log } = context;
  const asked = await askForTotals(context, readTotals).catch((error: unknown) => ({ error }));
  const judged = await transaction((client) => reconcileBill(client, config, now));
  const off = judged.filter(({ status }) => status === 'off').length;
  if (off > 0) log.warn({ off }, 'some months of the bill do not reconcile');
  if (asked !== undefined) throw asked.error;
  return { rows: judged.length };
}

async function askForTotals({ db, now, signal, transaction }: RunContext, readTotals: ReadTotals): Promise<undefined> {
  const months = monthsToAsk(await fetchedMonths(db.pool, 'cost_explorer'), now);
  const totals = months.length === 0 ? undefined : await readTotals(months, signal);
  if (totals === undefined) return;
  const references: BillReference[] = totals.map((total) => ({ source: 'cost_explorer', ...total }));
  const about = { source: 'cost_explorer' as const, months, accounts: 'all' as const, fetchedAt: now };
  await transaction((client) => storeReferences(client, references, about));
}

/** Cost Explorer keeps the current month and thirteen before it. */
const MONTHS_KEPT = 13;
/** What was asked for less than this ago is not asked again. */
const FRESH_MS = 20 * 3_600_000;

/** The months to ask about, the newest first: those not asked about since they became final, but for what was asked today. */
export function monthsToAsk(fetched: ReadonlyMap<string, Date>, now: Date): string[] {
  const months = Array.from({ length: MONTHS_KEPT + 1 }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 10),
  );
  return months.filter((month) => {
    const at = fetched.get(month);
    return at === undefined || (at < settledAt(month) && now.getTime() - at.getTime() > FRESH_MS);
  });
}

/** Two comparisons at once would both add their rows. */
const LOCK = 727_007;

/** Returns how each month stands against what others say it cost, and stores that in place of the comparison before. */
export async function reconcileBill(
  client: pg.ClientBase,
  {
    PENNY_RECONCILE_PERCENT: percent,
    PENNY_RECONCILE_AMOUNT: amount,
  }: Pick<Config, 'PENNY_RECONCILE_PERCENT' | 'PENNY_RECONCILE_AMOUNT'>,
  now: Date,
): Promise<JudgedMonth[]> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  const judged = (await compareMonths(client)).map((compared) => judge(compared, { percent, amount }, now));
  await storeReconciliations(client, judged, now);
  return judged;
}

function judge(compared: ComparedMonth, threshold: Parameters<typeof reconcile>[1], now: Date): JudgedMonth {
  const { stored, reference, isMonthLoaded, ...named } = compared;
  return { ...named, ...reconcile(compared, threshold, now) };
}
