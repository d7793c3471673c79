import { CloudWatchClient, paginateListMetrics } from '@aws-sdk/client-cloudwatch';
import type { MeasuredResource } from '../../contract.ts';
import type { AwsPlace } from '../place.ts';
import { AGENT_RULES, type AgentRule, RULES } from './rules.ts';

/** A metric of a resource and how CloudWatch knows it. */
export interface Series {
  resourceId: string;
  metric: string;
  namespace: string;
  /** Metrics that are added up. */
  names: readonly string[];
  dimensions: Record<string, string>;
  /** From which instant (in milliseconds) silence means zero; null: it never does. */
  zeroFrom: number | null;
}

/** Returns all that can be asked about resources of one region. */
export async function seriesOf(place: AwsPlace, resources: readonly MeasuredResource[]): Promise<Series[]> {
  const always = resources.flatMap(byRules);
  const reported = await Promise.all(AGENT_RULES.map((rule) => byAgent(place, rule, resources)));
  // Two agents may report the same of one machine.
  const known = new Map([...always, ...reported.flat()].map((one) => [`${one.resourceId} ${one.metric}`, one]));
  return [...known.values()];
}

function byRules(resource: MeasuredResource): Series[] {
  return RULES.flatMap((rule) => {
    if (rule.resourceType !== resource.resourceType) return [];
    const dimensions = rule.dimensions(resource);
    if (dimensions === undefined) return [];
    const { metric, namespace, names } = rule;
    const zeroFrom = rule.silenceIsZero ? knownSince(resource) : null;
    return { resourceId: resource.resourceId, metric, namespace, names, dimensions, zeroFrom };
  });
}

/** When the resource was there for sure: before, silence says nothing. */
function knownSince({ configuration: { lastModified }, createdAt }: MeasuredResource): number | null {
  const instant = Date.parse(createdAt ?? (typeof lastModified === 'string' ? lastModified : ''));
  return Number.isNaN(instant) ? null : instant;
}

async function byAgent(place: AwsPlace, rule: AgentRule, resources: readonly MeasuredResource[]): Promise<Series[]> {
  const ids = new Map(
    resources.filter(({ resourceType }) => resourceType === rule.resourceType).map((one) => [ownName(one), one]),
  );
  if (ids.size === 0) return [];
  const found = new Map<string, Record<string, string>>();
  const filter = { Namespace: rule.namespace, MetricName: rule.name };
  for await (const { Metrics } of paginateListMetrics({ client: place.client(CloudWatchClient) }, filter)) {
    for (const { Dimensions } of Metrics ?? []) {
      const dimensions = Object.fromEntries((Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value]));
      const name = dimensions[rule.key];
      if (name === undefined || !ids.has(name)) continue;
      if (Object.entries(rule.where ?? {}).some(([key, value]) => dimensions[key] !== value)) continue;
      const known = found.get(name);
      // The same is often reported once more with fewer or more dimensions.
      if (known === undefined || Object.keys(dimensions).length < Object.keys(known).length)
        found.set(name, dimensions);
    }
  }
  return [...found].map(([name, dimensions]) => ({
    resourceId: ids.get(name)?.resourceId ?? '',
    metric: rule.metric,
    namespace: rule.namespace,
    names: [rule.name],
    dimensions,
    zeroFrom: null,
  }));
}

/** By what agents know a resource: an instance by its id, a function by its name. */
function ownName({ resourceType, resourceId, name }: MeasuredResource): string {
  return resourceType === 'lambda:function' ? (name ?? '') : resourceId;
}
