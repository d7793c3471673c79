import type { Month } from './calendar.ts';
import { factors } from './curves.ts';
import { type Cell, type Duck, loadTable } from './duck.ts';
import type { Estate } from './estate.ts';
import { TEAMS, type Team } from './organisation.ts';
import { locationOf, MARKETPLACE_CODE, MARKETPLACE_NAME, PRODUCTS } from './products.ts';
import { random } from './random.ts';

/** Copies the plan into DuckDB tables, one a kind, from which the lines are made. */
export async function loadPlan(duck: Duck, estate: Estate, seed: number): Promise<void> {
  await loadCalendar(duck, estate, seed);
  await loadNouns(duck, estate, seed);
  await loadStreams(duck, estate);
  await loadCommitments(duck, estate);
  const salt = random(seed, 'noise').integer(1, 999_983);
  // A number in [-1, 1) out of two numbers: integer arithmetic, so that it is the same everywhere and in every version.
  // Wide enough that a product of two 18-digit decimals does not overflow before it is cut to the bill's ten places.
  await duck.run('create macro priced(amount, unit_price) as (amount::decimal(28,6) * unit_price)::decimal(18,10)');
  await duck.run(`create macro mixed(h) as ((h % 2147483647) * (h % 2147483647)) % 2147483647;
    create macro wobble(a, b) as
      ((mixed(mixed(a::bigint * 48271 + b::bigint * 69621 + ${salt}) * 7 + a + 17 * b) % 1000003) / 500001.5) - 1`);
}

async function loadCalendar(duck: Duck, { calendar, curves, campaigns, mood }: Estate, seed: number): Promise<void> {
  const invoice = (month: Month, issuer: string) =>
    month.invoiced ? String(random(seed, `invoice/${issuer}/${month.id}`).integer(1_400_000_000, 2_399_999_999)) : null;
  await loadTable(
    duck,
    'days',
    { day: 'INTEGER', date: 'DATE', month: 'INTEGER', weekday: 'INTEGER' },
    (function* (): Iterable<Cell[]> {
      for (const [index, month] of calendar.months.entries()) {
        for (let day = month.firstDay; day < month.endDay; day++)
          yield [day, calendar.date(day), index, calendar.weekday(day)];
      }
    })(),
  );
  await loadTable(
    duck,
    'months',
    {
      month: 'INTEGER',
      id: 'VARCHAR',
      first_day: 'INTEGER',
      end_day: 'INTEGER',
      start_date: 'DATE',
      end_date: 'DATE',
      days: 'INTEGER',
      invoice: 'VARCHAR',
      marketplace_invoice: 'VARCHAR',
    },
    calendar.months.map((one, index) => [
      index,
      one.id,
      one.firstDay,
      one.endDay,
      one.start,
      one.end,
      one.daysInMonth,
      invoice(one, 'aws'),
      invoice(one, 'marketplace'),
    ]),
  );
  await loadTable(
    duck,
    'curve_days',
    { curve: 'INTEGER', day: 'INTEGER', factor: 'DOUBLE' },
    (function* (): Iterable<Cell[]> {
      for (const [index, curve] of curves.entries()) {
        for (const [day, factor] of factors(curve, calendar, campaigns, mood).entries()) yield [index, day, factor];
      }
    })(),
  );
}

async function loadNouns(duck: Duck, estate: Estate, seed: number): Promise<void> {
  await loadTable(
    duck,
    'accounts',
    { account: 'INTEGER', id: 'VARCHAR', name: 'VARCHAR', role: 'VARCHAR' },
    estate.organisation.accounts.map((one) => [one.index, one.id, one.name, one.role]),
  );
  const code = (text: string, length: number) => random(seed, `sku/${text}`).code(length);
  await loadTable(
    duck,
    'skus',
    {
      sku: 'INTEGER',
      product: 'VARCHAR',
      service_code: 'VARCHAR',
      usage_type: 'VARCHAR',
      operation: 'VARCHAR',
      description: 'VARCHAR',
      unit: 'VARCHAR',
      price: 'DECIMAL(18,10)',
      price_text: 'VARCHAR',
      monthly: 'BOOLEAN',
      family: 'VARCHAR',
      region: 'VARCHAR',
      location: 'VARCHAR',
      instance_type: 'VARCHAR',
      instance_family: 'VARCHAR',
      code: 'VARCHAR',
      compute_discount: 'DOUBLE',
      family_discount: 'DOUBLE',
      marketplace: 'BOOLEAN',
      attributes: 'JSON',
    },
    estate.skus.map((sku, index) => [
      index,
      sku.product,
      sku.serviceCode ?? sku.product,
      sku.usageType,
      sku.operation || null,
      sku.description,
      sku.unit,
      sku.price,
      sku.price,
      sku.monthly ?? false,
      sku.family,
      sku.region,
      locationOf(sku.region),
      sku.instanceType ?? null,
      sku.instanceType?.replace(/^(db|cache|ml|kafka)\./, '').split('.')[0] ?? null,
      code(`${sku.product}/${sku.usageType}/${sku.operation}`, 16),
      sku.computeDiscount ?? null,
      sku.familyDiscount ?? null,
      sku.product === MARKETPLACE_CODE,
      JSON.stringify({ product_name: productName(sku.product), region: sku.region, ...sku.attributes }),
    ]),
  );
  await loadTable(
    duck,
    'tag_sets',
    { tag_set: 'INTEGER', tags: 'JSON', division: 'VARCHAR' },
    estate.tagSets.map((tags, index) => [index, JSON.stringify(prefixed(tags)), division(tags)]),
  );
}

