import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

// Ten times as much as a load has; what groups a hundred million lines would like more than most machines have.
const MEMORY_LIMIT = '8GB';

/** A connection to a DuckDB of the bench's own; what does not fit into its memory goes to the folder for temporary files. */
export async function openBenchDuck(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    preserve_insertion_order: 'false',
    memory_limit: MEMORY_LIMIT,
    temp_directory: join(tmpdir(), `penny-bench-spill-${process.pid}`),
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return connection;
}

// Hours of the day in which a resource has a line: about one line in four, so that a daily row sums six or seven.
const HOURS = 'h % 24 IN (1, 4, 8, 11, 15, 18, 22) AND NOT (h % 24 = 22 AND h % 72 > 50)';
const LINES_A_RESOURCE = 200;

const LINES = `SELECT
    md5(i || '-' || h) AS identity_line_item_id,
    strftime(hour, '%Y-%m-%dT%H:%M:%SZ') || '/' || strftime(hour + INTERVAL 1 HOUR, '%Y-%m-%dT%H:%M:%SZ') AS identity_time_interval,
    'Anniversary' AS bill_bill_type, 'AWS' AS bill_billing_entity, TIMESTAMP '2025-03-01' AS bill_billing_period_start_date,
    TIMESTAMP '2025-04-01' AS bill_billing_period_end_date, '' AS bill_invoice_id, 'Amazon Web Services, Inc.' AS bill_invoicing_entity,
    '999999999999' AS bill_payer_account_id, 'payer' AS bill_payer_account_name,
    region || 'a' AS line_item_availability_zone, cost AS line_item_blended_cost, CAST(price AS VARCHAR) AS line_item_blended_rate,
    'USD' AS line_item_currency_code, 'Amazon Web Services, Inc.' AS line_item_legal_entity,
    '$' || round(price, 4) || ' per ' || usage_type AS line_item_line_item_description, 'Usage' AS line_item_line_item_type,
    cost AS line_item_net_unblended_cost, '' AS line_item_net_unblended_rate, 4.0::DOUBLE AS line_item_normalization_factor,
    4.0::DOUBLE AS line_item_normalized_usage_amount, 'RunInstances' AS line_item_operation, code AS line_item_product_code,
    resource AS line_item_resource_id, '' AS line_item_tax_type, cost AS line_item_unblended_cost,
    CAST(price AS VARCHAR) AS line_item_unblended_rate, account AS line_item_usage_account_id, account_name AS line_item_usage_account_name,
    amount AS line_item_usage_amount, hour AS line_item_usage_start_date, hour + INTERVAL 1 HOUR AS line_item_usage_end_date,
    usage_type || instance AS line_item_usage_type, 'USD' AS pricing_currency, '' AS pricing_lease_contract_length,
    '' AS pricing_offering_class, 1.1 * cost AS pricing_public_on_demand_cost, CAST(price AS VARCHAR) AS pricing_public_on_demand_rate,
    '' AS pricing_purchase_option, 'R' || (i % 500) AS pricing_rate_code, '' AS pricing_rate_id, 'OnDemand' AS pricing_term, 'Hrs' AS pricing_unit,
    MAP {'product_name': code, 'region': region} AS product, instance AS product_instance_type, 'Compute Instance' AS product_product_family,
    region AS product_region_code, code AS product_servicecode, 'SKU' || (i % 300) AS product_sku, 0::DOUBLE AS reservation_effective_cost,
    0::DOUBLE AS reservation_unused_amortized_upfront_fee_for_billing_period, 0::DOUBLE AS reservation_unused_recurring_fee,
    '' AS reservation_reservation_a_r_n, 0::DOUBLE AS savings_plan_savings_plan_effective_cost,
    0::DOUBLE AS savings_plan_total_commitment_to_date, 0::DOUBLE AS savings_plan_used_commitment, '' AS savings_plan_savings_plan_a_r_n,
    tags AS resource_tags
  FROM (SELECT *, price * amount AS cost
    FROM (SELECT *, TIMESTAMP '2025-03-01' + to_hours(CAST(h AS INTEGER)) AS hour, 0.5 + (h % 24) / 24.0 AS amount
      FROM range(720) AS hours(h), resources WHERE ${HOURS}))`;

/**
 * Writes a CUR 2.0 of about so many lines: hourly, 50 accounts, 40 products, 20 regions, 20 tags a resource (a tenth of them
 * has none), as Parquet with a map of tags, or as gzipped CSV with the map as JSON.
 */
