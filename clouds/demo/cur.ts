import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Month } from './calendar.ts';
import { CUR_COLUMNS } from './cur-columns.ts';
import { type Duck, quote } from './duck.ts';
import type { Estate } from './estate.ts';
import { PART } from './lines.ts';
import { COMPANY } from './organisation.ts';
import { random } from './random.ts';

export const EXPORT_NAME = `${COMPANY}-cur2`;
const FILE = `${EXPORT_NAME}-00001.snappy.parquet`;

const periodOf = (month: Month) => `BILLING_PERIOD=${month.id}`;

/** Path of the file with a month's lines. */
function dataFile(folder: string, month: Month): string {
  return join(folder, EXPORT_NAME, 'data', periodOf(month), FILE);
}

/**
 * Writes one billing month of `charges` as an AWS Data Exports delivery of CUR 2.0: daily Parquet under
 * `<export>/data/BILLING_PERIOD=YYYY-MM/` and its manifest under `<export>/metadata/BILLING_PERIOD=YYYY-MM/`.
 * Returns the manifest's path.
 */
export async function writeMonth(
  duck: Pick<Duck, 'run'>,
  estate: Estate,
  month: Month,
  folder: string,
  seed: number,
): Promise<string> {
  const file = dataFile(folder, month);
  const metadata = join(folder, EXPORT_NAME, 'metadata', periodOf(month));
  mkdirSync(dirname(file), { recursive: true });
  mkdirSync(metadata, { recursive: true });
  await duck.run(`create or replace temp table month_lines as ${linesOf(month)}`);
  await duck.run(
    `copy (${select(estate)}) to ${quote(file)} (format parquet, compression snappy, row_group_size 20480)`,
  );
  const manifest = join(metadata, `${EXPORT_NAME}-Manifest.json`);
  writeFileSync(manifest, `${JSON.stringify(manifestOf(estate, month, seed), null, 2)}\n`);
  return manifest;
}

/** Prepares the wide side of the join once: what a SKU, plan or reservation says on every line. */
export async function prepareCur(duck: Duck, estate: Estate): Promise<void> {
  const day = (column: string) => `(date ${quote(estate.calendar.date(0))} + ${column}::integer)`;
  await duck.run(`create table cur_skus as select * exclude (attributes), attributes::map(varchar, varchar) as attributes,
      not marketplace and product not in ('ComputeSavingsPlans', 'AWSSupportEnterprise') and family not in ('Tax', 'Credit') as regional,
      case regexp_extract(instance_type, '([0-9]*)[a-z]+$') when 'nano' then 0.25 when 'micro' then 0.5 when 'small' then 1 when 'medium' then 2
        when 'large' then 4 else case when instance_type like '%xlarge' then 8 * coalesce(nullif(regexp_extract(instance_type, '\\.([0-9]*)xlarge$', 1), '')::double, 1) end end as size_factor
    from skus`);
  await duck.run(`create table cur_days as select *, date::timestamp as start_time, (date + 1)::timestamp as end_time,
    strftime(date, '%Y-%m-%dT00:00:00Z/') || strftime(date + 1, '%Y-%m-%dT00:00:00Z') as time_interval from days`);
  await duck.run(
    'create table cur_tags as select tag_set, tags::map(varchar, varchar) as tags, division from tag_sets',
  );
  await duck.run(
    `create table cur_plans as select *, ${day('from_day')} as start_date, ${day('to_day')} as end_date from plans`,
  );
  await duck.run(
    `create table cur_reservations as select *, ${day('from_day')} as start_date, ${day('to_day')} as end_date from reservations`,
  );
}

/** The lines of a month, narrow, in the order of the file: by day, then resource by resource. */
function linesOf(month: Month): string {
  const within = `day >= ${month.firstDay} and day < ${month.endDay}`;
  return `select stream, day, part, plan, reservation, quantity, unblended, list, effective, null::varchar as parent,
      null::double as reserved, null::double as actual, null::double as node_part, null::double as split, null::double as unused,
      null::double as list_split, null::double as list_unused
    from charges where ${within}
    union all
    select stream, day, ${PART.pod}, null, null, reserved::decimal(18,6), 0, 0, 0, parent, reserved, actual, node_part, split, unused, list_split, list_unused
    from pod_charges where ${within}
    order by day, stream, part, plan nulls first`;
}

// The order of a join's left side is kept (see openDuck), so the file has the order of month_lines without sorting wide rows.
function select(estate: Estate): string {
  const columns = CUR_COLUMNS.map(([name, sql]) => `${sql} as ${name}`).join(',\n      ');
  return `select ${columns}
    from month_lines l join streams s using (stream) join cur_skus k using (sku) join accounts a using (account) join cur_days d using (day)
      join months m using (month) left join cur_tags t using (tag_set) left join cur_plans p on p.plan = l.plan
      left join cur_reservations r on r.reservation = l.reservation
      cross join (select id, name from accounts where account = ${estate.organisation.payer.index}) as payer`;
}

function manifestOf(estate: Estate, month: Month, seed: number) {
  const rng = random(seed, `manifest/${month.id}/${estate.calendar.date(estate.calendar.days)}`);
  const id = () => `${rng.hex(8)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(12)}`;
  return {
    exportArn: `arn:aws:bcm-data-exports:us-east-1:${estate.organisation.payer.id}:export/${EXPORT_NAME}-${random(seed, 'export').hex(12)}`,
    exportName: EXPORT_NAME,
    executionId: id(),
    executionStatus: 'DELIVERY_SUCCESS',
    createdAt: `${estate.calendar.date(estate.calendar.days)}T04:10:00Z`,
    billingPeriod: { start: `${month.start}T00:00:00.000Z`, end: `${month.end}T00:00:00.000Z` },
    tableName: 'COST_AND_USAGE_REPORT',
    tableConfigurations: {
      TIME_GRANULARITY: 'DAILY',
      INCLUDE_RESOURCES: 'TRUE',
      INCLUDE_SPLIT_COST_ALLOCATION_DATA: 'TRUE',
      INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: 'FALSE',
    },
    outputConfigurations: {
      format: 'PARQUET',
      compression: 'PARQUET',
      outputType: 'CUSTOM',
      overwrite: 'OVERWRITE_REPORT',
    },
    columns: CUR_COLUMNS.map(([name]) => ({ name })),
    dataFiles: [`s3://${COMPANY}-billing-exports/${EXPORT_NAME}/data/${periodOf(month)}/${FILE}`],
  };
}
