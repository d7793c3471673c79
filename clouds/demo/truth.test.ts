import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../config.ts';
import { type EstateUnderTest, estateUnderTest } from './testing.ts';
import type { Truth, WasteTruth } from './truth-shape.ts';

let estate: EstateUnderTest;
let truth: Truth;
beforeAll(async () => {
  estate = await estateUnderTest({ now: new Date('2026-11-24T08:00:00Z'), seed: 7, months: 14, scale: 1 });
  truth = JSON.parse(readFileSync(join(estate.folder, 'truth.json'), 'utf8')) as Truth;
});
afterAll(() => estate.close());

test('the totals are those of the lines, by the reference rule for amortized cost', async () => {
  const rows = await estate.rows<Record<'month' | 'unblended' | 'amortized' | 'list' | 'credits', string>>(
    `select strftime(bill_billing_period_start_date, '%Y-%m') as month,
       sum(line_item_unblended_cost::decimal(18,10))::varchar as unblended,
       sum(amortized) filter (line_item_line_item_type <> 'Credit')::varchar as amortized,
       sum(pricing_public_on_demand_cost::decimal(18,10)) filter (line_item_line_item_type <> 'SavingsPlanNegation')::varchar as list,
       sum(amortized) filter (line_item_line_item_type = 'Credit')::varchar as credits
     from lines group by 1 order by 1`,
  );
  const sums = truth.totals.map(({ month, unblended, amortized, list, credits }) => ({
    month,
    unblended,
    amortized,
    list,
    credits,
  }));
  expect(rows.map(({ month }) => month)).toEqual(sums.map(({ month }) => month));
  // The export holds binary floats, so the last of ten decimals may differ.
  for (const [index, row] of rows.entries()) {
    for (const column of ['unblended', 'amortized', 'list', 'credits'] as const) {
      expect(Number(row[column]), `${row.month} ${column}`).toBeCloseTo(Number(sums[index]?.[column]), 6);
    }
  }
});

test('a year of it looks like a company that grows', () => {
  const full = truth.totals.filter(({ month }) => month !== '2026-11').map(({ amortized }) => Number(amortized));
  expect(Math.min(...full)).toBeGreaterThan(180_000);
  expect(Math.max(...full)).toBeLessThan(265_000);
  expect((full.at(-1) ?? 0) / (full[0] ?? 1)).toBeGreaterThan(1.15);
  const lines = truth.totals.reduce((sum, month) => sum + month.lines, 0);
  expect(lines).toBeGreaterThan(400_000);
  expect(lines).toBeLessThan(800_000);
});

test('weekdays cost more than weekends, in every one of the last eight weeks', async () => {
  const weeks = await estate.rows<{ workday: number; weekend: number }>(
    `select avg(cost) filter (dayofweek(day) not in (0, 6)) as workday, avg(cost) filter (dayofweek(day) in (0, 6)) as weekend
     from (select day, sum(amortized)::double as cost from lines where line_item_line_item_type not in ('Credit', 'Tax', 'Fee') group by 1)
     where day >= date '2026-11-23' - 56 and day < date '2026-11-23' group by date_trunc('week', day)`,
  );
  expect(weeks).toHaveLength(8);
  for (const { workday, weekend } of weeks) expect(workday / weekend).toBeGreaterThan(1.05);
});

test('waste is between 25 and 30 percent of spend', () => {
  const spend = Number(truth.totals.find(({ month }) => month === truth.wasteMonth)?.amortized);
  const saving = truth.waste.reduce((sum, item) => sum + Number(item.expectedSaving), 0);
  expect(truth.wasteMonth).toBe('2026-10');
  expect(saving / spend).toBeGreaterThan(0.25);
  expect(saving / spend).toBeLessThan(0.3);
  expect(Number(truth.wasteTotal.expectedSaving)).toBeCloseTo(saving, 2);
});

