import { z } from 'zod';
import { wholeCatalog } from '../db/queries/catalog.ts';
import { encodeCursor } from '../db/queries/cursor.ts';
import type { CostFilter } from '../db/queries/dimensions.ts';
import {
  type FoundResource,
  findResources,
  type ResourceOrder,
  type ResourcePlace,
  type ResourceRequest,
  type ResourceResult,
  resourceValues,
} from '../db/queries/resources.ts';
import { answerCall, type Call, type NotFound, nothingLoaded } from './call.ts';
import { count, money, perCurrency } from './cost-table.ts';
import { amountInput, periodInput } from './dimension-input.ts';
import { resolveFilters } from './filters.ts';
import { formatCell } from './format.ts';
import { knownValues, valuesNamed } from './known-values.ts';
import { nearest } from './nearest.ts';
import { withCursor } from './paging.ts';
import { choosePeriods, type Periods } from './periods.ts';
import { type CellValue, type Column, defineTool, type ToolResult } from './tool.ts';

const name = z.string().trim().min(1).max(300);

const input = z.object({
  text: name
    .optional()
    .describe(
      'A part of the id, ARN or name. Finds resources that are gone, too; without it only those of the period.',
    ),
  service: name.optional().describe('Service, by its name on the bill.'),
  type: name.optional().describe('A part of the kind, such as "instance", "volume" or "function".'),
  account: name.optional().describe('Account, by id or name.'),
  region: name.optional().describe('Region id such as "eu-west-1".'),
  tags: z
    .array(z.object({ key: name, value: name }))
    .max(20)
    .default([])
    .describe('Tags that all must be there; keys and values case aside.'),
  untagged: name.optional().describe('A tag key that must be missing.'),
  state: name.optional().describe('State in the cloud, such as "running", "stopped" or "available".'),
  period: periodInput.describe('The days whose cost is shown, as for query_costs. Default "last 30 days".'),
  minimumCost: amountInput.optional().describe('Only resources that cost at least this in the period.'),
  orderBy: z
    .enum(['cost', 'name', 'first_seen'])
    .default('cost')
    .describe('cost: the most expensive first; first_seen: the newest first.'),
  limit: z.number().int().min(1).max(500).default(20).describe('How many rows.'),
  cursor: z.string().optional().describe('The nextCursor of the page before, to go on after it.'),
});

type Input = z.output<typeof input>;

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

export const findResourcesTool = defineTool({
  name: 'find_resources',
  title: 'Resources',
  description: `Lists single resources (instances, volumes, buckets, functions, ...) with type, account, region, state, tags and what they cost in the period. Use it to find a resource by id or name, to list the most expensive, the newest, the untagged ones, or those in a state. For sums by service, account or tag use query_costs.
Returns the facts row_count, total, rest and the table "resources". Costs are effective_cost without credits; state is known only for resources in the inventory.`,
  input,
  access: 'read',
  run: (context, given) =>
    withCursor(cursorOf(given.orderBy), given.cursor, (cursor) =>
      answerCall(context, { tool: 'find_resources', input: given }, (call) => answer(call, given, cursor?.after)),
    ),
});

/** A cursor goes with its order: a cost is no place among names. */
function cursorOf(order: ResourceOrder) {
  const value = { cost: decimal, name: z.string(), first_seen: z.union([z.iso.date(), z.literal('-infinity')]) }[order];
  return z.object({
    order: z.literal(order),
    after: z.array(z.object({ currency: z.string(), value, resourceId: z.string() })),
  });
}

async function answer(call: Call, given: Input, after: ResourcePlace[] | undefined): Promise<ToolResult> {
  const nothing = nothingLoaded(call);
  if (nothing) return nothing;
  const periods = choosePeriods(given, call.context, call.freshness);
  const named = await resolveFilters(call, namesOf(given));
  if (named.notFound) return call.notFound(named.notFound);
  const request = { ...toRequest(call, given, periods, named.filters), ...(after ? { after } : {}) };
  const result = await findResources(call.client, request, call.freshness);
  if (result.resources.length > 0) return shown(call, request, result, periods);
  const missing = after === undefined ? await missingName(call, given) : undefined;
  if (missing) return call.notFound(missing, { sql: result.sql, period: request.period });
  return shown(call, request, { ...result, totals: [zero(call)] }, periods);
}

/** Names that stand on the bill are looked up as those of query_costs are. */
function namesOf({ service, account, region }: Input): CostFilter[] {
  const named = (column: 'service_name' | 'sub_account_id' | 'region_id', value: string | undefined): CostFilter[] =>
    value === undefined ? [] : [{ dimension: { kind: 'column', column }, operator: 'in', values: [value] }];
  return [...named('service_name', service), ...named('sub_account_id', account), ...named('region_id', region)];
}

function toRequest(call: Call, given: Input, { current }: Periods, filters: readonly CostFilter[]): ResourceRequest {
  const valuesOf = (column: string): readonly string[] | undefined =>
    filters.find(({ dimension }) => dimension.kind === 'column' && dimension.column === column)?.values;
  const optional = {
    text: given.text,
    serviceNames: valuesOf('service_name'),
    type: given.type,
    subAccountIds: valuesOf('sub_account_id'),
    regionIds: valuesOf('region_id'),
    untagged: given.untagged,
    state: given.state,
    minimumCost: given.minimumCost === undefined ? undefined : String(given.minimumCost),
  };
  return {
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    tags: given.tags,
    period: current.range,
    orderBy: given.orderBy,
    limit: given.limit,
    scope: call.context.principal.scope,
  };
}

