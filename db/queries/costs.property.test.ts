import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing.ts';
import { storeBill, type TestCharge } from './bill.fixture.ts';
import { type CostRequest, type CostResult, type Granularity, queryCosts } from './costs.ts';
import {
  type CostFilter,
  type DateRange,
  type Dimension,
  dimensionName,
  type Metric,
  parseDimension,
} from './dimensions.ts';
import { describeFreshness, type Freshness } from './freshness.ts';
import { readSnapshot } from './snapshot.ts';

/** Amounts as whole numbers of 10^-10, so that this computation is exact and shares nothing with the queries. */
const SCALE = 10;

const toUnits = (text: string): bigint => {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return (sign === '-' ? -1n : 1n) * BigInt(whole + part.padEnd(SCALE, '0'));
};

const toDecimal = (units: bigint, scale = SCALE): string => {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '');
  return units < 0n && text !== '0' ? `-${text}` : text;
};

/** 100 * part / |base| with six decimals, halves away from zero. */
const percent = (part: bigint, base: bigint): string | null => {
  if (base === 0n) return null;
  const size = base < 0n ? -base : base;
  const scaled = (part < 0n ? -part : part) * 10n ** 8n;
  const rounded = (2n * scaled + size) / (2n * size);
  return toDecimal(part < 0n ? -rounded : rounded, 6);
};

let seed = 20_260_301;
const random = (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};
const upTo = (count: number): number => Math.floor(random() * count);
const oneOf = <Item>(items: readonly Item[]): Item => items[upTo(items.length)] as Item;
const maybe = (share: number): boolean => random() < share;

const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

const FIRST = '2025-11-20';
const DAYS = 80;
const END = addDays(FIRST, DAYS);

const randomCharge = (): TestCharge => {
  const amount = toDecimal((BigInt(upTo(2 ** 31)) * 7n - 2_000_000_000n) * (maybe(0.5) ? 1n : 1000n));
  const tags = {
    ...(maybe(0.7) ? { [oneOf(['team', 'Team'])]: oneOf(['alpha', 'Alpha', 'beta', 'gamma']) } : {}),
    ...(maybe(0.5) ? { environment: oneOf(['prod', 'dev']) } : {}),
    ...(maybe(0.5) ? { project: oneOf(['x', 'y']) } : {}),
  };
  return {
    day: addDays(FIRST, upTo(DAYS)),
    cost: amount,
    billed_cost: toDecimal(BigInt(upTo(10 ** 9)) * 1003n),
    list_cost: maybe(0.8) ? toDecimal(BigInt(upTo(10 ** 9)) * 1009n) : null,
    sub_account_id: oneOf(['a1', 'a2', 'a3', null]),
    billing_account_id: oneOf(['p1', 'p2']),
    service_name: oneOf(['EC2', 'S3', 'RDS', 'Lambda', null]),
    service_category: oneOf(['Compute', 'Storage']),
    region_id: oneOf(['eu', 'us', null]),
    charge_category: oneOf(['Usage', 'Usage', 'Usage', 'Usage', 'Tax', 'Credit', 'Purchase', 'Adjustment']),
    pricing_category: oneOf(['Standard', 'Committed', null]),
    x_usage_type: oneOf(['u1', 'u2', null]),
    resource_id: oneOf(['r1', 'r2', 'r3', null]),
    billing_currency: maybe(0.85) ? 'USD' : 'EUR',
    x_line_count: 1 + upTo(5),
    tags,
  };
};

const charges = Array.from({ length: 900 }, randomCharge);

const DIMENSIONS = [
  'service_name',
  'service_category',
  'sub_account_id',
  'billing_account_id',
  'region_id',
  'charge_category',
  'pricing_category',
  'x_usage_type',
  'resource_id',
  'billing_currency',
  'tag:team',
  'tag:environment',
  'tag:project',
].map((name) => parseDimension(name) as Dimension);

function randomRange(): DateRange {
  const kind = upTo(3);
  if (kind === 0)
    return oneOf([
      { start: '2025-12-01', end: '2026-01-01' },
      { start: '2025-12-01', end: '2026-02-01' },
    ]);
  if (kind === 1) return { start: FIRST, end: END };
  const start = addDays(FIRST, upTo(DAYS - 1));
  const end = addDays(start, 1 + upTo(DAYS - 1));
  return end < END ? { start, end } : { start, end: END };
}