test('each piece of waste is on the bill with the cost the truth names', async () => {
  const ids = [...new Set(truth.waste.flatMap(({ billedResourceIds }) => billedResourceIds))];
  const rows = await estate.rows<{ id: string; cost: number; list: number }>(
    `select line_item_resource_id as id, sum(amortized)::double as cost, sum(pricing_public_on_demand_cost) filter (line_item_line_item_type <> 'SavingsPlanNegation') as list
     from lines where strftime(day, '%Y-%m') = '${truth.wasteMonth}' and line_item_resource_id in (${ids.map((id) => `'${id}'`).join(', ')}) group by 1`,
  );
  const billed = new Map(rows.map((row) => [row.id, row]));
  for (const item of truth.waste) {
    const sum = item.billedResourceIds.reduce((total, id) => total + (billed.get(id)?.cost ?? 0), 0);
    // Checks on a part of a resource (its hours, not its storage) name less than the whole resource costs.
    expect(sum, item.resourceId).toBeGreaterThanOrEqual(Number(item.monthlyCost) - 0.01);
    if (WHOLE_RESOURCE.has(item.check)) expect(sum, item.resourceId).toBeCloseTo(Number(item.monthlyCost), 1);
    expect(Number(item.monthlyCost), item.resourceId).toBeGreaterThan(0);
    expect(Number(item.expectedSaving)).toBeLessThanOrEqual(Number(item.monthlyCost));
    expect(Number(item.expectedListSaving)).toBeGreaterThanOrEqual(Number(item.expectedSaving));
  }
});

const WHOLE_RESOURCE = new Set([
  'ec2-idle',
  'ec2-stopped',
  'ebs-unattached',
  'ebs-snapshot-old',
  'eip-unattached',
  'nat-idle',
  'elb-idle',
  'rds-idle',
  'ecs-oversized',
]);

test('the metrics of the last weeks show what is wasted', async () => {
  for (const [check, rule] of Object.entries(SHOWN_BY)) {
    const items = truth.waste.filter((item) => item.check === check);
    expect(items.length, check).toBeGreaterThan(0);
    const shown = await matching(rule);
    expect(
      items.filter(({ resourceId }) => !shown.has(resourceId)),
      check,
    ).toEqual([]);
  }
  const byMetric = truth.waste.filter(({ evidence }) => 'metrics' in evidence);
  expect(byMetric.filter(({ check }) => !(check in SHOWN_BY))).toEqual([]);
});

/** Conditions over the aggregates of a resource's metrics, by metric name; written from the checks' public definitions. */
const SHOWN_BY: Record<string, string> = {
  'ec2-idle': `max(max) filter (metric = 'cpu_utilization') < 5 and 288 * avg(avg) filter (metric = 'network_bytes') < 5e6`,
  'ec2-oversized': `quantile_cont(p95, 0.95) filter (metric = 'cpu_utilization') < 30 and max(max) filter (metric = 'memory_utilization') < 25`,
  'ebs-provisioned-iops': `max(max) filter (metric = 'volume_operations') / 300 < 3000`,
  'eks-nodegroup-underused': `max(max) filter (metric = 'cpu_utilization') < 25 and max(max) filter (metric = 'memory_utilization') < 25`,
  'ecs-oversized': `max(max) filter (metric = 'cpu_utilization') < 25 and max(max) filter (metric = 'memory_utilization') < 25`,
  'nat-idle': `max(max) filter (metric = 'active_connection_count') = 0 and max(max) filter (metric = 'bytes_in_from_source') = 0`,
  'elb-idle': `max(max) filter (metric in ('request_count', 'active_flow_count')) = 0 and max(max) filter (metric = 'healthy_host_count') = 0`,
  'rds-idle': `max(max) filter (metric = 'database_connections') = 0 and max(max) filter (metric = 'cpu_utilization') < 5`,
  'rds-oversized': `quantile_cont(p95, 0.95) filter (metric = 'cpu_utilization') < 30 and min(avg) filter (metric = 'freeable_memory_percent') > 60`,
  'lambda-memory': `max(max) filter (metric = 'max_memory_used_mb') < 1100 and sum(avg * sample_count) filter (metric = 'invocations') > 1000`,
  'lambda-unused': `sum(avg * sample_count) filter (metric = 'invocations') = 0 and count(*) filter (metric = 'invocations') > 900`,
};

