import type pg from 'pg';
import type { AnyCheck, Recommend, Verdict } from '../analytics/rightsizing/check.ts';
import { alternatives } from '../analytics/rightsizing/deduplicate.ts';
import { type Estimate, estimateOf, noSavings } from '../analytics/rightsizing/estimate.ts';
import type { BillWindow, Evidence } from '../analytics/rightsizing/evidence.ts';
import { nextStep } from '../analytics/rightsizing/lives.ts';
import { checkOverrides } from '../analytics/rightsizing/overrides.ts';
import { CHECKS } from '../analytics/rightsizing/registry.ts';
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
  type Finding,
  RECOMMENDATIONS_LOCK,
  storeCheckRuns,
  storeFindings,
  type Transition,
  takeTransitions,
} from '../db/recommendations/store.ts';
import { isProtectedBy } from './apply-remediations.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';
import { type Case, type Plan, planOf, readCases } from './read-evidence.ts';

/** Runs the checks over what is stored, and keeps what they find. */
export const recommendChangesJob: Job = {
  name: 'recommend-changes',
  title: 'Looks for what is unused, too large or of an older kind, and estimates what a change would save.',
  // After the inventories (every six hours) and the usage of the hour.
  schedule: '55 */6 * * *',
  timeoutMs: 60 * 60_000,
  retries: 2,
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
  await ensurePrices(db, config);
  const actor: Actor = { actorId: null, actor: 'recommend-changes', surface: 'job' };
  const options = { config, db, now, signal, actor, onProgress: (done: number) => progress({ done }) };
  const { findings } = await transaction((client) => recommendChanges(client, options));
  return { rows: findings };
}

/** The list prices that ship stand in until better ones are read: without any, nothing could be said about sizes. */
export async function ensurePrices(db: Db, config: Config): Promise<void> {
  if (await hasPrices(db)) return;
  for (const cloud of CLOUDS) await storePrices(db, (await cloud.open(config)).shippedPrices());
}

export interface RecommendOptions {
  config: Pick<Config, 'PENNY_CHECK_SETTINGS' | 'PENNY_PROTECTED_TAGS'>;
  db: Db;
  now: Date;
  actor: Actor;
  signal?: AbortSignal;
  /** Only these checks; all by default. */
  checks?: readonly AnyCheck[];
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
  const { config, db, now, actor, signal, checks = CHECKS } = options;
  const overrides = config.PENNY_CHECK_SETTINGS ?? {};
  checkOverrides(overrides);
  await client.query('SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0');
  await client.query('SELECT pg_advisory_xact_lock($1)', [RECOMMENDATIONS_LOCK]);
  const { dataThrough } = await describeFreshness(db, signal);
  if (dataThrough === null) return { findings: 0, found: 0, closed: 0, reopened: 0 };
  const end = daysBefore(dataThrough, UNSETTLED_DAYS - 1);
  const bill = { start: daysBefore(end, BILL_DAYS), end };
  await sumCharges(client, bill);
  const currency = await mainCurrency(client);
  const plans = planOf(checks, overrides);
  const judged: Judged[] = [];
  const verdicts = new Map<string, Verdict>();
  const runs = new Map(plans.map((plan) => [plan.check.id as string, emptyRun(plan)]));
  let done = 0;
  for await (const cases of readCases(client, { plans, bill, now })) {
    signal?.throwIfAborted();
    for (const one of cases) judge(one, { now, currency, judged, verdicts, runs });
    done += new Set(cases.map(({ evidence }) => evidence.resource.resourceId)).size;
    options.onProgress?.(done);
  }
  const alive = await aliveRecommendations(client, [...runs.keys()]);
  const findings = toFindings(judged, alive, { now, protectedTags: config.PENNY_PROTECTED_TAGS });
  const transitions = transitionsOf(alive, verdicts, now);
  await takeTransitions(client, transitions, { actor, at: now });
  const found = await storeFindings(client, findings, { actor, at: now });
  await storeCheckRuns(client, [...runs.values()], now);
  return {
    findings: findings.length,
    found,
    closed: transitions.filter(({ to }) => to === 'closed').length,
    reopened: transitions.filter(({ to }) => to === 'open').length,
  };
}

/** A finding with what it rests on. */
interface Judged {
  plan: Plan;
  resource: Evidence['resource'];
  bill: BillWindow;
  verdict: Recommend;
  estimate: Estimate;
}

const keyOf = (checkId: string, subject: string): string => `${checkId}\n${subject}`;

function emptyRun({ check, settings }: Plan): CheckRun & { missing: Record<string, number> } {
  const { id, version } = check;
  return { checkId: id, checkVersion: version, settings, recommended: 0, kept: 0, unknown: 0, missing: {} };
}

interface Tally {
  now: Date;
  /** Of what saves nothing by itself. */
  currency: string | null;
  judged: Judged[];
  verdicts: Map<string, Verdict>;
  runs: Map<string, CheckRun & { missing: Record<string, number> }>;
}