function randomFilter(): CostFilter {
  const dimension = oneOf(DIMENSIONS);
  const operator = oneOf(['in', 'not in', 'is null', 'is not null', 'contains'] as const);
  const seen = charges.map((charge) => valueIn(charge, dimension)).filter((value) => value !== null);
  const values = operator.startsWith('is') ? [] : Array.from({ length: 1 + upTo(2) }, () => oneOf(seen));
  return { dimension, operator, values: operator === 'contains' ? values.map((value) => value.slice(0, 2)) : values };
}

function randomRequest(): CostRequest {
  const granularity = oneOf<Granularity>(['none', 'none', 'day', 'week', 'month', 'quarter']);
  const groupBy = [...new Set(Array.from({ length: upTo(3) }, () => oneOf(DIMENSIONS)))];
  const comparedTo = maybe(0.6) ? randomRange() : undefined;
  const direction = comparedTo ? oneOf(['any', 'any', 'rising', 'falling'] as const) : 'any';
  return {
    metric: oneOf<Metric>(['effective_cost', 'effective_cost', 'billed_cost']),
    period: randomRange(),
    ...(comparedTo ? { comparedTo } : {}),
    groupBy,
    filters: Array.from({ length: upTo(3) }, randomFilter),
    granularity,
    rankBuckets: granularity !== 'none' && groupBy.length === 0 && maybe(0.5),
    rankBy: comparedTo ? oneOf(['amount', 'change'] as const) : 'amount',
    order: oneOf(['descending', 'ascending'] as const),
    direction,
    limit: 1 + upTo(6),
    ...(maybe(0.2) ? { minimum: '100' } : {}),
    includeCredits: maybe(0.3),
    scope: maybe(0.7)
      ? 'all'
      : {
          subAccountIds: maybe(0.7) ? [oneOf(['a1', 'a2'])] : [],
          tags: maybe(0.5) ? [{ key: oneOf(['Team', 'project']), value: oneOf(['ALPHA', 'beta', 'x']) }] : [],
        },
  };
}

/** The value of a charge; tag values fold to the spelling that sorts first. */
function valueIn(charge: TestCharge, dimension: Dimension): string | null {
  if (dimension.kind === 'column') return (charge[dimension.column] ?? null) as string | null;
  const value = tagOf(charge, dimension.key);
  return value?.toLowerCase() === 'alpha' ? 'Alpha' : value;
}

const tagOf = (charge: TestCharge, key: string): string | null =>
  Object.entries(charge.tags ?? {}).find(([name]) => name.toLowerCase() === key)?.[1] ?? null;

function passes(charge: TestCharge, { dimension, operator, values }: CostFilter): boolean {
  const value = valueIn(charge, dimension);
  const fold = (text: string): string => (dimension.kind === 'tag' ? text.toLowerCase() : text);
  const isIn = value !== null && values.some((one) => fold(one) === fold(value));
  if (operator === 'in') return isIn;
  if (operator === 'not in') return !isIn;
  if (operator === 'contains')
    return value !== null && values.some((one) => value.toLowerCase().includes(one.toLowerCase()));
  return (value === null) === (operator === 'is null');
}

function isVisible(charge: TestCharge, scope: CostRequest['scope']): boolean {
  if (scope === 'all') return true;
  const tagged = scope.tags.some(
    ({ key, value }) => tagOf(charge, key.toLowerCase())?.toLowerCase() === value.toLowerCase(),
  );
  return tagged || scope.subAccountIds.includes(charge.sub_account_id as string);
}

function bucketOf(day: string, granularity: Granularity): string {
  if (granularity === 'day') return day;
  if (granularity === 'week') return addDays(day, -((new Date(day).getUTCDay() + 6) % 7));
  if (granularity === 'month') return `${day.slice(0, 7)}-01`;
  const month = Math.floor((Number(day.slice(5, 7)) - 1) / 3) * 3 + 1;
  return `${day.slice(0, 4)}-${String(month).padStart(2, '0')}-01`;
}

