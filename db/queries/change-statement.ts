import { type SQL, sql } from 'drizzle-orm';
import type { ChangeRequest } from './changes.ts';
import { chargeSource, type Source } from './charges.ts';
import { type DateRange, type Dimension, dimensionName } from './dimensions.ts';
import type { Freshness } from './freshness.ts';

/** The parts a change is split into, in the order of reading. */
export const COMPONENTS = ['new', 'gone', 'usage', 'price', 'commitment', 'credits', 'other'] as const;

export type Component = (typeof COMPONENTS)[number];

/**
 * What a price applies to: these columns of a line are the same before and after. The sizes and purchase kinds of a
 * commitment are not among them, so that moving a machine under a Savings Plan is a change of discount, not of use.
 */
const PRICE_LINE: readonly string[] = [
  'kind',
  'resource_id',
  'service_name',
  'meter',
  'sub_account_id',
  'region_id',
  'x_operation',
  'unit',
];

/** How many resources or usage types are shown under each driver. */
const DETAILS = 3;

/** A list cost of which the charge is more than twice is not the list cost of that charge. */
const MOST_OF_LIST = 2;

/**
 * The one statement behind `explainChange`. Rows of four levels: the totals of a currency, its components, its drivers and
 * the details under a driver.
 */
export function changeStatement(request: ChangeRequest, freshness: Freshness): SQL {
  const source = chargeSource(
    {
      dimensions: [request.dimension],
      filters: request.filters,
      scope: request.scope,
      ranges: [request.period, request.comparedTo],
      cutsMonths: false,
      details: true,
    },
    freshness,
  );
  const side = (label: string, range: DateRange): SQL => linesOf(request, source, label, range);
  const counted = request.includeCredits ? sql`TRUE` : sql`kind <> 'credit'`;
  const detail = dimensionName(request.dimension) === 'resource_id' ? sql`meter` : sql`coalesce(resource_id, meter)`;
  const parts = [
    ...source.tagQueries,
    sql`lines AS (${side('before', request.comparedTo)}\nUNION ALL\n${side('after', request.period)})`,
    ...splits(request.dimension),
    sql`totals AS (${totals(counted)})`,
    sql`drivers AS (${ranked(sums(sql`split_by_key`, [sql`key`], counted), sql``, sql`key`)})`,
    sql`details AS (${ranked(sums(sql`split_by_key`, [sql`key`, sql`${detail} AS detail`], counted), sql`, key`, sql`detail`)})`,
  ];
  return sql`WITH ${sql.join(parts, sql`,\n`)} ${result(request)}`;
}

const KIND = `CASE
        WHEN charge.charge_category = 'Credit' THEN 'credit'
        WHEN charge.commitment_discount_status = 'Unused' OR (charge.charge_category = 'Purchase' AND charge.commitment_discount_id IS NOT NULL) THEN 'commitment'
        WHEN charge.charge_category <> 'Usage' OR charge.charge_class IS NOT NULL THEN 'other'
        ELSE 'usage' END`;

/** The columns of a price line as expressions over the bill. */
const LINE: [string, string][] = [
  ['currency', 'charge.billing_currency'],
  ['kind', KIND],
  ['resource_id', 'charge.resource_id'],
  ['service_name', 'charge.service_name'],
  ['meter', 'coalesce(charge.x_usage_type, charge.sku_id, charge.sku_meter)'],
  ['sub_account_id', 'charge.sub_account_id'],
  ['region_id', 'charge.region_id'],
  ['x_operation', 'charge.x_operation'],
  ['unit', 'coalesce(charge.pricing_unit, charge.consumed_unit)'],
];

const GROUPED = LINE.map(([, expression]) => expression).join(', ');

/**
 * The charges of one side summed to price lines. A tag is looked up after the sums, by the set of tags that they keep:
 * Postgres would sort the whole bill to group by what comes out of a join.
 */
function linesOf({ metric, dimension }: ChangeRequest, source: Source, label: string, range: DateRange): SQL {
  const amount = sql`charge.${sql.identifier(metric)}`;
  const { tags } = source.relation;
  const key = dimension.kind === 'tag' && tags !== null ? tags.reference : sql`${source.dimensions[0]}`;
  const lines = sql`SELECT ${sql.raw(`'${label}'`)} AS side, ${sql.raw(LINE.map(([name, expression]) => `${expression} AS ${name}`).join(', '))},
      coalesce(sum(${amount}), 0) AS amount, sum(charge.effective_cost) FILTER (WHERE ${amount} IS NULL) AS unknown,
      sum(charge.list_cost) AS list, sum(coalesce(charge.pricing_quantity, charge.consumed_quantity)) AS quantity, ${key} AS key
      FROM ${source.relation.from} WHERE ${source.where(range)}
      GROUP BY ${sql.raw(GROUPED)}, ${key}`;
  if (dimension.kind === 'column') return lines;
  return sql`SELECT side, ${sql.raw(LINE.map(([name]) => name).join(', '))}, amount, unknown, list, quantity, tag_1.value AS key
      FROM (${lines}) AS line LEFT JOIN tag_1 ON tag_1.set_id = line.key`;
}

