import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type GeneratedEstate, generateEstate } from './generate.ts';
import type { PlanOptions } from './plan.ts';

/** A generated estate and a DuckDB that reads the files it consists of. */
export interface EstateUnderTest {
  made: GeneratedEstate;
  folder: string;
  rows<Row>(sql: string): Promise<Row[]>;
  close(): void;
}

/**
 * The amortized cost of a CUR line by the reference rule of the Cloud Intelligence Dashboards (summary_view.sql), written
 * out here once more so that neither the generator nor the ingester is asked about itself.
 */
const AMORTIZED = `case line_item_line_item_type
  when 'SavingsPlanCoveredUsage' then savings_plan_savings_plan_effective_cost
  when 'SavingsPlanRecurringFee' then savings_plan_total_commitment_to_date - savings_plan_used_commitment
  when 'SavingsPlanNegation' then 0
  when 'DiscountedUsage' then reservation_effective_cost
  when 'RIFee' then reservation_unused_amortized_upfront_fee_for_billing_period + reservation_unused_recurring_fee
  when 'Fee' then case when reservation_reservation_a_r_n is not null then 0 else line_item_unblended_cost end
  else line_item_unblended_cost end`;

/**
 * Generates an estate, with metrics, into a folder of its own. Views: `cur` (the export), `lines` (the same without pods'
 * shares, with `day`, `amortized` and the two spellings of the tags as `team` and `environment`), `metrics`.
 */
export async function estateUnderTest(options: PlanOptions): Promise<EstateUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'penny-estate-'));
  const made = await generateEstate({ ...options, folder });
  const usage = await made.writeUsage();
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const tag = (key: string, variant: string) =>
    `coalesce(resource_tags['user_${key}'], resource_tags['user_${variant}'])`;
  await connection.run(
    `create view cur as from read_parquet('${made.billingFolder}/data/*/*.parquet', hive_partitioning = false)`,
  );
  await connection.run(`create view lines as select *, line_item_usage_start_date::date as day, (${AMORTIZED})::decimal(18,10) as amortized,
      ${tag('team', 'Team')} as team, ${tag('environment', 'Environment')} as environment
    from cur where coalesce(line_item_operation, '') <> 'EKSPod-EC2'`);
  await connection.run(`create view metrics as from read_parquet('${usage}/*.parquet')`);
  return {
    made,
    folder,
    rows: async <Row>(sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson() as Row[],
    close() {
      connection.closeSync();
      instance.closeSync();
      made.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
