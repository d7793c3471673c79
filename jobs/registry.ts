import { anchorAuditJob } from './anchor-audit.ts';
import { applyRemediationsJob } from './apply-remediations.ts';
import { applyRetentionJob } from './apply-retention.ts';
import { checkBudgetsJob } from './check-budgets.ts';
import { detectAnomaliesJob } from './detect-anomalies.ts';
import { forecastCostsJob } from './forecast-costs.ts';
import { ingestBillingJob } from './ingest-billing.ts';
import { ingestInventoryJob } from './ingest-inventory.ts';
import { ingestPricesJob } from './ingest-prices.ts';
import { ingestUsageJob } from './ingest-usage.ts';
import { ingestWarehouseJob } from './ingest-warehouse.ts';
import { ingestWorkloadsJob } from './ingest-workloads.ts';
import type { Job } from './job.ts';
import { recommendChangesJob } from './recommend-changes.ts';
import { reconcileBillJob } from './reconcile-bill.ts';
import { trackSavingsJob } from './track-savings.ts';
import { writeInsightsJob } from './write-insights.ts';

/** Every job there is. A new one is a file and a line here. */
export const JOBS: readonly Job[] = [
  ingestBillingJob,
  ingestWarehouseJob,
  anchorAuditJob,
  applyRetentionJob,
  applyRemediationsJob,
  reconcileBillJob,
  detectAnomaliesJob,
  forecastCostsJob,
  ingestInventoryJob,
  ingestUsageJob,
  ingestWorkloadsJob,
  ingestPricesJob,
  recommendChangesJob,
  trackSavingsJob,
  checkBudgetsJob,
  writeInsightsJob,
];
