import { CloudWatchClient, paginateListMetrics } from '@aws-sdk/client-cloudwatch';
import type { MeasuredResource } from '../../contract.ts';
import type { AwsPlace } from '../place.ts';
import { AGENT_RULES, type AgentRule, type MetricPart, RULES } from './rules.ts';

/** A metric of a resource and how CloudWatch knows it. */
export interface Series {
  resourceId: string;
  metric: string;
  namespace: string;
  /** Added up. */
  parts: readonly MetricPart[];
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
    const parts = rule.parts(resource);
    if (parts.length === 0) return [];
    const { metric, namespace } = rule;
    const zeroFrom = rule.silenceIsZero ? knownSince(resource) : null;
    return { resourceId: resource.resourceId, metric, namespace, parts, zeroFrom };
  });
}

/** When the resource was there for sure: before, silence says nothing. */
function knownSince({ configuration: { lastModified }, createdAt }: MeasuredResource): number | null {
  const instant = Date.parse(createdAt ?? (typeof lastModified === 'string' ? lastModified : ''));
  return Number.isNaN(instant) ? null : instant;
}

async function byAgent(place: AwsPlace, rule: AgentRule, resources: readonly MeasuredResource[]): Promise<Series[]> {
  const named = new Map<string, MeasuredResource>();
  for (const resource of resources) {
    const names = rule.resourceType === resource.resourceType ? rule.names(resource) : undefined;
    if (names !== undefined) named.set(names.join('\n'), resource);
  }
  if (named.size === 0) return [];
  const found = new Map<MeasuredResource, Record<string, string>>();
  const filter = { Namespace: rule.namespace, MetricName: rule.name };
  for await (const { Metrics } of paginateListMetrics({ client: place.client(CloudWatchClient) }, filter)) {
    for (const { Dimensions } of Metrics ?? []) {
      const dimensions = Object.fromEntries((Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value]));
      const resource = named.get(rule.keys.map((key) => dimensions[key] ?? '').join('\n'));
      if (resource === undefined || !fits(rule, dimensions)) continue;
      const known = found.get(resource);
      // The same is often reported once more with fewer or more dimensions.
      if (known === undefined || Object.keys(dimensions).length < Object.keys(known).length)
        found.set(resource, dimensions);
    }
  }
  return [...found].map(([{ resourceId }, dimensions]) => ({
    ...{ resourceId, metric: rule.metric, namespace: rule.namespace },
    parts: [{ name: rule.name, dimensions }],
    zeroFrom: null,
  }));
}

function fits({ keys, alone, where = {} }: AgentRule, dimensions: Record<string, string>): boolean {
  if (alone && Object.keys(dimensions).length > keys.length) return false;
  return Object.entries(where).every(([key, value]) => dimensions[key] === value);
}