/**
 * Every price line laid to components, once for the totals and once for each key: what moves from one account to another is
 * gone there and new here, and neither for the whole. Where the key is a column of the price line the lines are the same.
 */
function splits(dimension: Dimension): SQL[] {
  if (dimension.kind === 'column' && PRICE_LINE.includes(dimension.column)) {
    return [
      sql`pairs AS (${pairs(sql`, key`, ['known', 'known_of_key'])})`,
      sql`split AS (${split(sql``, 'pairs', 'known')})`,
      sql`split_by_key AS (${split(sql`, key`, 'pairs', 'known_of_key')})`,
    ];
  }
  return [
    sql`pairs AS (${pairs(sql``, ['known'])})`,
    sql`split AS (${split(sql``, 'pairs', 'known')})`,
    sql`pairs_by_key AS (${pairs(sql`, key`, ['known_of_key'])})`,
    sql`split_by_key AS (${split(sql`, key`, 'pairs_by_key', 'known_of_key')})`,
  ];
}

/** What is new or gone: a resource, or without one a usage type of a service. The key stands last, so that one sort does for both. */
const IDENTITY =
  'currency, kind, resource_id, CASE WHEN resource_id IS NULL THEN service_name END, CASE WHEN resource_id IS NULL THEN meter END';
const IDENTITIES = { known: IDENTITY, known_of_key: `${IDENTITY}, key` };

type Known = keyof typeof IDENTITIES;

/** Each price line before and after, and whether what it belongs to was there before and after at all. */
function pairs(key: SQL, known: Known[]): SQL {
  const columns = sql`currency${key}, ${sql.raw(PRICE_LINE.join(', '))}`;
  const of = (name: string, side: string): SQL => sql.raw(`sum(${name}) FILTER (WHERE side = '${side}')`);
  const sides = known.flatMap((name) =>
    ['before', 'after'].map((side) => `bool_or(bool_or(side = '${side}')) OVER ${name} AS ${name}_${side}`),
  );
  return sql`SELECT ${columns},
        coalesce(${of('amount', 'before')}, 0) AS amount_0, coalesce(${of('amount', 'after')}, 0) AS amount_1,
        sum(unknown) AS unknown, ${of('list', 'before')} AS list_0, ${of('list', 'after')} AS list_1,
        ${of('quantity', 'before')} AS quantity_0, ${of('quantity', 'after')} AS quantity_1,
        bool_or(side = 'before') AS line_before, bool_or(side = 'after') AS line_after,
        ${sql.raw(sides.join(', '))}
      FROM lines GROUP BY ${columns}
      WINDOW ${sql.raw(known.map((name) => `${name} AS (PARTITION BY ${IDENTITIES[name]})`).join(', '))}`;
}

/** Each pair with its change laid to components; their sum is the change, because `usage` takes what the others leave. */
function split(key: SQL, from: string, known: Known): SQL {
  const priced = sql.raw('line_before AND line_after AND quantity_0 > 0 AND quantity_1 > 0');
  const listed = sql.raw(
    `list_0 > 0 AND list_1 > 0 AND amount_0 BETWEEN 0 AND ${MOST_OF_LIST} * list_0 AND amount_1 BETWEEN 0 AND ${MOST_OF_LIST} * list_1`,
  );
  return sql`SELECT assigned.*,
        CASE WHEN part = 'usage' THEN amount_1 - amount_0 - price - commitment_effect ELSE 0 END AS usage
      FROM (
        SELECT currency${key}, kind, resource_id, meter, amount_0, amount_1, unknown, part,
          CASE WHEN part = 'usage' AND ${priced} THEN round(CASE WHEN ${listed}
            THEN amount_0 * list_1 / list_0 - amount_0 * quantity_1 / quantity_0
            ELSE amount_1 - amount_0 * quantity_1 / quantity_0 END, 6) ELSE 0 END AS price,
          CASE WHEN part = 'usage' AND ${priced} AND ${listed} THEN round(amount_1 - amount_0 * list_1 / list_0, 6) ELSE 0 END AS commitment_effect
        FROM (
          SELECT *, CASE
            WHEN kind = 'credit' THEN 'credits'
            WHEN kind = 'commitment' THEN 'commitment'
            WHEN kind = 'other' THEN 'other'
            WHEN NOT ${sql.raw(known)}_before THEN 'new'
            WHEN NOT ${sql.raw(known)}_after THEN 'gone'
            WHEN line_before AND line_after AND coalesce(quantity_0, 0) = 0 AND coalesce(quantity_1, 0) = 0 THEN 'other'
            ELSE 'usage' END AS part
          FROM ${sql.raw(from)}
        ) AS parted
      ) AS assigned`;
}

