import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { getTableColumns } from 'drizzle-orm';
import { toSnakeCase } from 'drizzle-orm/casing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHARGE_COLUMNS } from '../analytics/focus.ts';
import { KEPT_BY_ALL, MONTHLY, ROLLUPS } from '../db/queries/rollups.ts';
import { billing } from '../db/schema/index.ts';
import { type BillTest, csv, curLine, focusLine, openBillTest } from './bill.fixture.ts';

let bill: BillTest;
beforeAll(async () => {
  bill = await openBillTest();
});
afterAll(() => bill.close());
beforeEach(() => bill.clear());

const SAMPLE = new URL('../clouds/aws/billing/cur2.sample.csv', import.meta.url).pathname;

test('a charge has the columns of the table that stores it', () => {
  const stored = Object.keys(getTableColumns(billing)).map(toSnakeCase);
  expect(stored.filter((name) => !['load_id', 'tag_set_id', 'x_line_count'].includes(name))).toEqual(
    Object.keys(CHARGE_COLUMNS),
  );
});

describe('what is stored', () => {
  test('the sums of the file, to the last digit', async () => {
    const { sums, rows, dailyRows, source, version, status } = await bill.loadOne(SAMPLE);
    expect({ rows, dailyRows, source, version, status }).toEqual({
      rows: 20,
      dailyRows: 19,
      source: 'aws-cur-2',
      version: '2.0',
      status: 'loaded',
    });
    expect(sums).toEqual({
      USD: {
        line_item_unblended_cost: { read: '379.0580111527', stored: null, focusColumn: null },
        line_item_net_unblended_cost: { read: '0.00000036', stored: null, focusColumn: null },
        line_item_blended_cost: { read: '379.0580111527', stored: null, focusColumn: null },
        pricing_public_on_demand_cost: { read: '0.4580111527', stored: null, focusColumn: null },
        reservation_effective_cost: { read: '0.06', stored: null, focusColumn: null },
        savings_plan_savings_plan_effective_cost: { read: '0.07', stored: null, focusColumn: null },
        billed_cost: { read: '379.0100111127', stored: '379.0100111127', focusColumn: 'billed_cost' },
        effective_cost: { read: '42.5000111127', stored: '42.5000111127', focusColumn: 'effective_cost' },
        contracted_cost: { read: '379.2020111127', stored: '379.2020111127', focusColumn: 'contracted_cost' },
        list_cost: { read: '0.5540111527', stored: '0.5540111527', focusColumn: 'list_cost' },
      },
    });
    const [stored] = await bill.rows(
      'SELECT sum(billed_cost)::text AS billed, sum(effective_cost)::text AS effective, sum(x_line_count)::int AS lines FROM billing',
    );
    expect(stored).toEqual({ billed: '379.0100111127', effective: '42.5000111127', lines: 20 });
  });

  test('the money column of the file is shown as stored where the mapping takes it as it is', async () => {
    const { sums } = await bill.loadOne(
      bill.write('plain.csv', [curLine(), curLine({ line_item_unblended_cost: '0.25' })]),
    );
    expect(sums.USD?.line_item_unblended_cost).toEqual({ read: '0.35', stored: '0.35', focusColumn: 'billed_cost' });
    expect(sums.USD?.pricing_public_on_demand_cost).toEqual({ read: '0.24', stored: '0.24', focusColumn: 'list_cost' });
  });

  test('the daily and coarser sums agree with the bill, and with those the database makes itself', async () => {
    await bill.loadOne(SAMPLE);
    const dimensions = `billing_currency, billing_account_id, sub_account_id, service_provider_name, service_name, service_category, region_id,
      charge_category, pricing_category, commitment_discount_status, publisher_name, billing_period_start`;
    const costs = 'sum(billed_cost), sum(effective_cost), sum(contracted_cost), sum(list_cost), sum(x_line_count)';
    const difference = (first: string, second: string) =>
      bill.rows(`(${first} EXCEPT ${second}) UNION ALL (${second} EXCEPT ${first})`);
    const fromBill = (more: string) =>
      `SELECT charge_period_start::date, ${dimensions}${more}, ${costs} FROM billing LEFT JOIN tag_sets USING (tag_set_id) GROUP BY charge_period_start, ${dimensions}${more}`;
    const fromSums = (table: string, more: string) =>
      `SELECT charge_date, ${dimensions}${more}, ${costs} FROM ${table} GROUP BY charge_date, ${dimensions}${more}`;
    expect(await difference(fromBill(''), fromSums('cost_daily', ''))).toEqual([]);
    expect(
      await difference(fromBill(', allocation_set_id'), fromSums('cost_daily_tagged', ', allocation_set_id')),
    ).toEqual([]);

    for (const { name, grain, columns } of ROLLUPS) {
      const kept = [...KEPT_BY_ALL, ...columns].join(', ');
      const start = `date_trunc('${grain}', charge_period_start, 'UTC')::date`;
      const made = await difference(
        `SELECT ${start}, ${kept}, ${costs} FROM billing LEFT JOIN tag_sets USING (tag_set_id) GROUP BY ${start}, ${kept}`,
        `SELECT period_start, ${kept}, ${costs} FROM cost_rollup WHERE rollup = '${name}' GROUP BY period_start, ${kept}`,
      );
      expect(made, name).toEqual([]);
    }
    const monthly = `${MONTHLY.columns.join(', ')}, tag_set_id`;
    const sums = [...MONTHLY.sums, 'x_line_count'];
    const apart = MONTHLY.apart.map((name) => `${name} IS NULL`).join(', ');
    expect(
      await difference(
        `SELECT date_trunc('month', charge_period_start, 'UTC')::date, ${monthly}, ${sums.map((name) => `sum(${name})`).join(', ')}
         FROM billing GROUP BY 1, ${monthly}, ${apart}`,
        `SELECT month_start, ${monthly}, ${sums.join(', ')} FROM cost_monthly`,
      ),
      'cost_monthly',
    ).toEqual([]);
    const [twice] = await bill.rows(
      `SELECT count(*) - count(DISTINCT to_jsonb(cost_rollup) - ARRAY['x_line_count', 'billed_cost', 'effective_cost', 'contracted_cost', 'list_cost']) AS rows FROM cost_rollup`,
    );
    expect(twice).toEqual({ rows: '0' });
  });

  test('tags once, without the prefixes of the vendor, folded, and reduced to the allocation tags', async () => {
    const tags = (text: string) => curLine({ resource_tags: text });
    await bill.loadOne(
      bill.write('tags.csv', [
        tags('{"user_Team":"checkout","user_name":"a","aws_created_by":"root"}'),
        tags('{"user_name":"a","aws_created_by":"root","user_Team":"checkout"}'),
        tags('{"user_Team":"x","user_team":"y"}'),
        tags('{}'),
      ]),
    );
    expect(await bill.rows('SELECT tags, folded, allocation FROM tag_sets ORDER BY length(tags::text)')).toEqual([
      { tags: { Team: 'x', team: 'y' }, folded: { team: 'y' }, allocation: { team: 'y' } },
      {
        tags: { Team: 'checkout', name: 'a', 'aws:created_by': 'root' },
        folded: { team: 'checkout', name: 'a', 'aws:created_by': 'root' },
        allocation: { team: 'checkout' },
      },
    ]);
    expect(
      await bill.rows(
        'SELECT tag_set_id IS NULL AS untagged, sum(x_line_count)::int AS lines FROM billing GROUP BY 1 ORDER BY 1',
      ),
    ).toEqual([
      { untagged: false, lines: 3 },
      { untagged: true, lines: 1 },
    ]);
    expect(await bill.rows('SELECT tags FROM allocation_sets ORDER BY tags::text')).toEqual([
      { tags: { team: 'checkout' } },
      { tags: { team: 'y' } },
    ]);
  });

  test('accounts and resources, as the last day shows them', async () => {
    await bill.loadOne(
      bill.write('inventory.csv', [
        curLine({ resource_tags: '{"user_Name":"old"}' }),
        curLine({
          line_item_usage_start_date: '2025-03-09T00:00:00Z',
          resource_tags: '{"user_Name":"web-1"}',
          product_region_code: 'eu-west-1',
        }),
        curLine({
          line_item_usage_account_id: '111111111111',
          line_item_usage_account_name: 'acme-payer',
          line_item_resource_id: '',
        }),
      ]),
    );
    expect(
      await bill.rows(
        'SELECT account_id, name, kind, billing_account_id, service_provider_name FROM accounts ORDER BY 1',
      ),
    ).toEqual([
      {
        account_id: '111111111111',
        name: 'acme-payer',
        kind: 'billing',
        billing_account_id: '111111111111',
        service_provider_name: 'AWS',
      },
      {
        account_id: '222222222222',
        name: 'shop',
        kind: 'sub',
        billing_account_id: '111111111111',
        service_provider_name: 'AWS',
      },
    ]);
    expect(
      await bill.rows(
        'SELECT resource_id, name, service_name, sub_account_id, region_id, tags, first_seen_date, last_seen_date FROM resources',
      ),
    ).toEqual([
      {
        resource_id: 'i-1',
        name: 'web-1',
        service_name: 'Amazon Elastic Compute Cloud',
        sub_account_id: '222222222222',
        region_id: 'eu-west-1',
        tags: { Name: 'web-1' },
        first_seen_date: '2025-03-03',
        last_seen_date: '2025-03-09',
      },
    ]);
  });

  test('what the inventory said of a resource stays', async () => {
    await bill.rows(
      `INSERT INTO resources (resource_id, name, type, tags, state, inventoried_at) VALUES ('i-1', 'real name', 'ec2:instance', '{"a":"b"}', 'running', now())`,
    );
    await bill.loadOne(bill.write('known.csv', [curLine({ resource_tags: '{"user_Name":"other"}' })]));
    expect(await bill.rows('SELECT name, type, tags, state, sub_account_id FROM resources')).toEqual([
      { name: 'real name', type: 'ec2:instance', tags: { a: 'b' }, state: 'running', sub_account_id: '222222222222' },
    ]);
  });
});

