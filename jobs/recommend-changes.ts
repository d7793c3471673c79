import type pg from 'pg';
import type { AnyCheck, AnyCommitmentCheck, Recommend, Verdict } from '../analytics/rightsizing/check.ts';
import { goingUse } from '../analytics/rightsizing/commitments.ts';
import { type Estimate, estimateOf, noSavings } from '../analytics/rightsizing/estimate.ts';
import type { BillWindow } from '../analytics/rightsizing/evidence.ts';
import { nextStep } from '../analytics/rightsizing/lives.ts';
import { checkOverrides } from '../analytics/rightsizing/overrides.ts';
import { CHECKS, COMMITMENT_CHECKS } from '../analytics/rightsizing/registry.ts';
import { settingsOf } from '../analytics/rightsizing/thresholds.ts';
import { CLOUDS } from '../clouds/registry.ts';
import type { Config } from '../config.ts';
import type { Actor } from '../db/audit/record.ts';
import type { Db } from '../db/client.ts';
import { hasPrices, storePrices } from '../db/prices.ts';
import { daysBefore, describeFreshness } from '../db/queries/freshness.ts';
import { mainCurrency, sumCharges } from '../db/recommendations/evidence.ts';
import {
  type AliveRecommendation,
  aliveRecommendations,
  type CheckRun,
  RECOMMENDATIONS_LOCK,
  storeCheckRuns,
  storeFindings,
  type Transition,
  takeTransitions,
} from '../db/recommendations/store.ts';
import { type About, type Judged, keyOf, toFindings } from './findings.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';
import { readCommitmentEvidence } from './read-commitments.ts';
import { type Case, planOf, readCases } from './read-evidence.ts';

/** Runs the checks over what is stored, and keeps what they find. */
export const recommendChangesJob: Job = {
  name: 'recommend-changes',
  title: 'Looks for what is unused, too large or of an older kind, and estimates what a change would save.',
  // After the inventories (every six hours) and the usage of the hour.
  schedule: '55 */6 * * *',
  timeoutMs: 60 * 60_000,
  retries: 2,
  afterLoads: true,
  run: (context) => recommendStored(context),
};

/** As the job. */
export async function recommendStored({
  config,
  db,
  now,
  signal,
  progress,
  transaction,
}: RunContext): Promise<RunOutcome> {
  await prepareChecks(db, config);
  const actor: Actor = { actorId: null, actor: 'recommend-changes', surface: 'job' };
  const options = { config, db, now, signal, actor, onProgress: (done: number) => progress({ done }) };
  const { findings } = await transaction((client) => recommendChanges(client, options));
  return { rows: findings };
}

/**
 * Makes what the checks rest on ready, before their transaction: the list prices that ship stand in until better ones are read, for
 * without any nothing could be said about sizes; and Postgres counts a table that was just filled, so that it joins it well.
 */
export async function prepareChecks(db: Db, config: Config): Promise<void> {
  if (!(await hasPrices(db))) {
    for (const cloud of CLOUDS) await storePrices(db, (await cloud.open(config)).shippedPrices());
  }
  await db.pool.query('ANALYZE resources, resource_changes');
}

export interface RecommendOptions {
  config: Pick<Config, 'PENNY_CHECK_SETTINGS' | 'PENNY_PROTECTED_TAGS'>;
  db: Db;
  now: Date;
  actor: Actor;
  signal?: AbortSignal;
  /** Only these checks; all by default. */
  checks?: readonly AnyCheck[];
  commitmentChecks?: readonly AnyCommitmentCheck[];
  onProgress?(done: number): void;
}

export interface RecommendResult {
  findings: number;
  found: number;
  closed: number;
  reopened: number;
}

/** The last days of a bill change when the provider completes it. */
const UNSETTLED_DAYS = 2;
const BILL_DAYS = 30;

/**
 * Runs the checks over one state of the stored data and stores what they find, all in the caller's transaction: new findings,
 * known ones updated in place, and those closed that do not hold any more. The same data again changes nothing but dates.
 * @throws PennyError `invalid_config` when overrides name unknown thresholds
 */
export async function recommendChanges(client: pg.ClientBase, options: RecommendOptions): Promise<RecommendResult> {
  const { config, db, now, actor, signal } = options;
  checkOverrides(config.PENNY_CHECK_SETTINGS ?? {});
  await client.query(
    'SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL jit = off',
  );
  await client.query('SELECT pg_advisory_xact_lock($1)', [RECOMMENDATIONS_LOCK]);
  const { dataFrom, dataThrough } = await describeFreshness(db, signal);
  if (dataFrom === null || dataThrough === null) return { findings: 0, found: 0, closed: 0, reopened: 0 };
  const bill = settledDays(dataFrom, dataThrough);
  await sumCharges(client, bill);
  const bench: Bench = { now, currency: await mainCurrency(client), judged: [], verdicts: new Map(), runs: new Map() };
  await judgeResources(client, bench, bill, options);
  await judgeCommitments(client, bench, bill, options);
  const alive = await aliveRecommendations(client, [...bench.runs.keys()]);
  const findings = toFindings(bench.judged, alive, { now, protectedTags: config.PENNY_PROTECTED_TAGS });
  const transitions = transitionsOf(alive, bench.verdicts, now);
  await takeTransitions(client, transitions, { actor, at: now });
  const found = await storeFindings(client, findings, { actor, at: now });
  await storeCheckRuns(client, [...bench.runs.values()], now);
  const counted = (state: Transition['to']): number => transitions.filter(({ to }) => to === state).length;
  return { findings: findings.length, found, closed: counted('closed'), reopened: counted('open') };
}

