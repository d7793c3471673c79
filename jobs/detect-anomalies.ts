import { type Anomaly, DETECTOR_VERSION, unlikeliness } from '../analytics/detection/anomalies.ts';
import type { BundleCause, Cause } from '../analytics/detection/cause.ts';
import { COST_DETECTION_SETTINGS, type CostDetectionSettings } from '../analytics/detection/cost-settings.ts';
import { detectDrifts } from '../analytics/detection/drifts.ts';
import type { FoundIncident } from '../analytics/detection/grouping.ts';
import { detectIncidents } from '../analytics/detection/incidents.ts';
import { quietBecause, type Said, verdictsOf } from '../analytics/detection/quiet.ts';
import { readFeedback, type Said as StoredSaid } from '../db/anomalies/feedback.ts';
import { readCostSeries, type StoredCostSeries } from '../db/anomalies/series.ts';
import {
  type AnomalyToStore,
  readLastRun,
  readStored,
  type StoredAnomaly,
  storeAnomalies,
} from '../db/anomalies/store.ts';
import { recordAudit } from '../db/audit/record.ts';
import { describeFreshness, type Freshness } from '../db/queries/freshness.ts';
import { inTransaction } from '../db/transaction.ts';
import { explainAnomalies, type FoundCause, findCause } from './find-causes.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';

/** Finds what of the bill is unexpected, once its days are settled, and what it comes from. */
export const detectAnomaliesJob: Job = {
  name: 'detect-anomalies',
  title: 'Looks for unexpected cost in the settled days of the bill, and for its cause.',
  schedule: '30 7 * * *',
  timeoutMs: 60 * 60_000,
  retries: 2,
  afterLoads: true,
  run: detectAnomalies,
};

/** As people are told of drops too: they show outages, and what a clean-up was worth. */
export const ANOMALY_SETTINGS: CostDetectionSettings = { ...COST_DETECTION_SETTINGS, findDecreases: true };

/** Months of the bill that are looked at: two years, and one to begin with. */
const MONTHS = 25;
const DAY_MS = 86_400_000;
/** Two runs at once would both store. */
const LOCK = 727_011;

async function detectAnomalies(context: RunContext): Promise<RunOutcome> {
  const { db, log, progress, signal, transaction, now } = context;
  const freshness = await describeFreshness(db, signal);
  const days = daysToJudge(freshness, context.dueAt);
  if (days === undefined) return { rows: 0 };
  const said = await readFeedback(db.pool);
  const input = inputOf(freshness, said);
  const last = await readLastRun(db.pool);
  if (
    last !== undefined &&
    (last.judgedThrough > days.judgedThrough || last.input === `${days.judgedThrough}/${input}`)
  ) {
    log.info({ judgedThrough: last.judgedThrough }, 'nothing new to look for anomalies in');
    return { rows: 0 };
  }
  const stored = await readStored(db.pool);
  const members = membersOf(stored, said);
  const found = await findIncidents(context, days, freshness.billingPeriods !== null, (key) =>
    verdictsOf(members.bySeries.get(key) ?? []),
  );
  const before = new Map(stored.map((one) => [idOf(one), one]));
  let done = 0;
  const { anomalies, causes } = await explainAnomalies(found, knownLeads(stored), async (anomaly) => {
    signal.throwIfAborted();
    progress({ done: ++done, text: 'looking for causes' });
    const known = before.get(anomaly.id);
    if (known !== undefined && known.cause !== null && isUnchanged(known, anomaly)) return undefined;
    return findCause(db, anomaly, freshness, days.knownThrough, tagKeysOf(freshness));
  });
  const toStore = anomalies.map((anomaly) => asStored(anomaly, before.get(anomaly.id), causes.get(anomaly.id)));
  decideWhoIsAlerted(toStore, anomalies, said, members.byId);
  const run = await transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const settings = {
      ...ANOMALY_SETTINGS,
      judgedThrough: days.judgedThrough,
      input: `${days.judgedThrough}/${input}`,
    };
    const result = await storeAnomalies(client, toStore, {
      ...{ detector: 'cost', detectorVersion: DETECTOR_VERSION, settings, now },
    });
    await recordAudit(client, {
      ...{
        occurredAt: now,
        actorId: null,
        actor: detectAnomaliesJob.name,
        surface: 'job',
        event: 'anomalies.detected',
      },
      details: {
        ...result,
        judgedThrough: days.judgedThrough,
        bill: freshness.version,
        detectorVersion: DETECTOR_VERSION,
      },
    });
    return result;
  });
  log.info(run, 'looked for anomalies');
  return { rows: run.opened + run.updated + run.restated };
}

