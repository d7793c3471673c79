import type { PlannedCall, ResourcesInput } from './plan.ts';
import type { Slots } from './slots.ts';
import type { CallContext } from './time.ts';
import { subjectOf } from './wording.ts';

/** Kinds of resource with the service they belong to and how the inventory calls them. */
const KINDS: Record<string, { service: RegExp; type: string }> = {
  instance: { service: /elastic compute cloud|ec2/i, type: 'instance' },
  bucket: { service: /simple storage service|amazon s3/i, type: 'bucket' },
  database: { service: /relational database|amazon rds/i, type: 'db' },
  function: { service: /lambda/i, type: 'function' },
  volume: { service: /elastic compute cloud|elastic block|ec2/i, type: 'volume' },
  snapshot: { service: /elastic compute cloud|elastic block|ec2/i, type: 'snapshot' },
  'load balancer': { service: /load balancing/i, type: 'loadbalancer' },
  'nat gateway': { service: /elastic compute cloud|virtual private cloud|ec2/i, type: 'natgateway' },
  'ip address': { service: /elastic compute cloud|virtual private cloud|ec2/i, type: 'elastic-ip' },
};

/** Kinds that are a part of a service, and that its cost alone does not tell apart. */
export const PARTS = new Set(['volume', 'snapshot', 'nat gateway', 'ip address']);

/** The service a kind of resource belongs to, as this bill names it. */
export function serviceOf(kind: string, { catalog }: CallContext): string | null {
  return catalog.services.find((service) => KINDS[kind]?.service.test(service.name))?.name ?? null;
}

const LISTING = ['list', 'count', 'exists', 'untagged', 'new'];

/** Whether a list of things is wanted rather than an amount: 'which instances are stopped', 'untagged resources'. */
export function isAboutResources(slots: Slots): boolean {
  const named =
    slots.nouns.length > 0 ||
    slots.flags.has('resources') ||
    slots.groups.includes('resource_id') ||
    slots.filters.some((filter) => filter.dimension === 'resource_id');
  if (!named) return false;
  if (slots.state) return true;
  const money = ['cost', 'trend', 'average', 'share', 'drivers', 'total'].some((flag) => slots.flags.has(flag));
  if (money || slots.metric || slots.move || slots.unit || slots.comparison || slots.order) return false;
  if (slots.groups.some((group) => group !== 'resource_id')) return false;
  return (
    slots.flags.has('resources') ||
    LISTING.some((flag) => slots.flags.has(flag)) ||
    slots.filters.some((filter) => filter.operator === 'is null') ||
    slots.threshold?.kind === 'minimum' ||
    /^\W*(?:show|get|give|display|describe|details?|tell me about|what is|what's|who owns|who runs|where is)\b/i.test(
      slots.reading.text,
    )
  );
}

/** The call that lists resources. */
export function findResourcesCall(slots: Slots, context: CallContext): PlannedCall {
  const input: ResourcesInput = {};
  const [noun] = slots.nouns;
  const named = (dimension: string) =>
    slots.filters.find((filter) => filter.dimension === dimension && filter.operator === 'in')?.values[0];
  const service = named('service_name') ?? (noun ? serviceOf(noun.kind, context) : null);
  if (service) input.service = service;
  if (noun && KINDS[noun.kind]) input.type = KINDS[noun.kind]?.type ?? noun.kind;
  const account = named('sub_account_id');
  if (account) input.account = account;
  const region = named('region_id');
  if (region) input.region = region;
  const text = named('resource_id') ?? named('x_instance_type');
  if (text) input.text = text;
  const tags = slots.filters.filter((filter) => filter.dimension.startsWith('tag:') && filter.operator === 'in');
  if (tags.length > 0)
    input.tags = tags.map((filter) => ({ key: filter.dimension.slice(4), value: filter.values[0] ?? '' }));
  const missing = slots.filters.find((filter) => filter.dimension.startsWith('tag:') && filter.operator === 'is null');
  if (missing) input.untagged = missing.dimension.slice(4);
  if (slots.state) input.state = slots.state;
  if (slots.period?.period) input.period = slots.period.text;
  if (slots.threshold?.kind === 'minimum') input.minimumCost = slots.threshold.amount;
  input.orderBy = slots.flags.has('new') ? 'first_seen' : 'cost';
  if (slots.limit) input.limit = slots.limit;
  const shape = { subject: subjectOf(slots.filters), ...(slots.flags.has('count') ? { count: true } : {}) };
  return { tool: 'find_resources', input, shape };
}