function judge({ plan, evidence }: Case, { now, currency, judged, verdicts, runs }: Tally): void {
  const { check, settings } = plan;
  const { resource, bill } = evidence;
  const verdict = check.evaluate(evidence, settings as never, now);
  const estimate = verdict.verdict === 'recommend' ? estimated(verdict, bill, currency) : undefined;
  const final = verdict.verdict === 'recommend' && estimate === undefined ? NOTHING_SAVED : verdict;
  verdicts.set(keyOf(check.id, resource.resourceId), final);
  const run = runs.get(check.id);
  if (run === undefined) return;
  if (final.verdict === 'keep') run.kept++;
  if (final.verdict === 'unknown') {
    run.unknown++;
    for (const what of final.missing) run.missing[what] = (run.missing[what] ?? 0) + 1;
  }
  if (verdict.verdict === 'recommend' && estimate !== undefined) {
    run.recommended++;
    judged.push({ plan, resource, bill, verdict, estimate });
  }
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

function toFindings(
  judged: readonly Judged[],
  alive: readonly AliveRecommendation[],
  { now, protectedTags }: { now: Date; protectedTags: readonly string[] },
): Finding[] {
  const today = now.toISOString().slice(0, 10);
  const dismissed = new Set(
    alive
      .filter(
        ({ state, dismissedUntil }) => state === 'dismissed' && (dismissedUntil === null || dismissedUntil > today),
      )
      .map(({ checkId, subject }) => keyOf(checkId, subject)),
  );
  const given = alternatives(
    judged.map(({ plan, resource, verdict, estimate }) => {
      const key = keyOf(plan.check.id, resource.resourceId);
      const { currency, monthly, claims } = estimate;
      const { risk, effort } = verdict;
      return { key, currency, monthly, claims, risk, effort, isDismissed: dismissed.has(key) };
    }),
  );
  return judged.map((one) => {
    const winner = given.get(keyOf(one.plan.check.id, one.resource.resourceId))?.split('\n');
    const alternativeTo = winner === undefined ? null : { checkId: winner[0] ?? '', subject: winner[1] ?? '' };
    return toFinding(one, { now, protectedTags, alternativeTo });
  });
}

function toFinding(
  { plan, resource, bill, verdict, estimate }: Judged,
  {
    now,
    protectedTags,
    alternativeTo,
  }: Pick<Finding, 'alternativeTo'> & { now: Date; protectedTags: readonly string[] },
): Finding {
  const { check, settings, needs } = plan;
  const { action, title, measured, rule, notes, risk, effort } = verdict;
  const days = Math.max(0, ...(needs.metrics ?? []).map(({ windowDays }) => windowDays));
  const today = now.toISOString().slice(0, 10);
  const window = days > 0 ? { start: daysBefore(today, days), end: daysBefore(today, -1) } : bill;
  return {
    ...{ checkId: check.id, checkVersion: check.version, kind: 'usage', subject: resource.resourceId, title, action },
    resourceId: resource.resourceId,
    ...{ subAccountId: resource.subAccountId, serviceName: resource.serviceName, regionId: resource.regionId },
    evidence: { measured, rule, notes, bill, parts: estimate.parts },
    settings,
    ...{ windowStart: window.start, windowEnd: window.end },
    billingCurrency: estimate.currency,
    estimatedMonthlySavings: estimate.monthly,
    listMonthlySavings: estimate.listMonthly,
    coveredMonthlySavings: estimate.coveredMonthly,
    basis: basisOf(estimate, bill),
    ...{ risk, effort },
    owner: tagOf(resource.tags, OWNER_TAGS),
    environment: tagOf(resource.tags, ENVIRONMENT_TAGS),
    isProtected: isProtectedBy(protectedTags, resource.tags),
    alternativeTo,
  };
}

function basisOf({ parts, coveredMonthly }: Estimate, { start, end, days }: BillWindow): string {
  if (parts.length === 0) return 'It saves nothing by itself; the notes say what it is good for.';
  const prices = [...new Set(parts.flatMap((part) => part.prices.map(({ source, date }) => `${source} of ${date}`)))];
  return [
    `Charges of ${days} settled days, ${start} to ${daysBefore(end, 1)}, for a month of 730 hours: ${[...new Set(parts.map(({ why }) => why))].join('; ')}.`,
    ...(prices.length === 0 ? [] : [`Sizes are compared at list prices (${prices.join(', ')}).`]),
    ...(coveredMonthly === '0'
      ? []
      : ['A commitment pays for a part; that part is saved only when something else uses the commitment then.']),
  ].join(' ');
}

const OWNER_TAGS = ['owner', 'team'];
const ENVIRONMENT_TAGS = ['environment', 'env', 'stage'];

/** Returns the value of the first of these tags that is there, whatever the case of its key. */
function tagOf(tags: Readonly<Record<string, string>>, keys: readonly string[]): string | null {
  for (const key of keys) {
    const found = Object.entries(tags).find(([name, value]) => name.toLowerCase() === key && value.trim() !== '');
    if (found !== undefined) return found[1];
  }
  return null;
}