/** The last full days that are settled, at most thirty; a bill that began later has fewer. */
function settledDays(dataFrom: string, dataThrough: string): BillWindow {
  const end = daysBefore(dataThrough, UNSETTLED_DAYS - 1);
  const full = daysBefore(end, BILL_DAYS);
  const start = dataFrom > full && dataFrom < end ? dataFrom : full;
  return { start, end, days: Math.round((Date.parse(end) - Date.parse(start)) / 86_400_000) };
}

type Run = CheckRun & { missing: Record<string, number> };

/** What a run has come to so far. */
interface Bench {
  now: Date;
  /** Of what saves nothing by itself. */
  currency: string | null;
  judged: Judged[];
  verdicts: Map<string, Verdict>;
  runs: Map<string, Run>;
}

async function judgeResources(
  client: pg.ClientBase,
  bench: Bench,
  bill: BillWindow,
  { config, signal, onProgress, checks = CHECKS }: RecommendOptions,
): Promise<void> {
  const plans = planOf(checks, config.PENNY_CHECK_SETTINGS ?? {});
  for (const { check, settings } of plans) bench.runs.set(check.id, newRun(check, settings));
  let done = 0;
  for await (const cases of readCases(client, { plans, bill, now: bench.now })) {
    signal?.throwIfAborted();
    for (const one of cases) judgeResource(bench, one);
    done += new Set(cases.map(({ evidence }) => evidence.resource.resourceId)).size;
    onProgress?.(done);
  }
}

function judgeResource(bench: Bench, { plan, evidence }: Case): void {
  const { check, settings, needs } = plan;
  const { resourceId, subAccountId, serviceName, regionId, tags } = evidence.resource;
  const about: About = { subject: resourceId, resourceId, subAccountId, serviceName, regionId, tags };
  const windowDays = Math.max(0, ...(needs.metrics ?? []).map((need) => need.windowDays));
  const verdict = check.evaluate(evidence, settings as never, bench.now);
  keepVerdict(bench, verdict, { check, kind: 'usage', settings, about, windowDays, bill: evidence.bill });
}

async function judgeCommitments(
  client: pg.ClientBase,
  bench: Bench,
  bill: BillWindow,
  { config, commitmentChecks = COMMITMENT_CHECKS }: RecommendOptions,
): Promise<void> {
  if (commitmentChecks.length === 0) return;
  const found = bench.judged.map(({ about: { serviceName, regionId }, bill: { days }, verdict: { savings } }) => ({
    ...{ serviceName, regionId, days, savings },
  }));
  const evidence = await readCommitmentEvidence(client, bill, goingUse(found));
  for (const check of commitmentChecks) {
    const settings = settingsOf(check.id, config.PENNY_CHECK_SETTINGS ?? {});
    bench.runs.set(check.id, newRun(check, settings));
    for (const { verdict, ...place } of evidence.flatMap((one) => check.evaluate(one, settings as never, bench.now))) {
      const about = { ...place, resourceId: null, tags: {} };
      keepVerdict(bench, verdict, { check, kind: 'rate', settings, about, windowDays: 0, bill });
    }
  }
}

function newRun({ id, version }: AnyCheck | AnyCommitmentCheck, settings: object): Run {
  return { checkId: id, checkVersion: version, settings, recommended: 0, kept: 0, unknown: 0, missing: {} };
}

function keepVerdict(bench: Bench, verdict: Verdict, rest: Omit<Judged, 'verdict' | 'estimate'>): void {
  const estimate = verdict.verdict === 'recommend' ? estimated(verdict, rest.bill, bench.currency) : undefined;
  const final = verdict.verdict === 'recommend' && estimate === undefined ? NOTHING_SAVED : verdict;
  bench.verdicts.set(keyOf(rest.check.id, rest.about.subject), final);
  if (verdict.verdict === 'recommend' && estimate !== undefined) bench.judged.push({ ...rest, verdict, estimate });
  const run = bench.runs.get(rest.check.id);
  if (run === undefined) return;
  if (final.verdict === 'recommend') run.recommended++;
  if (final.verdict === 'keep') run.kept++;
  if (final.verdict !== 'unknown') return;
  run.unknown++;
  for (const what of final.missing) run.missing[what] = (run.missing[what] ?? 0) + 1;
}

function estimated({ savings }: Recommend, bill: BillWindow, currency: string | null): Estimate | undefined {
  if (savings.length > 0) return estimateOf(savings, bill);
  return currency === null ? undefined : noSavings(currency);
}

const NOTHING_SAVED: Verdict = { verdict: 'unknown', missing: ['charges on the bill that it would save'] };

function transitionsOf(
  alive: readonly AliveRecommendation[],
  verdicts: ReadonlyMap<string, Verdict>,
  now: Date,
): Transition[] {
  return alive.flatMap((one) => {
    const step = nextStep(one, verdicts.get(keyOf(one.checkId, one.subject)), now);
    return step === undefined ? [] : [{ recommendationId: one.recommendationId, ...step }];
  });
}