/** The name AWS gives a product code, or the subscription's own. */
export function productName(product: string): string {
  return product === MARKETPLACE_CODE ? MARKETPLACE_NAME : (PRODUCTS[product as keyof typeof PRODUCTS] ?? product);
}

/** CUR 2.0 marks tags that users set with `user_`; those AWS sets itself begin with `aws_` already. */
function prefixed(tags: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [key.startsWith('aws_') ? key : `user_${key}`, value]),
  );
}

/** The division a cost category sorts the charge into, by its team tag. */
function division(tags: Record<string, string>): string | null {
  const team = (tags.team ?? tags.Team ?? '').toLowerCase();
  return team in TEAMS ? TEAMS[team as Team].division : null;
}

async function loadStreams(duck: Duck, estate: Estate): Promise<void> {
  await loadTable(
    duck,
    'streams',
    {
      stream: 'INTEGER',
      account: 'INTEGER',
      zone: 'VARCHAR',
      resource_id: 'VARCHAR',
      sku: 'INTEGER',
      tag_set: 'INTEGER',
      from_day: 'INTEGER',
      to_day: 'INTEGER',
      quantity: 'DOUBLE',
      curve: 'INTEGER',
      noise: 'DOUBLE',
      reservation: 'INTEGER',
    },
    (function* (): Iterable<Cell[]> {
      for (const one of estate.streams) {
        yield [
          one.id,
          one.account,
          one.zone,
          one.resourceId,
          one.sku,
          one.tags,
          one.fromDay,
          one.toDay,
          one.quantity,
          one.curve,
          one.noise,
          one.reservation,
        ];
      }
    })(),
  );
  await loadTable(
    duck,
    'effects',
    { stream: 'INTEGER', day: 'INTEGER', factor: 'DOUBLE', event: 'INTEGER', born: 'BOOLEAN' },
    (function* (): Iterable<Cell[]> {
      for (const [index, event] of estate.events.entries()) {
        for (const { stream, factor } of event.effects) {
          for (let day = Math.max(0, event.fromDay); day < event.toDay; day++) {
            yield [stream, day, Math.round(factor(day - event.fromDay) * 1e9) / 1e9, index, false];
          }
        }
        for (const stream of event.born) {
          for (let day = Math.max(0, event.fromDay); day < event.toDay; day++) yield [stream, day, 1, index, true];
        }
      }
    })(),
  );
}

async function loadCommitments(duck: Duck, estate: Estate): Promise<void> {
  await loadTable(
    duck,
    'plans',
    {
      plan: 'INTEGER',
      arn: 'VARCHAR',
      type: 'VARCHAR',
      family: 'VARCHAR',
      region: 'VARCHAR',
      hourly: 'DECIMAL(18,10)',
      from_day: 'INTEGER',
      to_day: 'INTEGER',
      stream: 'INTEGER',
    },
    estate.savingsPlans.map((one, index) => [
      index,
      one.arn,
      one.type,
      one.family,
      one.region,
      one.hourly,
      one.fromDay,
      one.toDay,
      one.feeStream,
    ]),
  );
  await loadTable(
    duck,
    'reservations',
    {
      reservation: 'INTEGER',
      arn: 'VARCHAR',
      units: 'INTEGER',
      hourly: 'DECIMAL(18,10)',
      upfront: 'DECIMAL(18,10)',
      amortized: 'DECIMAL(18,10)',
      from_day: 'INTEGER',
      to_day: 'INTEGER',
      fee_stream: 'INTEGER',
      upfront_stream: 'INTEGER',
    },
    estate.reservations.map((one, index) => [
      index,
      ...[one.arn, one.count, one.hourly, one.upfront, (Number(one.upfront) / one.termHours).toFixed(10)],
      ...[one.fromDay, one.toDay, one.feeStream, one.upfrontStream],
    ]),
  );
  await loadTable(
    duck,
    'fixed_charges',
    { stream: 'INTEGER', day: 'INTEGER', end_day: 'INTEGER', amount: 'DECIMAL(18,10)', type: 'VARCHAR' },
    estate.fixedCharges.map((one) => [one.stream, one.day, one.endDay, one.amount, one.type]),
  );
  await loadTable(
    duck,
    'taxes',
    { stream: 'INTEGER', account: 'INTEGER', product: 'VARCHAR', rate: 'DECIMAL(18,10)' },
    estate.taxes.map((one) => [one.stream, one.account, one.product, one.rate]),
  );
  await loadTable(
    duck,
    'pods',
    {
      stream: 'INTEGER',
      node_stream: 'INTEGER',
      node: 'VARCHAR',
      memory: 'BOOLEAN',
      request: 'DOUBLE',
      used: 'DOUBLE',
      node_vcpus: 'DOUBLE',
      node_memory: 'DOUBLE',
    },
    (function* (): Iterable<Cell[]> {
      for (const one of estate.pods) {
        for (const node of one.nodeStreams) {
          yield [
            one.stream,
            node,
            one.nodeInstance,
            one.resource === 'memory',
            one.request,
            one.usedPart,
            one.nodeVcpus,
            one.nodeMemory,
          ];
        }
      }
    })(),
  );
}
