import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud, CloudPrice, OpenCloud } from '../clouds/contract.ts';
import { CLOUDS } from '../clouds/registry.ts';
import { readConfig } from '../config.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { loadPrices } from './ingest-prices.ts';

let database: TestDatabase;
let home: string;
beforeAll(async () => {
  database = await testDatabase();
  home = mkdtempSync(join(tmpdir(), 'penny-prices-'));
});
afterAll(async () => {
  await database.close();
  rmSync(home, { recursive: true, force: true });
});

const load = (clouds?: readonly Cloud[]) =>
  loadPrices(
    {
      config: readConfig({ PENNY_HOME: home }),
      db: database.db,
      signal: new AbortController().signal,
      progress: () => undefined,
    },
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
  const asked: unknown[] = [];
  const [aws] = CLOUDS;
  if (aws === undefined) throw new Error('there is no cloud');
  const [shipped] = (await aws.open(readConfig({}))).shippedPrices();
  const dated = { validFrom: '2026-11-01', sourceDate: '2026-11-20' };
  const told: CloudPrice = { ...(shipped as CloudPrice), listUnitPrice: '123', source: 'bulk list', ...dated };
  const open: Pick<OpenCloud, 'shippedPrices' | 'readPrices'> = {
    shippedPrices: () => [],
    async readPrices({ folder }, { regions, known }) {
      asked.push(regions, [...known], existsSync(folder));
      return [told];
    },
  };
  const cloud = { ...aws, missing: () => undefined, open: async () => open as OpenCloud };
  expect(await load([cloud])).toEqual({ rows: 1 });
  expect(asked.splice(0)).toEqual([['eu-west-1', 'us-east-1'], [], true]);
  expect(await load([cloud])).toEqual({ rows: 0 });
  expect(asked[1]).toEqual([[`${told.serviceCode} ${told.regionId}`, '2026-11-20']]);
  expect(readdirSync(join(home, 'tmp'))).toEqual([]);
});