interface JudgedDays {
  /** First day read, first and last day of the data, last settled day, and the day before which things are known. */
  from: string;
  dataFrom: string;
  dataThrough: string;
  judgedThrough: string;
  knownThrough: string;
}

/** Of a due time: what the data reach, but not beyond the day before it. */
export function daysToJudge(
  { dataFrom, dataThrough }: Pick<Freshness, 'dataFrom' | 'dataThrough'>,
  dueAt: Date,
): JudgedDays | undefined {
  if (dataFrom === null || dataThrough === null) return undefined;
  const due = dueAt.toISOString().slice(0, 10);
  const through = dateAfter(due, -1) < dataThrough ? dateAfter(due, -1) : dataThrough;
  const oldest = new Date(Date.UTC(Number(through.slice(0, 4)), Number(through.slice(5, 7)) - MONTHS, 1));
  const from = oldest.toISOString().slice(0, 10);
  return {
    from: from > dataFrom ? from : dataFrom,
    dataFrom: from > dataFrom ? from : dataFrom,
    dataThrough: through,
    judgedThrough: dateAfter(through, -ANOMALY_SETTINGS.unsettledDays),
    knownThrough: dateAfter(due, 1),
  };
}

const dateAfter = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

/** What findings follow from besides the days: the bill, what was said, and how they are found. */
function inputOf({ version }: Freshness, said: readonly StoredSaid[]): string {
  return [version, said.map(({ feedbackId }) => feedbackId).join(), DETECTOR_VERSION].join('/');
}

async function findIncidents(
  { db, signal, progress }: RunContext,
  days: JudgedDays,
  rollups: boolean,
  verdicts: (seriesKey: string) => ReturnType<typeof verdictsOf>,
): Promise<FoundIncident[]> {
  const found: FoundIncident[] = [];
  let read = 0;
  await inTransaction(
    db,
    async (client) => {
      for await (const series of readCostSeries(client, { from: days.from, rollups })) {
        signal.throwIfAborted();
        found.push(...incidentsOf(series, days, verdicts(series.key)));
        read += 1;
        progress({ done: read, text: 'looking at daily cost' });
      }
    },
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; SET LOCAL statement_timeout = 0',
  );
  return found;
}

/** The incidents of one series: days that stand out, and slow rises. */
export function incidentsOf(
  { key, dimensions, currency, days }: StoredCostSeries,
  { dataFrom, dataThrough }: Pick<JudgedDays, 'dataFrom' | 'dataThrough'>,
  verdicts: ReturnType<typeof verdictsOf> = [],
): FoundIncident[] {
  const series = { days: days.filter(({ date }) => date <= dataThrough), dataFrom, dataThrough, verdicts };
  const incidents = detectIncidents(series, ANOMALY_SETTINGS);
  return [...incidents, ...detectDrifts(series, incidents, ANOMALY_SETTINGS)].map((incident) => ({
    ...{ seriesKey: key, dimensions, currency, incident },
  }));
}

const KIND_OF_INCIDENT = { cost: { up: 'increase', down: 'decrease' }, drift: 'drift', new: 'new' } as const;

/** The name of a stored anomaly in a run. */
function idOf({ seriesKey, kind, direction, startDate }: StoredAnomaly): string {
  const named = kind === 'cost' ? KIND_OF_INCIDENT.cost[direction] : kind;
  return `${seriesKey}@${named}@${startDate}`;
}

function knownLeads(stored: readonly StoredAnomaly[]): Map<string, string> {
  const byId = new Map(stored.map((one) => [one.anomalyId, one]));
  return new Map(
    stored
      .filter(({ kind, closedBecause }) => kind !== 'several' && closedBecause !== 'restated')
      .map((one) => {
        const lead = one.role === 'view' && one.parentId !== null ? byId.get(one.parentId) : one;
        return [idOf(one), idOf(lead ?? one)];
      }),
  );
}