function bucketsOf({ start, end }: DateRange, granularity: Granularity): string[] {
  const days: string[] = [];
  for (let day = start; day < end; day = addDays(day, 1)) days.push(day);
  return [...new Set(days.map((day) => bucketOf(day, granularity)))].sort();
}

interface Sum {
  cost: bigint;
  previous: bigint;
}

interface Group extends Sum {
  keys: (string | null)[];
  cells: Map<number, Sum>;
}

/** The answer, computed the slow way: one charge at a time. */
function compute(request: CostRequest) {
  const { metric, granularity, comparedTo, period } = request;
  const amountOf = (charge: TestCharge): bigint =>
    toUnits(String(metric === 'effective_cost' ? charge.cost : charge.billed_cost));
  const buckets = granularity === 'none' ? [] : bucketsOf(period, granularity);
  const before = granularity === 'none' || !comparedTo ? [] : bucketsOf(comparedTo, granularity);
  const matching = charges.filter(
    (charge) => isVisible(charge, request.scope) && request.filters.every((filter) => passes(charge, filter)),
  );
  const sides: { name: keyof Sum; range: DateRange; buckets: string[] }[] = [
    { name: 'cost', range: period, buckets },
    ...(comparedTo ? [{ name: 'previous' as const, range: comparedTo, buckets: before }] : []),
  ];
  const found = new Map<string, { groups: Map<string, Group>; credits: bigint; total: Sum }>();
  for (const { name, range, buckets: own } of sides) {
    for (const charge of matching.filter(({ day }) => day >= range.start && day < range.end)) {
      const currency = String(charge.billing_currency);
      const part = found.get(currency) ?? { groups: new Map(), credits: 0n, total: { cost: 0n, previous: 0n } };
      found.set(currency, part);
      const amount = amountOf(charge);
      if (charge.charge_category === 'Credit' && name === 'cost') part.credits += amount;
      if (charge.charge_category === 'Credit' && !request.includeCredits) continue;
      part.total[name] += amount;
      const position = own.indexOf(bucketOf(charge.day, granularity));
      const keys = request.rankBuckets
        ? [String(position)]
        : request.groupBy.map((dimension) => valueIn(charge, dimension));
      const group = part.groups.get(JSON.stringify(keys)) ?? { keys, cost: 0n, previous: 0n, cells: new Map() };
      part.groups.set(JSON.stringify(keys), group);
      group[name] += amount;
      const cell = group.cells.get(position) ?? { cost: 0n, previous: 0n };
      group.cells.set(position, cell);
      cell[name] += amount;
    }
  }
  const currencies = [...found.keys()].sort();
  return {
    totals: currencies.map((currency) => totalsOf(request, currency, found.get(currency))),
    rows: currencies.flatMap((currency) =>
      rowsOf(request, currency, shownOf(request, found.get(currency)), buckets, before),
    ),
  };
}

type Part = { groups: Map<string, Group>; credits: bigint; total: Sum } | undefined;

function rankedOf(request: CostRequest, part: Part): Group[] {
  const value = (group: Group): bigint => (request.rankBy === 'amount' ? group.cost : group.cost - group.previous);
  const ascending =
    (request.order === 'ascending') !== (request.direction === 'falling' && request.rankBy !== 'amount');
  const least = request.minimum === undefined ? undefined : toUnits(request.minimum);
  return [...(part?.groups.values() ?? [])]
    .filter(({ cost }) => least === undefined || cost >= least)
    .filter(
      ({ cost, previous }) =>
        request.direction === 'any' || (request.direction === 'rising' ? cost > previous : cost < previous),
    )
    .sort((one, other) => {
      const order = value(one) < value(other) ? -1 : value(one) > value(other) ? 1 : 0;
      return (ascending ? order : -order) || compareKeys(request, one.keys, other.keys);
    });
}

function compareKeys(request: CostRequest, one: (string | null)[], other: (string | null)[]): number {
  for (const [index, left] of one.entries()) {
    const right = other[index] ?? null;
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    return request.rankBuckets ? Number(left) - Number(right) : left < right ? -1 : 1;
  }
  return 0;
}

const shownOf = (request: CostRequest, part: Part): Group[] => rankedOf(request, part).slice(0, request.limit);

