import { type Anomaly, type KnownLeads, toAnomalies } from '../analytics/detection/anomalies.ts';
import { type Cause, causeDays, isSameCost, type Mover, soleAccount, toCause } from '../analytics/detection/cause.ts';
import { type FoundIncident, pairOf } from '../analytics/detection/grouping.ts';
import { readInventoryChanges, readMovers } from '../db/anomalies/movers.ts';
import type { Db } from '../db/client.ts';
import { type ChangeRequest, explainChange } from '../db/queries/changes.ts';
import { type CostFilter, parseDimension } from '../db/queries/dimensions.ts';
import type { Freshness } from '../db/queries/freshness.ts';
import { inTransaction } from '../db/transaction.ts';

/** A cause, and the account that has all of the anomaly's cost, if one has. */
export interface FoundCause {
  cause: Cause;
  movers: readonly Mover[];
  dimensions: Record<string, string>;
}

/** Inventories come days apart at worst: what changed is looked for so long before and after the beginning. */
const INVENTORY_DAYS = { before: 1, after: 8 };
const DAY_MS = 86_400_000;

/** Anomalies, and by their ids the causes that were found. */
export interface ExplainedAnomalies {
  anomalies: Anomaly[];
  causes: ReadonlyMap<string, FoundCause>;
}

/** Each time a view turns out to be another problem, that may lead others: so often at most. */
const MOST_ROUNDS = 4;

/**
 * Returns the anomalies that incidents come to, with the causes of their leads as far as `causeOf` finds them. Views of which the lead's cause
 * says that they are another problem are told by themselves.
 */
export async function explainAnomalies(
  found: readonly FoundIncident[],
  known: KnownLeads,
  causeOf: (anomaly: Anomaly) => Promise<FoundCause | undefined>,
): Promise<ExplainedAnomalies> {
  const causes = new Map<string, FoundCause>();
  const apart = new Set<string>();
  for (let round = 1; ; round++) {
    const anomalies = toAnomalies(found, known, apart);
    const before = apart.size;
    for (const lead of anomalies) {
      if (lead.role === 'view' || lead.kind === 'several') continue;
      const cause = causes.get(lead.id) ?? (await causeOf(lead));
      if (cause === undefined) continue;
      causes.set(lead.id, cause);
      for (const view of anomalies) {
        if (view.role !== 'view' || view.parentId !== lead.id || known.has(view.id)) continue;
        if (!isSameCost(view, lead, cause.movers)) apart.add(pairOf(view.id, lead.id));
      }
    }
    if (apart.size === before || round === MOST_ROUNDS) return { anomalies, causes };
  }
}

/**
 * Finds what an anomaly comes from: its days against the same weekdays before, by every dimension down to resources, split into price, use
 * and the rest as `explain_change` does, with what the inventory saw. `knownThrough` is the last day whose inventory counts.
 */
export function findCause(
  db: Db,
  anomaly: Anomaly,
  freshness: Freshness,
  knownThrough: string,
  tagKeys: readonly string[],
): Promise<FoundCause> {
  const { period, comparedTo } = causeDays(anomaly);
  const filters = filtersOf(anomaly);
  return inTransaction(
    db,
    async (client) => {
      const movers = await readMovers(client, { filters, period, comparedTo, tagKeys }, freshness);
      const request: ChangeRequest = {
        metric: 'effective_cost',
        ...{ period, comparedTo, filters, limit: 1, includeCredits: false },
        scope: 'all',
        dimension: { kind: 'column', column: 'billing_currency' },
      };
      const { totals } = await explainChange(client, request, freshness);
      const total = totals[0] ?? { total: '0', totalPrevious: '0', change: '0', components: {} };
      const first = (dimension: string) => movers.find((mover) => mover.dimension === dimension);
      const about = (dimension: string): string | undefined =>
        anomaly.dimensions[dimension] ?? (Number(first(dimension)?.share) >= 60 ? first(dimension)?.value : undefined);
      const inventory = await readInventoryChanges(client, {
        resourceIds: movers.filter(({ dimension }) => dimension === 'resource_id').map(({ value }) => value),
        ...{ subAccountId: about('sub_account_id'), serviceName: about('service_name'), regionId: about('region_id') },
        within: inventoryDays(anomaly, knownThrough),
      });
      const evidence = {
        ...{ period, comparedTo, movers, inventory, newResources: inventory.counts.first_billed },
        total: { cost: total.total, previous: total.totalPrevious, change: total.change },
        components: total.components,
      };
      return { cause: toCause(evidence), movers, dimensions: soleAccount(movers) };
    },
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off',
  );
}

function inventoryDays({ startDate }: Anomaly, knownThrough: string): { start: string; end: string } {
  const at = (days: number) => new Date(Date.parse(startDate) + days * DAY_MS).toISOString().slice(0, 10);
  const last = at(INVENTORY_DAYS.after);
  return { start: at(-INVENTORY_DAYS.before), end: last < knownThrough ? last : knownThrough };
}

/** The charges that an anomaly's series is summed from. */
export function filtersOf({ dimensions, currency }: Pick<Anomaly, 'dimensions' | 'currency'>): CostFilter[] {
  const given = { ...dimensions, billing_currency: currency };
  return [
    ...Object.entries(given).flatMap(([name, value]): CostFilter[] => {
      const dimension = parseDimension(name);
      return dimension === undefined ? [] : [{ dimension, operator: 'in', values: [value] }];
    }),
    { dimension: { kind: 'column', column: 'charge_category' }, operator: 'in', values: ['Usage', 'Purchase'] },
  ];
}