export async function writeBill(duck: DuckDBConnection, lines: number, path: string): Promise<void> {
  const resources = Math.ceil(lines / LINES_A_RESOURCE);
  await duck.run(`CREATE OR REPLACE TABLE resources AS SELECT i,
      'arn:aws:ec2:us-east-1:' || (100000000000 + i % 50) || ':instance/i-0' || substr(md5(CAST(i AS VARCHAR)), 1, 16) AS resource,
      CAST(100000000000 + i % 50 AS VARCHAR) AS account, 'account ' || (i % 50) AS account_name,
      'Amazon' || ['EC2', 'S3', 'RDS', 'ECS', 'EKS'][1 + i % 5] || (i % 40) AS code, 'region-' || (i % 20) AS region,
      ['m5.large', 'm5.xlarge', 'c6g.large', 'r6i.2xlarge'][1 + i % 4] AS instance,
      ['BoxUsage:', 'EBS:VolumeUsage', 'NatGateway-Hours', 'DataTransfer-Out-Bytes'][1 + i % 4] AS usage_type, 0.01 + (i % 977) / 997.0 AS price,
      CASE WHEN i % 10 = 0 THEN MAP {} ELSE map_from_entries(list_transform(range(20),
        lambda k: {'key': 'user_tag_' || k, 'value': 'value_' || (CAST(i / (1 + k) AS INTEGER) % (5 + k * 10))})) END AS tags
    FROM range(${resources}) AS resource(i)`);
  const isParquet = path.endsWith('.parquet');
  const select = isParquet
    ? LINES
    : LINES.replace('tags AS resource_tags', 'to_json(tags) AS resource_tags').replace(
        /MAP \{'product_name': code, 'region': region\} AS product/,
        "json_object('product_name', code, 'region', region) AS product",
      );
  await duck.run(
    `COPY (${select}) TO '${path}' (${isParquet ? 'FORMAT parquet' : 'FORMAT csv, HEADER, COMPRESSION gzip'})`,
  );
}

// Every column of the stored bill that this bill fills; what all lines agree in is written down.
const KEYS = {
  load_id: '1',
  billing_period_start: 'bill_billing_period_start_date',
  billing_period_end: 'bill_billing_period_end_date',
  charge_period_start: 'CAST(line_item_usage_start_date AS DATE)',
  charge_period_end: 'CAST(line_item_usage_start_date AS DATE) + 1',
  billing_account_id: 'bill_payer_account_id',
  billing_account_name: 'bill_payer_account_name',
  sub_account_id: 'line_item_usage_account_id',
  sub_account_name: 'line_item_usage_account_name',
  invoice_id: 'bill_invoice_id',
  invoice_issuer_name: 'bill_invoicing_entity',
  service_provider_name: 'bill_billing_entity',
  host_provider_name: "'AWS'",
  publisher_name: 'line_item_legal_entity',
  service_category: "'Compute'",
  service_name: 'product_servicecode',
  region_id: 'product_region_code',
  availability_zone: 'line_item_availability_zone',
  resource_id: 'line_item_resource_id',
  resource_type: 'product_product_family',
  charge_category: "'Usage'",
  charge_frequency: "'Usage-Based'",
  charge_description: 'line_item_line_item_description',
  pricing_category: "'Standard'",
  pricing_unit: 'pricing_unit',
  pricing_currency: 'pricing_currency',
  consumed_unit: "'Hrs'",
  commitment_discount_id: 'coalesce(savings_plan_savings_plan_a_r_n, reservation_reservation_a_r_n)',
  sku_id: 'product_sku',
  sku_price_id: 'pricing_rate_code',
  list_unit_price: 'pricing_public_on_demand_rate',
  contracted_unit_price: 'line_item_unblended_rate',
  billing_currency: 'line_item_currency_code',
  tag_set_id: 'CAST(hash(resource_tags) >> 1 AS BIGINT)',
  x_service_code: 'line_item_product_code',
  x_usage_type: 'line_item_usage_type',
  x_operation: 'line_item_operation',
  x_charge_type: 'line_item_line_item_type',
  x_instance_type: 'product_instance_type',
};

const SUMS = {
  pricing_quantity: 'line_item_usage_amount',
  consumed_quantity: 'line_item_usage_amount',
  billed_cost: 'line_item_net_unblended_cost',
  effective_cost: 'line_item_net_unblended_cost',
  contracted_cost: 'line_item_unblended_cost',
  list_cost: 'pricing_public_on_demand_cost',
};

/** The columns of the daily rows that `limitSelect` makes. */
export const LIMIT_COLUMNS = [...Object.keys(KEYS), ...Object.keys(SUMS), 'x_line_count'];

/**
 * Returns the least that loading this one bill takes, written by hand for it: its lines grouped to daily rows, nothing
 * checked, mapped or kept besides.
 */
export function limitSelect(path: string): string {
  const from = path.endsWith('.parquet')
    ? `read_parquet('${path}')`
    : `read_csv('${path}', header = true, all_varchar = true)`;
  const keys = Object.entries(KEYS).map(([name, sql]) => `${sql} AS ${name}`);
  const sums = Object.entries(SUMS).map(([name, column]) => `sum(CAST(${column} AS DOUBLE)) AS ${name}`);
  return `SELECT ${[...keys, ...sums].join(', ')}, count(*) AS x_line_count FROM ${from} GROUP BY ALL`;
}
