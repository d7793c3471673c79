import type { OpenCloud, Warehouse } from '../contract.ts';
import { type AthenaOptions, type AthenaSettings, openAthena } from './athena.ts';
import { findExports } from './billing/exports.ts';
import { type AwsOptions, type AwsSettings, openAws } from './clients.ts';
import { readCostExplorer } from './cost-explorer.ts';
import { billingAccountOf } from './inventory/accounts.ts';
import { readInventory } from './inventory/read-inventory.ts';
import { readListPrices } from './prices/list-prices.ts';
import { shippedPrices } from './prices/shipped.ts';
import { KEPT_HOURS, readUsage } from './usage/read-usage.ts';

/** Returns AWS for one run, by what a cloud must give. `options` are for stand-ins. */
export function openAwsCloud(settings: AwsSettings, options: AwsOptions = {}): OpenCloud {
  const run = openAws(settings, options);
  return {
    // Its clients stay open: the files are fetched later.
    findExports: (uris, filter) => findExports(run.home(), uris, filter),
    readInventory: (reading) => readInventory(run, reading),
    usageKeptHours: KEPT_HOURS,
    readUsage: (reading, asked) => readUsage(run, reading, asked),
    readPrices: (reading, asked) => readListPrices(run, reading, asked),
    shippedPrices,
    readBillTotals: async (months) =>
      settings.PENNY_AWS_COST_EXPLORER === 'off' ? undefined : readCostExplorer(run, months),
    billingAccount: () => billingAccountOf(run),
    calls: () => run.calls.byOperation(),
  };
}

/** Returns Athena, with a budget of calls of its own. */
export function openAwsWarehouse(
  settings: AwsSettings & AthenaSettings,
  options: AwsOptions & { athena?: AthenaOptions } = {},
): Warehouse {
  return openAthena(openAws(settings, options), settings, options.athena);
}
