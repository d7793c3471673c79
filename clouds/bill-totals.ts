import type { Config } from '../config.ts';

/** What a cloud itself says a month cost an account; the parts of an account's month add up to it. */
export interface BillTotal {
  /** First day of the month. */
  month: string;
  accountId: string;
  currency: string;
  /** The cost it is comparable with. */
  metric: 'billed_cost' | 'effective_cost';
  part: 'charges' | 'tax' | 'credits' | 'refunds' | 'support';
  /** Decimal text; several of the same part add up. */
  amount: string;
}

/**
 * Returns what the clouds that may be asked say these months (first days) cost, each account by itself; undefined when none may be:
 * asking costs money.
 * @throws PennyError `cloud_denied`, `cloud_unavailable`, `cloud_budget`
 */
export async function readBillTotals(
  config: Config,
  months: readonly string[],
  signal: AbortSignal,
): Promise<BillTotal[] | undefined> {
  if (config.PENNY_AWS_COST_EXPLORER === 'off') return undefined;
  const [{ openAws }, { readCostExplorer }] = await Promise.all([
    import('./aws/clients.ts'),
    import('./aws/cost-explorer.ts'),
  ]);
  return readCostExplorer(openAws(config), months, signal);
}
