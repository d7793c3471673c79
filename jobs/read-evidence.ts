import type pg from 'pg';
import type { AnyCheck, MetricNeed, Needs, RelationNeed } from '../analytics/rightsizing/check.ts';
import {
  type BillWindow,
  type Charge,
  type Evidence,
  type History,
  type MetricSummary,
  type PriceBook,
  priceBook,
  type RelatedEvidence,
  type ResourceChange,
} from '../analytics/rightsizing/evidence.ts';
import { summarize } from '../analytics/rightsizing/measured.ts';
import type { MeasuredHour } from '../analytics/rightsizing/measured-hours.ts';
import { type SettingsOverride, settingsOf } from '../analytics/rightsizing/thresholds.ts';
import {
  type ChargeRow,
  readChanges,
  readCharges,
  readPrices,
  readRelated,
  readSubjects,
  readUsage,
  type SubjectRow,
  usageEnd,
  watchedSince,
} from '../db/recommendations/evidence.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Measurements may come that much late before their lack counts against what was measured. */
const LATEST_USAGE_MS = 2 * DAY_MS;
/** Resources whose hours are in memory at once, with those of what they are related to. */
const BATCH = 200;

/** A check with what it runs with. */
export interface Plan {
  check: AnyCheck;
  settings: Readonly<Record<string, number | string>>;
  needs: Needs;
}

/** Evidence of one resource for one check. */
export interface Case {
  plan: Plan;
  evidence: Evidence;
}

/** Returns what each check runs with and needs. */
export function planOf(checks: readonly AnyCheck[], overrides: SettingsOverride): Plan[] {
  return checks.map((check) => {
    const settings = settingsOf(check.id, overrides);
    return { check, settings, needs: check.needs(settings as never) };
  });
}

/** What is the same for all batches. */
interface Common {
  client: pg.ClientBase;
  plans: readonly Plan[];
  bill: { start: string; end: string };
  usageTo: Date;
  watched: ReadonlyMap<string, string>;
  prices: ReadonlyMap<string, PriceBook>;
}

/**
 * Yields the evidence of every resource that a check looks at, a batch of resources at a time, so that memory does not grow with
 * the estate. `sumCharges` of the same bill window must have run in the transaction of `client`.
 */
export async function* readCases(
  client: pg.ClientBase,
  { plans, bill, now }: { plans: readonly Plan[]; bill: { start: string; end: string }; now: Date },
): AsyncGenerator<Case[]> {
  const last = await usageEnd(client, { from: new Date(now.getTime() - LATEST_USAGE_MS), to: now });
  const usageTo = last ?? new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  const [watched, prices] = [await watchedSince(client), await priceBooks(client)];
  const common: Common = { client, plans, bill, usageTo, watched, prices };
  const types = [...new Set(plans.flatMap(({ check }) => check.resourceTypes))];
  for (let after = ''; ; ) {
    const subjects = await readSubjects(client, { types, since: bill.start, after, limit: BATCH });
    if (subjects.length === 0) return;
    yield await casesOf(common, subjects);
    after = subjects.at(-1)?.resourceId ?? after;
  }
}

async function priceBooks(client: pg.ClientBase): Promise<ReadonlyMap<string, PriceBook>> {
  const byRegion = grouped(await readPrices(client), ({ regionId }) => regionId);
  return new Map([...byRegion].map(([region, prices]) => [region, priceBook(prices)]));
}

async function casesOf(common: Common, subjects: readonly SubjectRow[]): Promise<Case[]> {
  const { client, plans, usageTo } = common;
  const ids = subjects.map(({ resourceId }) => resourceId);
  const related = await relatedOf(common, subjects);
  const others = [...new Set([...related.values()].flatMap((rows) => rows.map(({ resourceId }) => resourceId)))];
  const charges = grouped(await readCharges(client, [...ids, ...others]), ({ resourceId }) => resourceId);
  const changes = grouped(await readChanges(client, ids), ({ resourceId }) => resourceId);
  const present = new Set(subjects.map(({ type }) => type));
  const concerned = plans.filter(({ check }) => check.resourceTypes.some((type) => present.has(type)));
  const own = await hoursOf(
    client,
    ids,
    concerned.flatMap(({ needs }) => needs.metrics ?? []),
    usageTo,
  );
  const theirs = await hoursOf(
    client,
    others,
    concerned.flatMap(({ needs }) => (needs.related ?? []).flatMap(({ metrics }) => metrics ?? [])),
    usageTo,
  );
  const summaryOf = summaries(usageTo);
  const metricsOf = (row: SubjectRow, needs: readonly MetricNeed[] = [], hours = own) =>
    Object.fromEntries(
      needs.flatMap((need) => {
        const summary = summaryOf(row, need, hours.get(row.resourceId)?.get(need.metric) ?? []);
        return summary === undefined ? [] : [[need.metric, summary]];
      }),
    );
  const evidenceOf = (row: SubjectRow, { needs }: Plan): Evidence => ({
    resource: factsOf(row),
    metrics: metricsOf(row, needs.metrics),
    charges: (charges.get(row.resourceId) ?? []).map(chargeOf),
    bill: billOf(row, common.bill),
    history: historyOf(row, changes.get(row.resourceId) ?? [], common.watched),
    related: Object.fromEntries(
      (needs.related ?? []).map((relation) => [
        relation.name,
        (related.get(relationKey(row.resourceId, relation)) ?? []).map(
          (other): RelatedEvidence => ({
            resource: factsOf(other),
            metrics: metricsOf(other, relation.metrics, theirs),
            charges: (charges.get(other.resourceId) ?? []).map(chargeOf),
          }),
        ),
      ]),
    ),
    prices: common.prices.get(row.regionId ?? '') ?? NO_PRICES,
  });
  return subjects.flatMap((row) =>
    concerned
      .filter(({ check }) => check.resourceTypes.includes(row.type))
      .map((plan) => ({ plan, evidence: evidenceOf(row, plan) })),
  );
}

