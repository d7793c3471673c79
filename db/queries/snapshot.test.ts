import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing.ts';
import { readSnapshot } from './snapshot.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.close());

const EVERYTHING = { userId: 'u', scope: 'all' } as const;

const count = async (client: {
  query(text: string): Promise<{ rows: { n: string }[] }>;
}): Promise<string | undefined> => (await client.query('SELECT count(*) AS n FROM accounts')).rows[0]?.n;

test('what is read comes from one state, whatever is stored meanwhile', async () => {
  const seen = await readSnapshot(database.db, EVERYTHING, undefined, async (client) => {
    const before = await count(client);
    await database.db.pool.query(`INSERT INTO accounts (account_id, kind) VALUES ('meanwhile', 'sub')`);
    return [before, await count(client)];
  });
  expect(seen).toEqual(['0', '0']);
  expect(await readSnapshot(database.db, EVERYTHING, undefined, count)).toBe('1');
});

test('nothing can be written, and a failure leaves the connection as it was', async () => {
  const write = readSnapshot(database.db, EVERYTHING, undefined, (client) => client.query('DELETE FROM accounts'));
  await expect(write).rejects.toThrow('read-only transaction');
  expect(await readSnapshot(database.db, EVERYTHING, undefined, count)).toBe('1');
});

test('an abort ends the statement under way and is what the caller gets', async () => {
  const stop = new AbortController();
  const slow = readSnapshot(database.db, EVERYTHING, stop.signal, (client) =>
    client.query('SELECT count(*) FROM generate_series(1, 1000000000) AS long'),
  );
  const ended = expect(slow).rejects.toThrow('the reader left');
  for (;;) {
    const { rowCount } = await database.db.pool.query(
      `SELECT FROM pg_stat_activity WHERE query LIKE '%AS long' AND state = 'active' AND datname = current_database()`,
    );
    if (rowCount === 1) break;
  }
  stop.abort(new Error('the reader left'));
  await ended;
  expect(await readSnapshot(database.db, EVERYTHING, undefined, count)).toBe('1');
}, 20_000);