/** What was said, by the series and by the stored anomaly it holds for: the same cost in other series, and the parts of a bundle, too. */
function membersOf(stored: readonly StoredAnomaly[], said: readonly StoredSaid[]) {
  const bySeries = new Map<string, Said[]>();
  const byId = new Map<string, Said[]>();
  const parents = new Map(stored.map((one) => [one.anomalyId, one]));
  const reaches = (one: StoredAnomaly, anomalyId: number): boolean => {
    const said = parents.get(anomalyId);
    const lead = said?.role === 'view' ? said.parentId : anomalyId;
    for (let at: StoredAnomaly | undefined = one; at !== undefined; ) {
      if (at.anomalyId === anomalyId || at.anomalyId === lead) return true;
      at = at.parentId === null ? undefined : parents.get(at.parentId);
    }
    return false;
  };
  for (const one of said) {
    if (one.anomalyId === null) continue;
    for (const member of stored.filter((each) => reaches(each, one.anomalyId as number))) {
      const own = { ...one, startDate: member.startDate };
      bySeries.set(member.seriesKey, [...(bySeries.get(member.seriesKey) ?? []), own]);
      byId.set(idOf(member), [...(byId.get(idOf(member)) ?? []), own]);
    }
  }
  return { bySeries, byId };
}

const isUnchanged = (before: StoredAnomaly, anomaly: Anomaly): boolean =>
  Number(before.impact) === Number(anomaly.impact) &&
  before.endDate === dateAfter(anomaly.endDate, 1) &&
  before.role === anomaly.role;

/** Tags by which causes are told: those that the bill is summed by. */
const tagKeysOf = ({ allocationKeys }: Freshness): string[] => [...allocationKeys].sort();

function asStored(anomaly: Anomaly, before: StoredAnomaly | undefined, fresh: FoundCause | undefined): AnomalyToStore {
  const { id, parentId, role, kind, direction, seriesKey, currency, startDate, detectedDate } = anomaly;
  const { closedDate, closedBecause, cost, expectedCost, impact, days, peak } = anomaly;
  const kept = before !== undefined && fresh === undefined && role === 'lead' ? before.dimensions : {};
  return {
    ...{ id, parentId, role, kind, direction, seriesKey, currency, startDate, detectedDate, closedDate, closedBecause },
    dimensions: { ...kept, ...fresh?.dimensions, ...anomaly.dimensions },
    endDate: dateAfter(anomaly.endDate, 1),
    ...{ actual: cost, expected: expectedCost, impact, days, baseline: { ...peak } },
    score: unlikeliness(anomaly),
    cause: fresh?.cause ?? before?.cause ?? null,
    quietBecause: null,
  };
}

/** Sets why nobody is alerted, where somebody said so; a view is as quiet as its lead, and a bundle when all of its parts are. */
function decideWhoIsAlerted(
  toStore: readonly AnomalyToStore[],
  anomalies: readonly Anomaly[],
  said: readonly StoredSaid[],
  own: ReadonlyMap<string, Said[]>,
): void {
  const general = said.filter(
    ({ anomalyId, feedback }) => anomalyId === null || feedback === 'muted' || feedback === 'planned',
  );
  const byId = new Map(toStore.map((one) => [one.id, one]));
  for (const [index, one] of toStore.entries()) {
    const anomaly = anomalies[index] as Anomaly;
    if (one.role === 'view' || one.kind === 'several') continue;
    const cause = one.cause as Cause | null;
    const named = Object.fromEntries((cause?.named ?? []).map(({ dimension, value }) => [dimension, value]));
    one.quietBecause = quietBecause(
      {
        ...{ startDate: anomaly.startDate, endDate: anomaly.endDate, usageTypes: cause?.usageTypes ?? [] },
        dimensions: { ...named, ...one.dimensions },
        isWhole: Object.keys(anomaly.dimensions).length === 0,
        own: own.get(anomaly.id) ?? [],
      },
      general,
    );
  }
  for (const one of toStore) {
    if (one.role === 'view') one.quietBecause = byId.get(one.parentId ?? '')?.quietBecause ?? null;
    if (one.kind !== 'several') continue;
    const parts = toStore.filter(({ parentId }) => parentId === one.id);
    one.quietBecause = parts.every(({ quietBecause }) => quietBecause !== null)
      ? (parts[0]?.quietBecause ?? null)
      : null;
    one.cause = { parts: parts.map(({ dimensions, impact }) => ({ dimensions, impact })) } satisfies BundleCause;
  }
}
