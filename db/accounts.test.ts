import { afterAll, beforeAll, expect, test } from 'vitest';
import { type InventoryAccount, storeAccounts } from './accounts.ts';
import { type TestDatabase, testDatabase } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const account = (change: Partial<InventoryAccount> = {}): InventoryAccount => ({
  accountId: '222',
  name: 'production',
  kind: 'sub',
  billingAccountId: '111',
  serviceProviderName: 'AWS',
  state: 'ACTIVE',
  tags: { team: 'platform' },
  ...change,
});

test('accounts of a cloud complete those of the bill, and what it does not say stays', async () => {
  await database.db.pool.query(
    `INSERT INTO accounts (account_id, name, kind, first_seen_date, last_seen_date) VALUES ('222', '222', 'sub', '2026-01-01', '2026-02-01')`,
  );
  await storeAccounts(database.db, [account(), account({ accountId: '111', kind: 'billing', tags: {} })]);
  await storeAccounts(database.db, [account({ name: null, state: 'SUSPENDED' })]);
  const { rows } = await database.db.pool.query(
    `SELECT account_id, name, kind, state, tags, first_seen_date FROM accounts ORDER BY account_id`,
  );
  expect(rows).toEqual([
    { account_id: '111', name: 'production', kind: 'billing', state: 'ACTIVE', tags: {}, first_seen_date: null },
    {
      account_id: '222',
      name: 'production',
      kind: 'sub',
      state: 'SUSPENDED',
      tags: { team: 'platform' },
      first_seen_date: '2026-01-01',
    },
  ]);
});