describe('loading again', () => {
  test('the same contents change nothing, under another name too', async () => {
    const first = await bill.loadOne(bill.write('a.csv', [curLine()]));
    const again = await bill.loadOne(bill.write('b.csv', [curLine()]));
    expect(again).toMatchObject({ status: 'unchanged', loadId: first.loadId, rows: 1, sums: first.sums });
    expect(again.periods).toEqual([
      {
        billingAccountId: '111111111111',
        start: '2025-03-01T00:00:00.000Z',
        end: '2025-04-01T00:00:00.000Z',
        rows: 1,
        replaced: null,
      },
    ]);
    expect(await bill.rows('SELECT count(*)::int AS loads FROM billing_loads')).toEqual([{ loads: 1 }]);
  });

  test('a restated month replaces and says what it replaced, and the earlier version can be brought back', async () => {
    const march = bill.write('march.csv', [curLine(), curLine({ line_item_resource_id: 'i-2' })]);
    const first = await bill.loadOne(march);
    const second = await bill.loadOne(bill.write('restated.csv', [curLine({ line_item_unblended_cost: '0.30' })]));
    expect(second.periods[0]?.replaced).toEqual({
      rows: 2,
      lines: 2,
      costs: { USD: { billed_cost: '0.2', effective_cost: '0.2' } },
    });
    expect(await totals()).toEqual({ billing: '0.3', cost_daily: '0.3', cost_daily_tagged: '0.3' });
    expect(
      await bill.rows('SELECT load_id::int, is_current, superseded_by::int FROM billing_loads ORDER BY 1'),
    ).toEqual([
      { load_id: first.loadId, is_current: false, superseded_by: second.loadId },
      { load_id: second.loadId, is_current: true, superseded_by: null },
    ]);
    expect(await bill.loadOne(march)).toMatchObject({ status: 'loaded' });
    expect(await totals()).toEqual({ billing: '0.2', cost_daily: '0.2', cost_daily_tagged: '0.2' });
  });

  test('only the billing periods and accounts of the file are replaced', async () => {
    const april = {
      bill_billing_period_start_date: '2025-04-01T00:00:00Z',
      bill_billing_period_end_date: '2025-05-01T00:00:00Z',
      line_item_usage_start_date: '2025-04-02T00:00:00Z',
    };
    const other = { bill_payer_account_id: '999999999999' };
    const first = await bill.loadOne(bill.write('all.csv', [curLine(), curLine(april), curLine(other)]));
    await bill.loadOne(bill.write('april.csv', [curLine({ ...april, line_item_unblended_cost: '5' })]));
    expect(
      await bill.rows(
        'SELECT billing_account_id AS account, billing_period_start::date::text AS start, sum(billed_cost)::text AS cost FROM billing GROUP BY 1, 2 ORDER BY 1, 2',
      ),
    ).toEqual([
      { account: '111111111111', start: '2025-03-01', cost: '0.1' },
      { account: '111111111111', start: '2025-04-01', cost: '5' },
      { account: '999999999999', start: '2025-03-01', cost: '0.1' },
    ]);
    expect(await bill.rows(`SELECT is_current FROM billing_loads WHERE load_id = ${first.loadId}`)).toEqual([
      { is_current: true },
    ]);
  });

  test('a billing period that shares its month with another one leaves that alone', async () => {
    const early = { BillingPeriodStart: '2025-03-01T00:00:00Z', BillingPeriodEnd: '2025-03-15T00:00:00Z' };
    const late = {
      BillingPeriodStart: '2025-03-15T00:00:00Z',
      BillingPeriodEnd: '2025-04-15T00:00:00Z',
      ChargePeriodStart: '2025-03-20T00:00:00Z',
    };
    await bill.loadOne(bill.write('both.csv', [focusLine(early), focusLine(late)]));
    await bill.loadOne(bill.write('late.csv', [focusLine({ ...late, BilledCost: '7' })]));
    expect(
      await bill.rows(
        'SELECT billing_period_start::date::text AS start, sum(billed_cost)::text AS cost FROM billing GROUP BY 1 ORDER BY 1',
      ),
    ).toEqual([
      { start: '2025-03-01', cost: '1' },
      { start: '2025-03-15', cost: '7' },
    ]);
  });

  test('another kind of export of the same month and account replaces it too', async () => {
    await bill.loadOne(bill.write('cur.csv', [curLine()]));
    await bill.loadOne(bill.write('focus.csv', [focusLine({ BillingAccountId: '111111111111', BilledCost: '9' })]));
    expect((await totals()).billing).toBe('9');
  });

  test('a long query is not waited for to the end, nor does it see a half of the new bill', async () => {
    await bill.loadOne(bill.write('one.csv', [curLine()]));
    const reader = await bill.db.pool.connect();
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query('SELECT sum(billed_cost) FROM billing');
    const loading = bill.loadOne(bill.write('two.csv', [curLine({ line_item_unblended_cost: '0.5' })]));
    // The load waits for the lock until this transaction ends.
    await waitFor(
      async () =>
        (await bill.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%DROP TABLE%'"))
          .length > 0,
    );
    expect((await reader.query('SELECT sum(billed_cost)::text AS sum FROM billing')).rows).toEqual([{ sum: '0.1' }]);
    await reader.query('COMMIT');
    reader.release();
    expect(await loading).toMatchObject({ status: 'loaded' });
    expect((await totals()).billing).toBe('0.5');
  });

  test('tables that a load filled before it failed or was killed do not stay', async () => {
    const path = bill.write('march.csv', [curLine()]);
    const { db } = bill;
    const filled =
      "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '_load_[0-9]' AND NOT relispartition";
    await db.pool.query("ALTER TABLE accounts ADD CONSTRAINT refused CHECK (account_id <> '222222222222')");
    try {
      await expect(bill.loadOne(path)).rejects.toThrow(/refused/);
    } finally {
      await db.pool.query('ALTER TABLE accounts DROP CONSTRAINT refused');
    }
    expect(await bill.rows(filled)).toEqual([]);
    expect(await bill.rows('SELECT load_id FROM billing')).toEqual([]);

    await db.pool.query('CREATE TABLE billing_2025_03_load_987_0 (LIKE billing)');
    await bill.loadOne(path);
    expect(await bill.rows(filled)).toEqual([]);
    expect(await bill.rows('SELECT x_line_count FROM billing')).toEqual([{ x_line_count: 1 }]);
  });

  test('a snapshot from before a load does not find the month empty after it', async () => {
    await bill.loadOne(bill.write('one.csv', [curLine()]));
    const reader = await bill.db.pool.connect();
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query('SELECT FROM cost_daily');
    await bill.loadOne(bill.write('two.csv', [curLine({ line_item_unblended_cost: '0.5' })]));
    expect((await reader.query('SELECT count(*)::int AS rows FROM billing')).rows).toEqual([{ rows: 1 }]);
    await reader.query('COMMIT');
    reader.release();
  });
});

describe('files', () => {
  test('CSV, gzip and Parquet of the same lines come to the same, whatever their names', async () => {
    const text = readFileSync(SAMPLE, 'utf8');
    const plain = bill.write('plain.csv', text);
    const zipped = bill.write('zipped.csv', gzipSync(text));
    const parquet = await bill.writeParquet(
      'parquet-without-ending',
      `SELECT * FROM read_csv('${plain}', all_varchar = true)`,
    );
    const loaded = [];
    for (const path of [plain, zipped, parquet]) {
      const { sums, dailyRows } = await bill.loadOne(path);
      loaded.push({ sums, dailyRows, tags: await bill.rows('SELECT tags FROM tag_sets ORDER BY content_hash') });
      await bill.clear();
    }
    expect(loaded[1]).toEqual(loaded[0]);
    expect(loaded[2]).toEqual(loaded[0]);
  });

  test('Parquet with its own types: maps, timestamps, floats and decimals', async () => {
    const path = await bill.writeParquet(
      'typed.parquet',
      `SELECT 'AWS' AS bill_billing_entity, TIMESTAMP '2025-03-01' AS bill_billing_period_start_date, TIMESTAMP '2025-04-01' AS bill_billing_period_end_date,
        '111111111111' AS bill_payer_account_id, 'USD' AS line_item_currency_code, 'Usage' AS line_item_line_item_type, 'AmazonEC2' AS line_item_product_code,
        'i-' || (i % 2) AS line_item_resource_id, 0.1::DOUBLE AS line_item_unblended_cost, 0.12::DECIMAL(18, 10) AS pricing_public_on_demand_cost,
        TIMESTAMP '2025-03-03' + to_hours(i::INT) AS line_item_usage_start_date, 1.5::FLOAT AS line_item_usage_amount, '222222222222' AS line_item_usage_account_id,
        MAP {'product_name': 'Whatever', 'region': 'eu-west-1', 'region_code': 'eu-west-1'} AS product, MAP {'user_team': 't' || (i % 2)} AS resource_tags
      FROM range(48) AS line(i)`,
    );
    const { sums, dailyRows } = await bill.loadOne(path);
    expect(dailyRows).toBe(4);
    expect(Number(sums.USD?.line_item_unblended_cost?.read)).toBeCloseTo(4.8, 12);
    expect(sums.USD?.line_item_unblended_cost).toMatchObject({ stored: '4.8', focusColumn: 'billed_cost' });
    expect(sums.USD?.pricing_public_on_demand_cost).toEqual({ read: '5.76', stored: '5.76', focusColumn: 'list_cost' });
    expect(
      await bill.rows(
        'SELECT resource_id, region_id, tags, sum(billed_cost)::text AS cost, sum(pricing_quantity)::text AS quantity FROM billing JOIN tag_sets USING (tag_set_id) GROUP BY 1, 2, 3 ORDER BY 1',
      ),
    ).toEqual([
      { resource_id: 'i-0', region_id: 'eu-west-1', tags: { team: 't0' }, cost: '2.4', quantity: '36' },
      { resource_id: 'i-1', region_id: 'eu-west-1', tags: { team: 't1' }, cost: '2.4', quantity: '36' },
    ]);
  });

  test('several files of one month, some with columns the others lack, are one assembly', async () => {
    const first = bill.write('part-1.csv.gz', [curLine()]);
    const second = bill.write('part-2.csv', [
      curLine({ line_item_usage_start_date: '2025-03-03T11:00:00Z', reservation_effective_cost: '0' }),
    ]);
    const third = bill.write('part-3.csv.gz', [curLine({ line_item_resource_id: 'i-2' })]);
    const assembly = await bill.loadOne([first, second, third]);
    expect(assembly).toMatchObject({ files: [first, second, third], rows: 3, dailyRows: 2 });
    expect(await bill.rows('SELECT resource_id, billed_cost::text, x_line_count FROM billing ORDER BY 1')).toEqual([
      { resource_id: 'i-1', billed_cost: '0.2', x_line_count: 2 },
      { resource_id: 'i-2', billed_cost: '0.1', x_line_count: 1 },
    ]);
  });

  test('several files of different months are loaded each by itself, in one call', async () => {
    const april = curLine({
      bill_billing_period_start_date: '2025-04-01T00:00:00Z',
      line_item_usage_start_date: '2025-04-02T00:00:00Z',
    });
    bill.write('year/2025-03.csv', [curLine()]);
    bill.write('year/2025-04.csv', [april]);
    bill.write('year/README.md', 'notes');
    bill.write('year/.hidden.csv', 'x');
    const assemblies = await bill.load(`${bill.folder}/year`);
    expect(assemblies.map(({ files, rows }) => [files.map((file) => file.split('/').at(-1)), rows])).toEqual([
      [['2025-03.csv'], 1],
      [['2025-04.csv'], 1],
    ]);
    expect(assemblies[0]?.notes.join()).toContain('README.md was left out');
  });

  test('a file that holds the same as another one, or is named twice, counts once', async () => {
    const path = bill.write('twice/a.csv', [curLine()]);
    bill.write('twice/copy.csv', [curLine()]);
    const assembly = await bill.loadOne([`${bill.folder}/twice`, path]);
    expect(assembly.rows).toBe(1);
    expect(assembly.notes).toEqual([expect.stringMatching(/copy\.csv was left out: another file holds the same/)]);
  });

  test('line ends, byte order marks, quoted line breaks, blank lines and semicolons', async () => {
    const text = csv(
      [focusLine({ ChargeDescription: 'two\r\nlines, "quoted"' }), focusLine({ BilledCost: ' 2.00 ' })],
      '\r\n',
    );
    const { sums } = await bill.loadOne(bill.write('windows.csv', `\ufeff${text}\r\n\r\n`));
    expect(sums.USD?.BilledCost?.stored).toBe('3');
    expect(await bill.rows('SELECT charge_description FROM billing WHERE charge_description IS NOT NULL')).toEqual([
      { charge_description: 'two\r\nlines, "quoted"' },
    ]);
    const semicolons = csv([focusLine()]).replaceAll(',', ';');
    expect(await bill.loadOne(bill.write('semicolons.csv', semicolons))).toMatchObject({ rows: 1 });
  });

  test('names with quotes, stars, spaces and dots are names', async () => {
    for (const name of [
      "it's; DROP TABLE billing;--.csv",
      'st*r[1]?.csv',
      'a/../b "c".csv',
      "q'uote/month=3/x.parquet",
    ]) {
      const path = name.endsWith('.parquet')
        ? await bill.writeParquet(
            name,
            `SELECT * FROM read_csv('${bill.write('source.csv', [focusLine({ BilledCost: '4' })])}', all_varchar = true)`,
          )
        : bill.write(name, [focusLine({ BilledCost: String(name.length) })]);
      expect((await bill.loadOne(path)).status).toBe('loaded');
    }
    expect(await bill.rows('SELECT count(*)::int AS count FROM billing')).toEqual([{ count: 1 }]);
  });
});

describe('manifests', () => {
  const id = (digit: string) => `${digit.repeat(8)}-0000-0000-0000-000000000000`;

  test('of a legacy report: the newest assembly alone is read', async () => {
    const manifest = (assembly: string) =>
      JSON.stringify({
        assemblyId: assembly,
        reportName: 'report',
        billingPeriod: { start: '20250301T000000.000Z' },
        reportKeys: [`bills/report/20250301-20250401/${assembly}/report-1.csv.gz`],
      });
    const root = 'legacy/report/20250301-20250401';
    bill.write(`${root}/${id('a')}/report-1.csv.gz`, [curLine({ line_item_unblended_cost: '1' })]);
    bill.write(`${root}/${id('a')}/report-Manifest.json`, manifest(id('a')));
    bill.write(`${root}/${id('b')}/report-1.csv.gz`, [curLine({ line_item_unblended_cost: '2' })]);
    bill.write(`${root}/${id('b')}/report-Manifest.json`, manifest(id('b')));
    const current = bill.write(`${root}/report-Manifest.json`, manifest(id('a')));
    const assembly = await bill.loadOne(`${bill.folder}/legacy`);
    expect(assembly.file).toBe(current);
    expect(assembly.files).toEqual([`${bill.folder}/${root}/${id('a')}/report-1.csv.gz`]);
    expect((await totals()).billing).toBe('1');
    // Named by itself, it finds its files.
    expect(await bill.loadOne(current)).toMatchObject({ status: 'unchanged' });
  });

  test('of Data Exports: the newest delivery of each billing period', async () => {
    const delivery = (month: string, time: string, cost: string, start: string) => {
      const name = `${time}-${id('c')}`;
      bill.write(`exports/cur/data/BILLING_PERIOD=${month}/${name}/cur-00001.csv.gz`, [
        curLine({
          line_item_unblended_cost: cost,
          bill_billing_period_start_date: start,
          line_item_usage_start_date: start,
        }),
      ]);
      bill.write(
        `exports/cur/metadata/BILLING_PERIOD=${month}/${name}/cur-Manifest.json`,
        JSON.stringify({ dataFiles: [`s3://bucket/prefix/cur/data/BILLING_PERIOD=${month}/${name}/cur-00001.csv.gz`] }),
      );
    };
    delivery('2025-03', '2025-04-01T10:00:00.000Z', '1', '2025-03-01T00:00:00Z');
    delivery('2025-03', '2025-04-05T10:00:00.000Z', '2', '2025-03-01T00:00:00Z');
    delivery('2025-04', '2025-04-05T10:00:00.000Z', '4', '2025-04-01T00:00:00Z');
    expect(await bill.load(`${bill.folder}/exports`)).toHaveLength(2);
    expect((await totals()).billing).toBe('6');
  });

  test('without one, of deliveries whose names tell their time the newest one is read', async () => {
    for (const [time, cost] of [
      ['2025-04-01T10:00:00.000Z', '1'],
      ['2025-04-05T10:00:00.000Z', '2'],
    ] as const) {
      bill.write(`bare/BILLING_PERIOD=2025-03/${time}-${id('d')}/x.csv`, [curLine({ line_item_unblended_cost: cost })]);
    }
    await bill.loadOne(`${bill.folder}/bare`);
    expect((await totals()).billing).toBe('2');
  });

  test('without one, deliveries that tell no time are refused, and so is a manifest whose files are not there', async () => {
    for (const digit of ['e', 'f'])
      bill.write(`ids/2025-03/${id(digit)}/x.csv`, [curLine({ line_item_resource_id: digit })]);
    await expect(bill.load(`${bill.folder}/ids`)).rejects.toMatchObject({ code: 'invalid_input' });
    const path = bill.write(
      'alone/cur-Manifest.json',
      JSON.stringify({ dataFiles: ['s3://bucket/cur/data/gone.csv.gz'] }),
    );
    await expect(bill.load(path)).rejects.toMatchObject({
      code: 'file_unreadable',
      message: expect.stringContaining('gone.csv.gz'),
    });
    const outside = bill.write(
      'outside/cur-Manifest.json',
      JSON.stringify({ dataFiles: ['s3://bucket/../alone/cur-Manifest.json'] }),
    );
    await expect(bill.load(outside)).rejects.toMatchObject({ code: 'file_unreadable' });
  });
});

describe('the demo estate', () => {
  const demo = (changes = {}) => [
    curLine({
      bill_payer_account_id: '333333333333',
      line_item_usage_account_id: '444444444444',
      line_item_resource_id: 'i-demo',
      resource_tags: '{"user_team":"demo"}',
      ...changes,
    }),
  ];

  test('goes, with all that belongs to it, when a bill of other accounts comes', async () => {
    await bill.loadOne(bill.write('demo.csv', demo()), { origin: 'demo' });
    await bill.rows("CREATE TABLE usage_2025_03 PARTITION OF usage FOR VALUES FROM ('2025-03-01Z') TO ('2025-04-01Z')");
    await bill.rows("INSERT INTO usage VALUES ('i-demo', 'cpu_utilization', '2025-03-03T00:00Z', 1, 2, NULL, 12)");
    const { removedDemo } = await bill.loadOne(
      bill.write('own.csv', [curLine({ resource_tags: '{"user_team":"own"}' })]),
    );
    expect(removedDemo).toBe(true);
    expect(await bill.rows('SELECT DISTINCT billing_account_id FROM billing')).toEqual([
      { billing_account_id: '111111111111' },
    ]);
    expect(await bill.rows('SELECT DISTINCT billing_account_id FROM cost_rollup')).toEqual([
      { billing_account_id: '111111111111' },
    ]);
    expect(await bill.rows('SELECT account_id FROM accounts ORDER BY 1')).toEqual([
      { account_id: '111111111111' },
      { account_id: '222222222222' },
    ]);
    expect(await bill.rows('SELECT resource_id FROM resources')).toEqual([{ resource_id: 'i-1' }]);
    expect(await bill.rows('SELECT tags FROM tag_sets')).toEqual([{ tags: { team: 'own' } }]);
    expect(await bill.rows('SELECT count(*)::int AS hours FROM usage')).toEqual([{ hours: 0 }]);
    await bill.rows('DROP TABLE usage_2025_03');
  });

  test('stays when asked to, and when it is itself loaded again', async () => {
    await bill.loadOne(bill.write('demo.csv', demo()), { origin: 'demo' });
    await bill.loadOne(bill.write('more.csv', demo({ line_item_unblended_cost: '7' })), { origin: 'demo' });
    const { removedDemo } = await bill.loadOne(bill.write('own.csv', [curLine()]), { keepDemo: true });
    expect(removedDemo).toBe(false);
    expect((await totals()).billing).toBe('7.1');
  });
});

async function totals(): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const table of ['billing', 'cost_daily', 'cost_daily_tagged']) {
    const [row] = await bill.rows(`SELECT trim_scale(sum(billed_cost))::text AS sum FROM ${table}`);
    sums[table] = String(row?.sum);
  }
  return sums;
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}
