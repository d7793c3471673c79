import type pg from 'pg';
import type { Db } from './client.ts';
import type { PRICE_SOURCES } from './schema/prices.ts';
import { exclusively } from './transaction.ts';

/** An on-demand list price and since when it is true. */
export interface ListPrice {
  serviceProviderName: string;
  serviceCode: string;
  product: string;
  regionId: string;
  pricingUnit: string;
  pricingCurrency: string;
  /** Decimal text. */
  listUnitPrice: string;
  skuId: string | null;
  attributes: Record<string, string>;
  /** 'YYYY-MM-DD'. */
  validFrom: string;
  source: (typeof PRICE_SOURCES)[number];
  sourceDate: string;
  sourceUrl: string | null;
}

// One load of prices at a time: each is compared with those in force.
const LOCK = 727_006;

/**
 * Stores prices and returns how many are new. One that differs from that in force ends it; one that is the same is no new one, but of what
 * a cloud says again the day is kept, and what was known from the snapshot is known from the cloud now. The snapshot never stands above what
 * a cloud has said.
 * @throws PennyError `database_unavailable`
 */
export async function storePrices(db: Db, prices: readonly ListPrice[]): Promise<number> {
  return exclusively(db, LOCK, async (client) => {
    await client.query(STAGE, [JSON.stringify(prices)]);
    await client.query(SAID_AGAIN);
    await client.query(LEAVE_OUT);
    await client.query(END);
    return inserted(client);
  });
}

async function inserted(client: pg.ClientBase): Promise<number> {
  return (await client.query(INSERT)).rowCount ?? 0;
}

const KEY = [
  ...['service_provider_name', 'service_code', 'product', 'region_id'],
  ...['pricing_category', 'pricing_unit', 'pricing_currency'],
];
const sameProduct = KEY.map((column) => `known.${column} = fresh.${column}`).join(' AND ');

// Of a product that comes twice the newest price counts.
const STAGE = `CREATE TEMP TABLE fresh ON COMMIT DROP AS
  SELECT DISTINCT ON (${KEY.join(', ')}) * FROM (
    SELECT price->>'serviceProviderName' AS service_provider_name, price->>'serviceCode' AS service_code, price->>'product' AS product,
      price->>'regionId' AS region_id, 'Standard' AS pricing_category, price->>'pricingUnit' AS pricing_unit,
      price->>'pricingCurrency' AS pricing_currency, (price->>'listUnitPrice')::numeric AS list_unit_price, price->>'skuId' AS sku_id,
      price->'attributes' AS attributes, (price->>'validFrom')::date AS valid_from, price->>'source' AS source,
      (price->>'sourceDate')::date AS source_date, price->>'sourceUrl' AS source_url
    FROM jsonb_array_elements($1::jsonb) AS price) AS given
  ORDER BY ${KEY.join(', ')}, valid_from DESC, list_unit_price`;

const SAID_AGAIN = `UPDATE prices AS known
  SET source = fresh.source, source_date = fresh.source_date, source_url = fresh.source_url, fetched_at = now()
  FROM fresh WHERE ${sameProduct} AND known.valid_to IS NULL AND fresh.list_unit_price = known.list_unit_price
    AND known.source <> 'snapshot' AND fresh.source <> 'snapshot' AND fresh.source_date > known.source_date`;

const LEAVE_OUT = `DELETE FROM fresh USING prices AS known
  WHERE ${sameProduct} AND known.valid_to IS NULL AND (
    (fresh.source = 'snapshot' AND (known.source <> 'snapshot' OR fresh.valid_from <= known.valid_from))
    OR (fresh.list_unit_price = known.list_unit_price AND (fresh.source = known.source OR known.source <> 'snapshot')))`;

// A price is not taken for true before the one it ends was: the clouds tell dates of lists, not of changes.
const END = `WITH ended AS (
    UPDATE prices AS known SET valid_to = greatest(fresh.valid_from, known.valid_from + 1)
    FROM fresh WHERE ${sameProduct} AND known.valid_to IS NULL RETURNING ${KEY.map((column) => `known.${column}`).join(', ')}, known.valid_to
  )
  UPDATE fresh SET valid_from = known.valid_to FROM ended AS known WHERE ${sameProduct}`;

const COLUMNS = [
  ...KEY,
  'list_unit_price',
  'sku_id',
  'attributes',
  'valid_from',
  'source',
  'source_date',
  'source_url',
];

const INSERT = `INSERT INTO prices (${COLUMNS.join(', ')}) SELECT ${COLUMNS.join(', ')} FROM fresh`;

/** Returns the regions in which the inventory knows something that is there. */
export async function regionsInUse(db: Db): Promise<string[]> {
  const { rows } = await db.pool.query<{ region: string }>(
    `SELECT DISTINCT region_id AS region FROM resources
     WHERE inventoried_at IS NOT NULL AND state <> 'deleted' AND region_id IS NOT NULL ORDER BY 1`,
  );
  return rows.map(({ region }) => region);
}

/** Returns the day of the newest published list that is stored, by service code and region with a space between. */
export async function listDays(db: Db): Promise<Map<string, string>> {
  const { rows } = await db.pool.query<{ list: string; day: string }>(
    `SELECT service_code || ' ' || region_id AS list, max(source_date)::text AS day FROM prices
     WHERE source = 'bulk list' AND valid_to IS NULL GROUP BY 1`,
  );
  return new Map(rows.map(({ list, day }) => [list, day]));
}

/** Whether any list price is stored. */
export async function hasPrices(db: Db): Promise<boolean> {
  const { rows } = await db.pool.query<{ found: boolean }>('SELECT EXISTS (SELECT FROM prices) AS found');
  return rows[0]?.found === true;
}
