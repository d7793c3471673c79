import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeDb, connect, type Db } from './client.ts';
import { type TestDatabase, testDatabase } from './testing.ts';

let database: TestDatabase;
let db: Db;
let user: string;

beforeEach(async () => {
  database = await testDatabase();
  user = await makeUser('first');
  db = connect(() => addressOf(user), { max: 4 });
});
afterEach(async () => {
  await closeDb(db);
  await database.db.pool.query(`DROP ROLE IF EXISTS ${user}`);
  await database.close();
});

async function makeUser(name: string): Promise<string> {
  const unique = `${name}_${Math.random().toString(36).slice(2)}`;
  await database.db.pool.query(`CREATE ROLE ${unique} LOGIN PASSWORD '${unique}'`);
  return unique;
}

function addressOf(name: string): string {
  const url = new URL(database.url);
  url.username = name;
  url.password = name;
  return url.href;
}

const whoAmI = async () => (await db.pool.query<{ user: string }>('SELECT session_user AS user')).rows[0]?.user;

async function sessionsOf(name: string): Promise<number> {
  const { rows } = await database.db.pool.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM pg_stat_activity WHERE usename = $1',
    [name],
  );
  return rows[0]?.count ?? -1;
}

test('uses the new user once the address has changed, and closes what the old one had open', async () => {
  const old = user;
  expect(await whoAmI()).toBe(old);
  user = await makeUser('second');
  expect([old, user]).toContain(await whoAmI());
  expect(await whoAmI()).toBe(user);
  await expect.poll(() => sessionsOf(old)).toBe(0);
  await database.db.pool.query(`DROP ROLE ${old}`);
  expect(await whoAmI()).toBe(user);
});

test('lets a transaction under way finish with the old user', async () => {
  const old = user;
  const client = await db.pool.connect();
  await client.query('BEGIN');
  user = await makeUser('second');
  await expect(client.query('SELECT session_user AS user')).resolves.toMatchObject({ rows: [{ user: old }] });
  expect(await whoAmI()).toBe(user);
  await client.query('COMMIT');
  client.release();
  await expect.poll(() => sessionsOf(old)).toBe(0);
});

test('drops no query of a crowd while the user changes again and again', async () => {
  const users = new Set<string>();
  let asked: number[] = [];
  let isOver = false;
  const crowd = Array.from({ length: 12 }, async (_, member) => {
    while (!isOver) {
      users.add((await whoAmI()) ?? '');
      asked[member] = (asked[member] ?? 0) + 1;
    }
  });
  const everybodyAskedTwice = async () => {
    asked = crowd.map(() => 0);
    await Promise.race([expect.poll(() => Math.min(...asked), { timeout: 20_000 }).toBeGreaterThan(1), ...crowd]);
  };
  for (let round = 0; round < 6; round++) {
    await everybodyAskedTwice();
    const old = user;
    user = await makeUser(`round${round}`);
    // By then nobody still waits for a connection that was begun with the old user.
    await everybodyAskedTwice();
    await expect.poll(() => sessionsOf(old)).toBe(0);
    await database.db.pool.query(`DROP ROLE ${old}`);
  }
  isOver = true;
  await Promise.all(crowd);
  expect(users.size).toBe(7);
});