test('what only looks like waste is told apart by its metrics', async () => {
  const idle = await matching(SHOWN_BY['ec2-idle'] ?? '');
  const planted = new Set(truth.waste.map(({ resourceId }) => resourceId));
  const instances = new Set(
    estate.made.estate.resources.filter(({ type }) => type === 'ec2:instance').map(({ id }) => id),
  );
  expect([...idle].filter((id) => instances.has(id) && !planted.has(id))).toEqual([]);
  const oversized = await matching(SHOWN_BY['ec2-oversized'] ?? '');
  expect(
    truth.decoys.filter(({ check, resourceId }) => check === 'ec2-oversized' && oversized.has(resourceId)),
  ).toEqual([]);
  expect(truth.decoys.filter(({ resourceId }) => planted.has(resourceId))).toEqual([]);
  expect(new Set(truth.decoys.map(({ check }) => check)).size).toBeGreaterThanOrEqual(4);
});

test('some resources report nothing, on purpose', async () => {
  const [found] = await estate.rows<{ rows: string }>(
    `select count(*)::varchar as rows from metrics where resource_id in (${truth.withoutUsage.map((id) => `'${id}'`).join(', ')})`,
  );
  expect(truth.withoutUsage.length).toBeGreaterThan(2);
  expect(found?.rows).toBe('0');
});

test("a function's calls in the metrics are the calls on its bill", async () => {
  const wrong = await estate.rows(`with counted as (
      select resource_id, hour::date as day, sum(avg * sample_count) as calls from metrics where metric = 'invocations' and resource_id like '%:lambda:%' group by all
    ),
    billed as (
      select line_item_resource_id as resource_id, day, sum(line_item_usage_amount) as calls from lines where line_item_usage_type like '%Request' group by all
    )
    select * from counted join billed using (resource_id, day) where abs(counted.calls / billed.calls - 1) > 0.03`);
  expect(wrong).toEqual([]);
});

test('five services rise clearly above the rest over sixty days', async () => {
  const rows = await estate.rows<{ service: string; change: number }>(
    `select product['product_name'] as service, (coalesce(sum(amortized) filter (day > date '2026-11-23' - 60), 0)
        - coalesce(sum(amortized) filter (day <= date '2026-11-23' - 60), 0))::double as change
     from lines where line_item_line_item_type <> 'Credit' and day > date '2026-11-23' - 120 group by 1 order by 2 desc`,
  );
  expect(rows.slice(0, 5).map(({ service }) => service)).toEqual([
    'Amazon Bedrock',
    'Amazon SageMaker',
    'Amazon Simple Storage Service',
    'Amazon Relational Database Service',
    'AmazonCloudWatch',
  ]);
  for (let rank = 0; rank < 5; rank++)
    expect((rows[rank]?.change ?? 0) / (rows[rank + 1]?.change ?? 1)).toBeGreaterThan(1.15);
  expect(truth.changes60Days.slice(0, 5).map(({ service }) => service)).toEqual(
    rows.slice(0, 5).map(({ service }) => service),
  );
  expect(Number(truth.changes60Days[0]?.change)).toBeCloseTo(rows[0]?.change ?? 0, 4);
});