function totalsOf(request: CostRequest, currency: string, part: Part) {
  const { cost, previous } = part?.total ?? { cost: 0n, previous: 0n };
  const shown = shownOf(request, part).reduce((sum, group) => sum + group.cost, 0n);
  return {
    currency,
    total: toDecimal(cost),
    totalPrevious: toDecimal(previous),
    change: toDecimal(cost - previous),
    percentChange: percent(cost - previous, previous),
    credits: toDecimal(part?.credits ?? 0n),
    groups: rankedOf(request, part).length,
    rest: toDecimal(cost - shown),
    of: cost,
  };
}

function rowsOf(request: CostRequest, currency: string, shown: Group[], buckets: string[], before: string[]) {
  const compared = request.comparedTo !== undefined;
  const amounts = ({ cost, previous }: Sum, bucket: string | null, previousBucket: string | null) => {
    const now = request.granularity === 'none' || bucket !== null;
    const then = compared && (request.granularity === 'none' || previousBucket !== null);
    return {
      bucket,
      previousBucket,
      cost: now ? toDecimal(cost) : null,
      previous: then ? toDecimal(previous) : null,
      change: now && then ? toDecimal(cost - previous) : null,
      percentChange: now && then ? percent(cost - previous, previous) : null,
    };
  };
  return shown.flatMap((group) => {
    const groups = request.rankBuckets ? [] : group.keys;
    if (request.granularity === 'none') return [{ currency, groups, ...amounts(group, null, null) }];
    const positions = request.rankBuckets
      ? [Number(group.keys[0])]
      : Array.from({ length: Math.max(buckets.length, before.length) }, (_, index) => index);
    return positions.map((position) => ({
      currency,
      groups,
      ...amounts(
        group.cells.get(position) ?? { cost: 0n, previous: 0n },
        buckets[position] ?? null,
        before[position] ?? null,
      ),
    }));
  });
}

let database: TestDatabase;
let freshness: Freshness;

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, charges);
  freshness = await describeFreshness(database.db);
});

afterAll(() => database.close());

function ask(request: CostRequest): Promise<CostResult> {
  const person = { userId: 'u', scope: request.scope };
  return readSnapshot(database.db, person, undefined, (client) => queryCosts(client, request, freshness));
}

test('answers random questions over random charges as an exact count of one charge at a time does', async () => {
  const relations = new Set<string>();
  for (let round = 0; round < 250; round += 1) {
    const request = randomRequest();
    const expected = compute(request);
    const result = await ask(request);
    relations.add(result.relation);
    const about = JSON.stringify({ round, ...request, groupBy: request.groupBy.map(dimensionName) });
    const totals = result.totals.map(
      ({ averagePerDay: _, tax: __, lines: ___, unknownFor: ____, ...others }) => others,
    );
    expect(totals, about).toEqual(expected.totals.map(({ of: _, ...others }) => others));
    expect(
      result.rows.map(({ names: _, share: __, ...others }) => others),
      about,
    ).toEqual(expected.rows);
  }
  // The questions were varied enough to be answered from everywhere.
  expect(relations.size).toBeGreaterThanOrEqual(10);
});

test('days, weeks, months and quarters of a group add up to its total to the last digit', async () => {
  const base = {
    ...randomRequest(),
    groupBy: [parseDimension('service_name') as Dimension],
    filters: [],
    limit: 10,
    scope: 'all' as const,
  };
  const whole: CostRequest = {
    ...base,
    period: { start: FIRST, end: END },
    granularity: 'none',
    rankBuckets: false,
    direction: 'any',
  };
  const { comparedTo: _, minimum: __, ...request } = whole;
  const once = await ask(request);
  for (const granularity of ['day', 'week', 'month', 'quarter'] as const) {
    const split = await ask({ ...request, granularity });
    expect(split.totals).toEqual(once.totals);
    for (const { currency, groups, cost } of once.rows) {
      const own = split.rows.filter((row) => row.currency === currency && row.groups[0] === groups[0]);
      expect(toDecimal(own.reduce((sum, row) => sum + toUnits(row.cost ?? '0'), 0n))).toBe(cost);
    }
  }
});
