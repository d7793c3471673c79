import type pg from 'pg';
import { type CsvFeed, copyInto } from './copy.ts';
import type { Period } from './loads.ts';

/**
 * Adds the accounts of a load, or brings those known up to date where the load reaches as far as what is known, or restates
 * it: `periods` are those it replaces.
 */
export async function storeAccounts(client: pg.ClientBase, periods: readonly Period[], feed: CsvFeed): Promise<void> {
  await client.query(
    'CREATE TEMP TABLE load_accounts (LIKE accounts) ON COMMIT DROP; ALTER TABLE load_accounts ALTER COLUMN tags DROP NOT NULL, ALTER COLUMN updated_at DROP NOT NULL',
  );
  await copyInto(client, 'load_accounts', feed);
  await takeBack(client, 'accounts', 'account_id', periods);
  await client.query(
    `INSERT INTO accounts AS known (account_id, name, kind, billing_account_id, service_provider_name, first_seen_date, last_seen_date)
     SELECT account_id, name, kind, billing_account_id, service_provider_name, first_seen_date, last_seen_date FROM load_accounts
     ON CONFLICT (account_id) DO UPDATE SET
       name = ${newest('name')}, kind = CASE WHEN known.kind = 'billing' THEN 'billing' ELSE excluded.kind END,
       billing_account_id = ${newest('billing_account_id')}, service_provider_name = ${newest('service_provider_name')},
       ${assignments(SEEN)}, updated_at = now()`,
  );
}

const RESOURCE_COLUMNS = [
  'name',
  'type',
  'service_name',
  'service_provider_name',
  'billing_account_id',
  'sub_account_id',
  'region_id',
  'availability_zone',
];

/**
 * Adds the resources of a load, or brings those known up to date. What the inventory has said of a resource (its name, type
 * and tags as they are now) stays; the bill only adds what is missing there. One that the load no longer has stays known.
 */
export async function storeResources(client: pg.ClientBase, periods: readonly Period[], feed: CsvFeed): Promise<void> {
  await client.query(
    'CREATE TEMP TABLE load_resources (LIKE resources) ON COMMIT DROP; ALTER TABLE load_resources DROP COLUMN tags, ADD COLUMN tag_set_id bigint, ALTER COLUMN updated_at DROP NOT NULL',
  );
  await copyInto(client, 'load_resources', feed);
  await takeBack(client, 'resources', 'resource_id', periods);
  const columns = RESOURCE_COLUMNS.join(', ');
  const merged = {
    ...Object.fromEntries(
      RESOURCE_COLUMNS.map((column) => [
        column,
        `CASE WHEN known.inventoried_at IS NOT NULL THEN coalesce(known.${column}, excluded.${column}) ELSE ${newest(column)} END`,
      ]),
    ),
    tags: `CASE WHEN known.inventoried_at IS NOT NULL OR excluded.last_seen_date < known.last_seen_date THEN known.tags ELSE excluded.tags END`,
    ...SEEN,
  };
  const known = Object.keys(merged).map((column) => `known.${column}`);
  // A bill is restated several times a day, mostly with the same resources.
  await client.query(
    `INSERT INTO resources AS known (resource_id, ${columns}, tags, first_seen_date, last_seen_date)
     SELECT resource_id, coalesce(name, tags->>'Name', tags->>'name'), ${columns.replace(/^name, /, '')}, coalesce(tags, '{}'), first_seen_date, last_seen_date
     FROM load_resources LEFT JOIN tag_sets USING (tag_set_id)
     ON CONFLICT (resource_id) DO UPDATE SET ${assignments(merged)}, updated_at = now()
     WHERE (${known.join(', ')}) IS DISTINCT FROM (${Object.values(merged).join(', ')})`,
  );
}

/**
 * Takes back days that only an earlier statement of the same periods can have told, where the load says less: else its word
 * would never count for as new as that.
 */
async function takeBack(
  client: pg.ClientBase,
  table: 'accounts' | 'resources',
  key: string,
  periods: readonly Period[],
): Promise<void> {
  for (const [day, beyond] of [
    ['first_seen_date', '<'],
    ['last_seen_date', '>'],
  ]) {
    await client.query(
      `UPDATE ${table} AS known SET ${day} = load.${day} FROM load_${table} AS load,
         (SELECT account, start AT TIME ZONE 'UTC' AS start FROM unnest($1::text[], $2::timestamptz[]) AS given(account, start)) AS period
       WHERE known.${key} = load.${key} AND known.${day} ${beyond} load.${day} AND known.billing_account_id = period.account
         AND known.${day} >= period.start AND known.${day} < period.start + interval '1 month'`,
      [periods.map(({ billingAccountId }) => billingAccountId), periods.map(({ start }) => start)],
    );
  }
}

function assignments(merged: Readonly<Record<string, string>>): string {
  return Object.entries(merged)
    .map(([column, sql]) => `${column} = ${sql}`)
    .join(', ');
}

/** The load's value, unless it is older than what is known or says nothing. */
function newest(column: string): string {
  return `CASE WHEN excluded.last_seen_date >= known.last_seen_date OR known.${column} IS NULL THEN coalesce(excluded.${column}, known.${column}) ELSE known.${column} END`;
}

// least() and greatest() leave NULLs out.
const SEEN = {
  first_seen_date: 'least(known.first_seen_date, excluded.first_seen_date)',
  last_seen_date: 'greatest(known.last_seen_date, excluded.last_seen_date)',
};
