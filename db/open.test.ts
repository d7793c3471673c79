import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { log } from '../log.ts';
import { missingMigrations } from './migrate.ts';
import { openDatabase } from './open.ts';
import { emptyDatabase } from './testing.ts';

test('opens the Postgres of PENNY_DATABASE_URL as it is, without migrating it, for any number of exclusive users', async () => {
  const { url, close } = await emptyDatabase();
  const config = readConfig({ PENNY_DATABASE_URL: url });
  const one = await openDatabase(config, log, { exclusive: true });
  const other = await openDatabase(config, log, { exclusive: true });

  expect(one.url).toBe(url);
  expect(await missingMigrations(one.db.pool)).toBeGreaterThan(0);
  await Promise.all([one.close(), other.close()]);
  await close();
});

test('opens the embedded Postgres of PENNY_HOME when no other is configured', async () => {
  const home = mkdtempSync(join(tmpdir(), 'penny-open-'));
  const { db, close } = await openDatabase(readConfig({ PENNY_HOME: home }), log, { exclusive: true });
  const { rows } = await db.pool.query('SELECT current_database() AS name, current_user AS owner');
  expect(rows).toEqual([{ name: 'penny', owner: 'penny' }]);

  await expect(openDatabase(readConfig({ PENNY_HOME: home }), log, { exclusive: true })).rejects.toMatchObject({
    code: 'database_busy',
    details: { folder: home, pid: String(process.pid) },
  });
  await close();
  rmSync(home, { recursive: true, force: true });
});

test('says what is wrong when the configured Postgres cannot be reached', async () => {
  const config = readConfig({ PENNY_DATABASE_URL: 'postgres://penny@127.0.0.1:1/penny' });
  await expect(openDatabase(config, log)).rejects.toMatchObject({
    code: 'database_unavailable',
    message: expect.stringContaining('PENNY_DATABASE_URL'),
  });
});