const NO_PRICES = priceBook([]);

/** Relations that several checks have in common are read once. */
const relationKey = (id: string, { resourceType, on }: RelationNeed): string =>
  JSON.stringify([id, resourceType ?? null, on]);

async function relatedOf(
  { client, plans, bill }: Common,
  subjects: readonly SubjectRow[],
): Promise<Map<string, SubjectRow[]>> {
  const wanted = new Map<string, { relation: RelationNeed; ids: Set<string> }>();
  for (const { check, needs } of plans) {
    const ids = subjects.filter(({ type }) => check.resourceTypes.includes(type)).map(({ resourceId }) => resourceId);
    for (const relation of ids.length === 0 ? [] : (needs.related ?? [])) {
      const key = relationKey('', relation);
      const known = wanted.get(key) ?? { relation, ids: new Set() };
      for (const id of ids) known.ids.add(id);
      wanted.set(key, known);
    }
  }
  const found = new Map<string, SubjectRow[]>();
  for (const { relation, ids } of wanted.values()) {
    const rows = await readRelated(client, relation, { ids: [...ids], since: bill.start });
    for (const [id, several] of grouped(rows, ({ subjectId }) => subjectId)) {
      found.set(relationKey(id, relation), several);
    }
  }
  return found;
}

type Hours = Map<string, Map<string, readonly MeasuredHour[]>>;

async function hoursOf(
  client: pg.ClientBase,
  ids: readonly string[],
  needs: readonly MetricNeed[],
  to: Date,
): Promise<Hours> {
  const days = Math.max(0, ...needs.map(({ windowDays }) => windowDays));
  const metrics = [...new Set(needs.map(({ metric }) => metric))];
  if (ids.length === 0 || metrics.length === 0) return new Map();
  const rows = await readUsage(client, { ids, metrics, from: new Date(to.getTime() - days * DAY_MS), to });
  const hours: Hours = new Map();
  for (const { resourceId, metric, hours: measured } of rows) {
    const known = hours.get(resourceId) ?? new Map<string, readonly MeasuredHour[]>();
    hours.set(resourceId, known.set(metric, measured));
  }
  return hours;
}

/** Returns what sums up the hours of a metric within its window; what several checks ask for alike is summed up once. */
function summaries(to: Date) {
  const made = new Map<string, MetricSummary | undefined>();
  return (row: SubjectRow, need: MetricNeed, hours: readonly MeasuredHour[]): MetricSummary | undefined => {
    const { windowDays, byWeekHour = false } = need;
    const key = [row.resourceId, need.metric, windowDays, byWeekHour].join('\n');
    if (made.has(key)) return made.get(key);
    const from = to.getTime() - windowDays * DAY_MS;
    const start = new Date(from).toISOString();
    const born = Math.max(from, Date.parse(row.createdAt ?? start));
    const possibleHours = Math.max(0, Math.floor((to.getTime() - born) / HOUR_MS));
    const within = hours.filter(({ hour }) => hour >= start);
    const summary = summarize(within, { windowDays, possibleHours, byWeekHour });
    made.set(key, summary);
    return summary;
  };
}

const factsOf = ({ firstSeenDate, billingAccountId, ...facts }: SubjectRow): Evidence['resource'] => facts;

const chargeOf = ({ resourceId, ...charge }: ChargeRow): Charge => charge;

/** Days before the resource was first billed are no days on which it cost nothing. */
function billOf({ firstSeenDate }: SubjectRow, { start, end }: { start: string; end: string }): BillWindow {
  const first = firstSeenDate !== null && firstSeenDate > start ? firstSeenDate : start;
  const days = Math.round((Date.parse(end) - Date.parse(first)) / DAY_MS);
  return { start, end, days: Math.max(1, days) };
}

/** What was never seen to be made was there when inventories were first compared. */
function historyOf(
  { inventoriedAt, billingAccountId }: SubjectRow,
  changes: readonly (ResourceChange & { resourceId: string })[],
  watched: ReadonlyMap<string, string>,
): History {
  const made = changes.find(({ kind }) => kind === 'created')?.observedAt;
  return {
    observedSince: made ?? (inventoriedAt === null ? null : (watched.get(billingAccountId ?? '') ?? null)),
    changes: changes.map(({ resourceId, ...change }) => change),
  };
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [item]);
    else known.push(item);
  }
  return groups;
}
