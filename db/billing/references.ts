import type pg from 'pg';
import type { RECONCILED_METRICS, REFERENCE_PARTS, REFERENCE_SOURCES } from '../schema/reconciliations.ts';

/** What somebody else says a month cost an account. */
export interface BillReference {
  source: (typeof REFERENCE_SOURCES)[number];
  /** First day of the month. */
  month: string;
  accountId: string;
  currency: string;
  metric: (typeof RECONCILED_METRICS)[number];
  part: (typeof REFERENCE_PARTS)[number];
  /** Decimal text. Those of the same part are added. */
  amount: string;
}

/**
 * Stores what a source says of some months, in place of all it said of these months before; where `accounts` is 'given', of the accounts
 * among `references` alone, as an invoice says nothing of others.
 */
export async function storeReferences(
  client: pg.ClientBase,
  references: readonly BillReference[],
  about: { source: BillReference['source']; months: readonly string[]; accounts: 'all' | 'given'; fetchedAt: Date },
): Promise<void> {
  const { source, months, accounts, fetchedAt } = about;
  const given = [...new Set(references.map(({ accountId }) => accountId))];
  await client.query(
    'DELETE FROM bill_references WHERE source = $1 AND billing_month = ANY ($2::date[]) AND ($3 OR account_id = ANY ($4::text[]))',
    [source, months, accounts === 'all', given],
  );
  await client.query(
    `INSERT INTO bill_references (source, billing_month, account_id, billing_currency, metric, part, amount, fetched_at)
     SELECT $1, month, "accountId", currency, metric, part, sum(amount), $2
     FROM json_to_recordset($3::json) AS given (month date, "accountId" text, currency text, metric text, part text, amount numeric)
     GROUP BY month, "accountId", currency, metric, part`,
    [source, fetchedAt, JSON.stringify(references)],
  );
}

/** When each month that a source was asked about was, by its first day. A month it had nothing of is not among them. */
export async function fetchedMonths(
  client: pg.ClientBase | pg.Pool,
  source: BillReference['source'],
): Promise<Map<string, Date>> {
  const { rows } = await client.query<{ month: string; fetched_at: Date }>(
    'SELECT billing_month AS month, max(fetched_at) AS fetched_at FROM bill_references WHERE source = $1 GROUP BY 1',
    [source],
  );
  return new Map(rows.map(({ month, fetched_at }) => [month, fetched_at]));
}