/** Why nothing was found, when it is a name: an id, kind or state that no resource has. */
async function missingName(call: Call, { text, type, state, tags }: Input): Promise<NotFound | undefined> {
  if (text !== undefined) {
    const shown = `"${text.slice(0, 100)}"`;
    const hidden = await existsElsewhere(call, text);
    return {
      searched: `No resource has ${shown} in its id or name, under these conditions.`,
      suggestions: [],
      ...(hidden ? { hidden: `The resource ${shown}` } : {}),
    };
  }
  for (const { key, value } of tags) {
    const known = knownValues({ kind: 'tag', key: key.toLowerCase() }, call.catalog);
    if (known?.complete && valuesNamed(value, known).length === 0) return unknownTagValue(key, value, known.values);
  }
  for (const [column, value] of [['type', type] as const, ['state', state] as const]) {
    if (value === undefined) continue;
    const values = await resourceValues(call.client, column);
    if (values.some((one) => one.toLowerCase().includes(value.toLowerCase()))) continue;
    const near = nearest(value, values);
    const known = values.length === 0 ? ` No ${column} is known of any resource.` : '';
    return {
      searched: `No resource has the ${column} "${value.slice(0, 100)}".${known}`,
      suggestions: near.length > 0 ? near : values.slice(0, 5),
    };
  }
  return undefined;
}

/** Whether a resource of exactly this id or name exists that this person may not see. */
async function existsElsewhere({ context, client, catalog }: Call, text: string): Promise<boolean> {
  if (context.principal.scope === 'all' || (await catalog.findResources(text)).length > 0) return false;
  const whole = await wholeCatalog(context.db, client);
  return (await whole.findResources(text)).length > 0;
}

function unknownTagValue(key: string, value: string, values: readonly string[]): NotFound {
  const near = nearest(value, values);
  return {
    searched: `Nothing is tagged ${key.slice(0, 100)} = "${value.slice(0, 100)}".`,
    suggestions: (near.length > 0 ? near : values.slice(0, 5)).map((one) => one.slice(0, 80)),
  };
}

const zero = ({ freshness }: Call): ResourceResult['totals'][number] => ({
  currency: freshness.currencies[0] ?? 'XXX',
  count: 0,
  cost: '0',
  rest: '0',
});

function shown(call: Call, request: ResourceRequest, result: ResourceResult, periods: Periods): ToolResult {
  const { totals, resources } = result;
  const several = totals.length > 1;
  const unit = several ? null : (totals[0]?.currency ?? null);
  const facts = perCurrency(totals, (one) => ({
    total: money(one.cost, one.currency),
    rest: money(one.rest, one.currency),
  }));
  const matching = totals.reduce((sum, one) => sum + one.count, 0);
  return call.ok(
    {
      facts: { row_count: count(matching), ...facts },
      tables: [
        {
          name: 'resources',
          title: `Resources, cost of ${periods.current.label}`,
          columns: columns(unit, several),
          rows: resources.map((resource) => row(resource, several)),
        },
      ],
    },
    {
      sql: result.sql,
      period: request.period,
      costBasis: 'effective_cost',
      credits: 'excluded',
      notes: [...periods.notes, ...notesOn(request, result)],
      rowCount: resources.length,
      truncated: matching > resources.length,
      nextCursor: result.next && encodeCursor({ order: request.orderBy, after: result.next }),
    },
  );
}

function notesOn(request: ResourceRequest, { totals, resources }: ResourceResult): string[] {
  const cut = totals
    .filter((one) => one.count > request.limit)
    .map(
      (one) =>
        `${request.limit} of ${one.count} resources are shown; the others cost ${formatCell(one.rest, 'money', one.currency)}.`,
    );
  if (resources.length === 0) return ['No resource matches.'];
  const stateless = resources.every(({ state }) => state === null);
  return stateless ? [...cut, 'No state is known: these resources are on the bill, but not in an inventory.'] : cut;
}

const text = (column: string): Column => ({ name: column, kind: 'text', unit: null });
const date = (column: string): Column => ({ name: column, kind: 'date', unit: 'date' });

function columns(unit: string | null, several: boolean): Column[] {
  return [
    { ...text('resource_id'), untrusted: true },
    { ...text('name'), untrusted: true },
    text('type'),
    text('service_name'),
    text('account'),
    text('region_id'),
    text('state'),
    ...(several ? [text('billing_currency')] : []),
    { name: 'cost', kind: 'money', unit },
    { ...text('tags'), untrusted: true },
    date('first_seen'),
    date('last_seen'),
  ];
}

function row(resource: FoundResource, several: boolean): CellValue[] {
  return [
    resource.resourceId,
    resource.name,
    resource.type,
    resource.serviceName,
    resource.accountName ?? resource.accountId,
    resource.regionId,
    resource.state,
    ...(several ? [resource.currency] : []),
    resource.cost,
    compact(resource.tags),
    resource.firstSeen,
    resource.lastSeen,
  ];
}

const MOST_TAGS = 12;

/** 'env=prod, team=search', as many as fit a cell; null without any. */
function compact(tags: Record<string, string>): string | null {
  const entries = Object.entries(tags).filter(([key]) => !key.startsWith('aws:'));
  if (entries.length === 0) return null;
  const shownTags = entries.slice(0, MOST_TAGS).map(([key, value]) => `${key}=${value}`.slice(0, 120));
  const more = entries.length > MOST_TAGS ? [`and ${entries.length - MOST_TAGS} more`] : [];
  return [...shownTags, ...more].join(', ');
}
