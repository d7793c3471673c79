import type { Db } from './client.ts';

/** An account as its cloud knows it. */
export interface InventoryAccount {
  accountId: string;
  name: string | null;
  /** 'billing' for who pays, 'sub' for the accounts below it. */
  kind: 'billing' | 'sub';
  billingAccountId: string;
  serviceProviderName: string;
  state: string | null;
  tags: Record<string, string>;
}

/**
 * Adds accounts, or brings those known up to date: what the cloud says of them stands above what the bill says, but where it
 * gives no name or state, what is known stays.
 * @throws PennyError `database_unavailable`
 */
export async function storeAccounts(db: Db, accounts: readonly InventoryAccount[]): Promise<void> {
  await db.pool.query(
    `INSERT INTO accounts AS known (account_id, name, kind, billing_account_id, service_provider_name, state, tags)
     SELECT account->>'accountId', account->>'name', account->>'kind', account->>'billingAccountId',
       account->>'serviceProviderName', account->>'state', account->'tags'
     FROM jsonb_array_elements($1::jsonb) AS account
     ON CONFLICT (account_id) DO UPDATE SET
       name = coalesce(excluded.name, known.name), state = coalesce(excluded.state, known.state),
       kind = CASE WHEN known.kind = 'billing' THEN 'billing' ELSE excluded.kind END, tags = excluded.tags,
       billing_account_id = excluded.billing_account_id, service_provider_name = excluded.service_provider_name, updated_at = now()`,
    [JSON.stringify(accounts)],
  );
}