test('the anomalies have several shapes, and each stands out of its own series', async () => {
  expect(new Set(truth.anomalies.map(({ shape }) => shape))).toEqual(
    new Set(['spike', 'level shift', 'slow drift', 'new service', 'new region', 'drop', 'data transfer burst']),
  );
  for (const { id, dimensions, from, to, actual, impact } of truth.anomalies) {
    const where = Object.entries(dimensions).map(([name, value]) => `${DIMENSIONS[name]} = '${value}'`);
    const [found] = await estate.rows<{ during: number; before: number | null }>(
      `select sum(amortized) filter (day >= '${from}' and day < '${to}')::double / (date '${to}' - date '${from}') as during,
         sum(amortized) filter (day < '${from}' and day >= date '${from}' - 14)::double / 14 as before
       from lines where line_item_line_item_type not in ('Credit', 'Tax') and ${where.join(' and ')}`,
    );
    const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
    const [during, before, change] = [found?.during ?? 0, found?.before ?? 0, Number(impact) / days];
    expect(during * days, id).toBeGreaterThanOrEqual(Number(actual) - 0.01);
    // Growth and weekdays move the rest of the series a little; the anomaly moves it by most of its size.
    expect((during - before) / change, id).toBeGreaterThan(0.6);
    expect((during - before) / change, id).toBeLessThan(1.4);
    expect(Math.abs(change) / Math.max(before, 1), id).toBeGreaterThan(0.15);
  }
});

const DIMENSIONS: Record<string, string> = {
  service: 'line_item_product_code',
  account: 'line_item_usage_account_id',
  region: 'product_region_code',
  resource: 'line_item_resource_id',
  usageType: 'line_item_usage_type',
};

test('changes of price, usage and commitment are on the bill from their day on', () => {
  expect(new Set(truth.changes.map(({ kind }) => kind))).toEqual(new Set(['price', 'usage', 'commitment']));
  for (const { id, before, after } of truth.changes) {
    const [low, high] = [Number(before), Number(after)].sort((a, b) => a - b) as [number, number];
    expect(high - low, id).toBeGreaterThan(0.05 * high);
  }
});

test('remediations saved what the bill shows, and one of them came undone', () => {
  expect(truth.remediations.length).toBeGreaterThanOrEqual(10);
  for (const {
    action,
    realizedMonthlySavings,
    realizedSavings,
    dailyCostBefore,
    dailyCostAfter,
  } of truth.remediations) {
    expect(Number(realizedMonthlySavings), action).toBeGreaterThan(20);
    expect(Number(realizedSavings), action).toBeGreaterThan(20);
    expect(Number(dailyCostAfter), action).toBeLessThan(Number(dailyCostBefore));
  }
  expect(truth.remediations.filter(({ revertedOn }) => revertedOn)).toHaveLength(1);
});

test('one charge in eight or so carries no team, and some spell it in their own way', async () => {
  expect(truth.untaggedShare).toBeGreaterThan(0.09);
  expect(truth.untaggedShare).toBeLessThan(0.16);
  const values = await estate.rows<{ team: string | null; environment: string | null }>(
    `select distinct team, environment from lines`,
  );
  const teams = new Set(values.map(({ team }) => team).filter(Boolean));
  expect(new Set([...teams].map((team) => team?.toLowerCase())).size).toBe(8);
  expect(teams.size).toBeGreaterThan(8);
  expect(values.map(({ environment }) => environment)).toEqual(
    expect.arrayContaining(['production', 'prod', 'Production']),
  );
});

async function matching(rule: string): Promise<Set<string>> {
  const rows = await estate.rows<{ resource_id: string }>(
    `select resource_id from metrics where hour >= timestamp '2026-11-24' - interval 40 day group by 1 having ${rule}`,
  );
  return new Set(rows.map(({ resource_id }) => resource_id));
}

test('every check that has waste is described in the docs', () => {
  const docs = readFileSync(join(packageRoot, 'docs/demo-estate.md'), 'utf8');
  const checks = [...new Set(truth.waste.map(({ check }: WasteTruth) => check))];
  expect(checks.filter((check) => !docs.includes(`\`${check}\``))).toEqual([]);
});
