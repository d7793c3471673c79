import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud, CloudPrice, OpenCloud } from '../clouds/contract.ts';
import { CLOUDS } from '../clouds/registry.ts';
import { readConfig } from '../config.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { loadPrices } from './ingest-prices.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const load = (clouds?: readonly Cloud[]) =>
  loadPrices(
    { config: readConfig({}), db: database.db, signal: new AbortController().signal, progress: () => undefined },
    clouds,
  );

test('without a cloud set up the prices that ship are there, once', async () => {
  const { rows } = await load();
  expect(rows).toBeGreaterThan(7000);
  expect(await load()).toEqual({ rows: 0 });
});

test('a cloud that is set up is asked for the regions of the inventory', async () => {
  await database.db.pool.query(
    `INSERT INTO resources (resource_id, region_id, state, inventoried_at)
     VALUES ('a', 'us-east-1', 'running', now()), ('b', 'eu-west-1', 'running', now()), ('c', 'eu-west-2', 'deleted', now()), ('d', 'eu-west-3', NULL, NULL)`,
  );
  const asked: string[] = [];
  const [aws] = CLOUDS;
  if (aws === undefined) throw new Error('there is no cloud');
  const [shipped] = (await aws.open(readConfig({}))).shippedPrices();
  const told: CloudPrice = { ...(shipped as CloudPrice), listUnitPrice: '123', source: 'api', validFrom: '2026-11-01' };
  const open: Pick<OpenCloud, 'shippedPrices' | 'readPrices'> = {
    shippedPrices: () => [],
    async readPrices(regions) {
      asked.push(...regions);
      return [told];
    },
  };
  const cloud = { ...aws, missing: () => undefined, open: async () => open as OpenCloud };
  expect(await load([cloud])).toEqual({ rows: 1 });
  expect(asked).toEqual(['eu-west-1', 'us-east-1']);
});
