import { PennyError } from '../../../errors.ts';
import type { CloudPrice, CloudRun } from '../../contract.ts';
import type { Aws } from '../clients.ts';
import { type BulkAsked, readBulkList } from './bulk-list.ts';
import { readPrices } from './read-prices.ts';

/**
 * Returns the on-demand list prices of these regions: those the Pricing API tells or, where it is denied or the settings want it, those of
 * the bulk list.
 * @throws PennyError `value_invalid`, `cloud_unavailable`, `cloud_budget`
 */
export async function readListPrices(aws: Aws, run: CloudRun, asked: BulkAsked): Promise<CloudPrice[]> {
  const { PENNY_AWS_PRICES: from, PENNY_AWS_PRICE_LIST_URL: url } = aws.settings;
  if (from === 'bulk') return readBulkList(url, run, asked);
  try {
    return await readPrices(aws, asked.regions);
  } catch (error) {
    if (!(error instanceof PennyError && error.code === 'cloud_denied')) throw error;
    return readBulkList(url, run, asked);
  }
}