function sums(from: SQL, keys: SQL[], counted: SQL): SQL {
  const part = (name: string): SQL => sql.raw(`coalesce(sum(amount_1 - amount_0) FILTER (WHERE part = '${name}'), 0)`);
  const numbers = keys.map((_, index) => sql.raw(`, ${index + 2}`));
  return sql`SELECT currency, ${keys.length === 0 ? sql`` : sql`${sql.join(keys, sql`, `)}, `}sum(amount_1) AS cost, sum(amount_0) AS previous, sum(amount_1 - amount_0) AS change,
        ${part('new')} AS new, ${part('gone')} AS gone, sum(usage) AS usage, sum(price) AS price,
        ${part('commitment')} + sum(commitment_effect) AS commitment, ${part('credits')} AS credits, ${part('other')} AS other
      FROM ${from} WHERE ${counted} GROUP BY 1${sql.join(numbers)}`;
}

/** Credits are told also where they are not counted. */
function totals(counted: SQL): SQL {
  return sql`SELECT * FROM (${sums(sql`split`, [], counted)}) AS summed JOIN (
        SELECT currency, coalesce(sum(amount_1 - amount_0) FILTER (WHERE part = 'credits'), 0) AS credits_change, sum(unknown) AS unknown
        FROM split GROUP BY currency
      ) AS beside USING (currency)`;
}

function ranked(summed: SQL, partition: SQL, tie: SQL): SQL {
  return sql`SELECT summed.*, count(*) OVER (PARTITION BY currency${partition}) AS of,
        row_number() OVER (PARTITION BY currency${partition} ORDER BY abs(change) DESC, ${tie} NULLS LAST) AS rank
      FROM (${summed}) AS summed WHERE change <> 0`;
}

/** The components of a row of `from` as rows: component, amount, place. */
function asRows(from: string): SQL {
  const values = COMPONENTS.map((component, place) => `('${component}', ${from}.${component}, ${place})`);
  return sql.raw(`(VALUES ${values.join(', ')}) AS part (component, amount, place)`);
}

/** The component that moved a row of `from` most in the direction of its change, and by how much. */
function main(from: string): SQL {
  return sql`LATERAL (SELECT component, amount FROM ${asRows(from)} ORDER BY amount * sign(${sql.raw(from)}.change) DESC, place LIMIT 1) AS main`;
}

function result({ limit, dimension }: ChangeRequest): SQL {
  const name = dimensionName(dimension);
  const isAccount = name === 'sub_account_id' || name === 'billing_account_id';
  const keyName = isAccount ? sql`account.name` : name === 'resource_id' ? sql`resource.name` : sql`NULL`;
  const names = (key: string): SQL =>
    sql.raw(
      `LEFT JOIN accounts AS account ON account.account_id = ${key} LEFT JOIN resources AS resource ON resource.resource_id = ${key}`,
    );
  return sql`
    SELECT 1 AS level, currency, NULL AS key, NULL AS key_name, NULL AS detail, NULL AS detail_name, NULL AS component,
      ${amounts('totals')}, NULL::numeric AS component_change, 0 AS rank, 0 AS detail_rank, trim_scale(credits_change) AS credits_change, trim_scale(unknown) AS unknown,
      (SELECT coalesce(max(of), 0) FROM drivers WHERE drivers.currency = totals.currency) AS of
    FROM totals
    UNION ALL
    SELECT 2, currency, NULL, NULL, NULL, NULL, part.component, NULL, NULL, trim_scale(part.amount), ${percent('part.amount', 'change')},
      NULL, part.place, 0, NULL, NULL, 0
    FROM totals, LATERAL ${asRows('totals')}
    UNION ALL
    SELECT 3, drivers.currency, drivers.key, ${keyName}, NULL, NULL, main.component, ${amounts('drivers')},
      trim_scale(main.amount), drivers.rank, 0, NULL, NULL, 0
    FROM drivers ${names('drivers.key')}, ${main('drivers')}
    WHERE drivers.rank <= ${limit}
    UNION ALL
    SELECT 3, details.currency, details.key, ${keyName}, details.detail, named.name, main.component, ${amounts('details')},
      trim_scale(main.amount), drivers.rank, details.rank, NULL, NULL, 0
    FROM details
      JOIN drivers ON drivers.currency = details.currency AND drivers.key IS NOT DISTINCT FROM details.key
      LEFT JOIN resources AS named ON named.resource_id = details.detail
      ${names('details.key')}, ${main('details')}
    WHERE drivers.rank <= ${limit} AND details.rank <= ${DETAILS} AND details.detail IS NOT NULL
    ORDER BY currency, level, rank, detail_rank`;
}

function amounts(from: string): SQL {
  const plain = ['cost', 'previous', 'change'].map((name) => `trim_scale(${from}.${name}) AS ${name}`).join(', ');
  return sql`${sql.raw(plain)}, ${percent(`${from}.change`, `${from}.previous`)} AS percent_change`;
}

function percent(part: string, base: string): SQL {
  return sql.raw(`trim_scale(round(100 * ${part} / nullif(abs(${base}), 0), 6))`);
}
