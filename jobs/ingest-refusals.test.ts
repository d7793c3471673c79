import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type BillTest, csv, curLine, focusLine, openBillTest } from './bill.fixture.ts';

let bill: BillTest;
beforeAll(async () => {
  bill = await openBillTest();
});
afterAll(() => bill.close());

// Whatever is refused, nothing of it is stored, and no table of it stays behind.
afterEach(async () => {
  const [left] = await bill.rows(
    `SELECT (SELECT count(*)::int FROM billing_loads) AS loads, (SELECT count(*)::int FROM cost_daily) AS sums,
      (SELECT count(*)::int FROM resources) AS resources, (SELECT count(*)::int FROM pg_class WHERE relname LIKE 'billing\\_20%') AS tables`,
  );
  expect(left).toEqual({ loads: 0, sums: 0, resources: 0, tables: 0 });
});

interface Refusal {
  code: string;
  row?: number;
  column?: string;
  says?: RegExp;
}

async function expectRefusal(path: string, { code, row, column, says }: Refusal): Promise<void> {
  const details = { ...(row === undefined ? {} : { row }), ...(column === undefined ? {} : { column }), file: path };
  const error: unknown = await bill.load(path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, details });
  const { message } = error as Error;
  expect(message).toContain(path);
  if (row !== undefined) expect(message).toContain(`row ${row}`);
  if (column !== undefined) expect(message).toContain(column);
  if (says !== undefined) expect(message).toMatch(says);
}

describe('a value that cannot be counted is named with file, row and column', () => {
  const good = focusLine();

  test.each([
    ['text in a cost column', { BilledCost: 'twelve' }, 'BilledCost', 'value_invalid', /"twelve" is not a number/],
    ['a number with thousands separators', { BilledCost: '1,234.50' }, 'BilledCost', 'value_invalid', /not a number/],
    ['no number', { EffectiveCost: 'NaN' }, 'EffectiveCost', 'value_invalid', /not a number/],
    ['a missing cost', { EffectiveCost: '' }, 'EffectiveCost', 'value_invalid', /is missing/],
    ['a cost that is null', { BilledCost: 'null' }, 'BilledCost', 'value_invalid', /is missing/],
    ['a price that is none', { ListUnitPrice: 'free' }, 'ListUnitPrice', 'value_invalid', /not a number/],
    [
      'an unknown charge category',
      { ChargeCategory: 'Refund' },
      'ChargeCategory',
      'value_unknown',
      /"Refund" is not one that Penny knows how to count \(Usage, Purchase/,
    ],
    ['no charge category', { ChargeCategory: '' }, 'ChargeCategory', 'value_invalid', /is missing/],
    ['an unknown charge class', { ChargeClass: 'Other' }, 'ChargeClass', 'value_unknown', /Correction/],
    [
      'a time that is none',
      { ChargePeriodStart: '2025-02-30T00:00:00Z' },
      'ChargePeriodStart',
      'value_invalid',
      /not a time/,
    ],
    [
      'a billing period without a start',
      { BillingPeriodStart: '' },
      'BillingPeriodStart',
      'value_invalid',
      /is missing/,
    ],
    ['tags that are no JSON', { Tags: '{team: x}' }, 'Tags', 'value_invalid', /is no JSON/],
    ['a NUL character in a tag', { Tags: '{"team":"a\\u0000b"}' }, 'Tags', 'value_invalid', /NUL character in a tag/],
    ['a NUL character elsewhere', { ResourceId: 'i-\0' }, 'ResourceId', 'value_invalid', /NUL character/],
  ])('%s', async (_, changes, column, code, says) => {
    const path = bill.write('bad.csv', [good, good, { ...good, ...changes }, good]);
    await expectRefusal(path, { code, row: 4, column, says });
  });

  test('rows are counted as an editor counts them, also after quoted line breaks, blank lines and in gzip', async () => {
    const text = csv([focusLine({ ServiceName: 'two\nlines' }), focusLine(), focusLine({ BilledCost: 'x' })]);
    const [header = '', ...rest] = text.split('\n');
    const broken = [header, '', ...rest].join('\n');
    await expectRefusal(bill.write('breaks.csv', broken), { code: 'value_invalid', row: 6, column: 'BilledCost' });
    await expectRefusal(bill.write('breaks.csv.gz', broken), { code: 'value_invalid', row: 6, column: 'BilledCost' });
    await expectRefusal(bill.write('breaks-windows.csv', broken.replaceAll('\n', '\r\n')), {
      code: 'value_invalid',
      row: 6,
      column: 'BilledCost',
    });
  });

  test('of CUR, in its own spelling', async () => {
    const legacy = {
      'lineItem/LineItemType': 'Usage',
      'lineItem/ProductCode': 'AmazonEC2',
      'lineItem/UnblendedCost': '1',
      'bill/BillingPeriodStartDate': '2025-03-01T00:00:00Z',
      'lineItem/UsageStartDate': '2025-03-03T00:00:00Z',
    };
    const unknown = bill.write('legacy.csv', [legacy, { ...legacy, 'lineItem/LineItemType': 'CarbonFee' }]);
    await expectRefusal(unknown, {
      code: 'value_unknown',
      row: 3,
      column: 'lineItem/LineItemType',
      says: /"CarbonFee"/,
    });
    const { 'lineItem/UnblendedCost': _, ...without } = legacy;
    await expectRefusal(bill.write('without.csv', [without]), {
      code: 'column_missing',
      row: 1,
      column: 'lineItem/UnblendedCost',
    });
    await expectRefusal(bill.write('cur2.csv', [curLine(), curLine({ line_item_line_item_type: 'CarbonFee' })]), {
      code: 'value_unknown',
      row: 3,
      column: 'line_item_line_item_type',
    });
  });

  test('in Parquet by the row of the table', async () => {
    const path = await bill.writeParquet(
      'bad.parquet',
      `SELECT CASE WHEN i = 2 THEN 'NaN'::DOUBLE ELSE 1 END AS BilledCost, 1.0 AS EffectiveCost, 'Usage' AS ChargeCategory,
        TIMESTAMP '2025-03-01' AS BillingPeriodStart, TIMESTAMP '2025-03-03' AS ChargePeriodStart FROM range(5) AS line(i)`,
    );
    await expectRefusal(path, { code: 'value_invalid', row: 3, column: 'BilledCost' });
    const nul = await bill.writeParquet(
      'nul.parquet',
      `SELECT 1.0 AS BilledCost, 1.0 AS EffectiveCost, 'Usage' AS ChargeCategory, MAP {'team': 'a' || chr(0)} AS Tags,
        TIMESTAMP '2025-03-01' AS BillingPeriodStart, TIMESTAMP '2025-03-03' AS ChargePeriodStart`,
    );
    await expectRefusal(nul, { code: 'value_invalid', row: 1, column: 'Tags', says: /NUL character/ });
  });

  test('a bad row of one billing period keeps the other one out too', async () => {
    const april = {
      BillingPeriodStart: '2025-04-01T00:00:00Z',
      BillingPeriodEnd: '2025-05-01T00:00:00Z',
      ChargePeriodStart: '2025-04-02T00:00:00Z',
    };
    await expectRefusal(bill.write('two.csv', [good, focusLine({ ...april, BilledCost: '-' })]), {
      code: 'value_invalid',
      row: 3,
    });
  });

  test('dates with the day first are not taken for dates with the month first', async () => {
    const path = bill.write('days.csv', [
      focusLine({ BillingPeriodStart: '01/03/2025', BillingPeriodEnd: '01/04/2025' }),
    ]);
    await expectRefusal(path, { code: 'value_invalid', column: 'BillingPeriodStart', says: /day first/ });
  });

  test('more digits than can be summed exactly are refused, never rounded', async () => {
    const path = bill.write('digits.csv', [focusLine({ BilledCost: `0.${'1'.repeat(40)}` })]);
    await expect(bill.load(path)).rejects.toMatchObject({
      code: 'value_invalid',
      message: expect.stringContaining('40 behind the point'),
    });
  });
});

describe('a file that is not whole', () => {
  const many = csv(
    Array.from({ length: 5000 }, (_, index) =>
      focusLine({ BilledCost: String(index), ServiceName: Math.sqrt(index).toString() }),
    ),
  );

  test('gzip that was cut off, be it by a byte or at the end of a line', async () => {
    const whole = gzipSync(many);
    for (const length of [whole.length - 1, whole.length - 8, Math.floor(whole.length / 2), 300]) {
      await expectRefusal(bill.write('cut.csv.gz', whole.subarray(0, length)), {
        code: 'file_unreadable',
        says: /cut off or damaged/,
      });
    }
  });

  test('gzip whose bytes were changed', async () => {
    const damaged = gzipSync(many);
    damaged.fill(0, damaged.length - 200, damaged.length - 150);
    await expectRefusal(bill.write('damaged.csv.gz', damaged), { code: 'file_unreadable' });
  });

  test('nothing at all, a header alone, a file of blank lines', async () => {
    await expectRefusal(bill.write('empty.csv', ''), { code: 'file_empty', says: /0 bytes/ });
    await expectRefusal(bill.write('empty.parquet', ''), { code: 'file_empty', says: /0 bytes/ });
    await expectRefusal(bill.write('blank.csv', '\n\n\n'), { code: 'file_empty' });
    const [header = ''] = csv([focusLine()]).split('\n');
    await expectRefusal(bill.write('header.csv', header), { code: 'file_empty', says: /no lines/ });
    await expectRefusal(bill.write('header.csv.gz', `${header}\n`), { code: 'file_empty', says: /no lines/ });
  });

  test('Parquet without its end', async () => {
    await expectRefusal(bill.write('cut.parquet', Buffer.from('PAR1 and no more')), {
      code: 'file_unreadable',
      says: /Parquet/,
    });
  });

  test('lines with too few or too many columns, and an open quotation mark', async () => {
    const text = csv([focusLine(), focusLine()]);
    await expectRefusal(bill.write('short.csv', `${text}1,2\n`), {
      code: 'file_unreadable',
      row: 4,
      says: /2 columns, the header 10/,
    });
    await expectRefusal(bill.write('long.csv', text.replace(/\n$/, ',more\n')), {
      code: 'file_unreadable',
      row: 3,
      says: /11 columns/,
    });
    const broken = csv([focusLine({ ServiceName: 'two\nlines' })]);
    await expectRefusal(bill.write('after.csv', `${broken}\n1,2\n`), {
      code: 'file_unreadable',
      row: 5,
      says: /2 columns/,
    });
    await expectRefusal(bill.write('open.csv', `${text}"1,2\n`), { code: 'file_unreadable', row: 4 });
  });

  test('text that is not UTF-8', async () => {
    const latin = Buffer.from(csv([focusLine(), focusLine({ ServiceName: 'M\u00fcller' })]), 'latin1');
    await expectRefusal(bill.write('latin.csv', latin), { code: 'file_unreadable', row: 3, says: /not UTF-8/ });
    await expectRefusal(bill.write('utf16.csv', Buffer.from(`\ufeff${csv([focusLine()])}`, 'utf16le')), {
      code: 'file_unreadable',
      says: /UTF-16/,
    });
  });

  test('a spreadsheet, and a header with a column twice', async () => {
    await expectRefusal(bill.write('bill.csv', Buffer.from('PK\u0003\u0004...')), {
      code: 'file_unreadable',
      says: /spreadsheet/,
    });
    const twice = csv([focusLine()]).replace('ServiceName', 'BilledCost');
    await expectRefusal(bill.write('double.csv', twice), {
      code: 'value_invalid',
      row: 1,
      column: 'BilledCost',
      says: /twice/,
    });
  });
});

describe('what is no bill', () => {
  test('a bill of a kind that is not known, with the kinds that are', async () => {
    const azure = bill.write('azure.csv', 'SubscriptionId,MeterCategory,CostInBillingCurrency\na,b,1\n');
    await expectRefusal(azure, {
      code: 'source_unknown',
      says: /FOCUS \(focus\), AWS CUR 2\.0 \(aws-cur-2\), AWS CUR \(legacy\)/,
    });
    await expectRefusal(bill.write('costs.json', '{"ResultsByTime":[]}'), { code: 'source_unknown' });
  });

  test('a bill of another kind than was asked for', async () => {
    const path = bill.write('focus.csv', [focusLine()]);
    await expect(bill.load(path, { format: 'aws-cur-2' })).rejects.toMatchObject({ code: 'source_unknown' });
  });

  test('a path that is not there, an empty folder, a place in S3', async () => {
    await expect(bill.load(`${bill.folder}/none.csv`)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('none.csv'),
    });
    bill.write('hollow/notes.txt', 'nothing');
    await expect(bill.load(`${bill.folder}/hollow`)).rejects.toMatchObject({ code: 'file_empty' });
    await expect(bill.load('s3://bucket/export')).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('AWS connection'),
    });
  });

  test('two kinds of export of the same month and account', async () => {
    const cur = bill.write('kinds/cur.csv', [curLine()]);
    const focus = bill.write('kinds/focus.csv', [focusLine({ BillingAccountId: '111111111111' })]);
    await expect(bill.load([cur, focus])).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('count twice'),
    });
  });
});

test('what was loaded before a failure is named', async () => {
  const good = bill.write('a-march.csv', [focusLine()]);
  const april = { BillingPeriodStart: '2025-04-01T00:00:00Z', BilledCost: 'x' };
  const bad = bill.write('b-april.csv', [focusLine(april)]);
  await expect(bill.load([good, bad])).rejects.toMatchObject({
    code: 'value_invalid',
    details: { file: bad, loaded: [good] },
  });
  await bill.clear();
});

test('a stopped load stores nothing', async () => {
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  await expect(bill.load(bill.write('stopped.csv', [focusLine()]), { signal: stop.signal })).rejects.toThrow('stopped');
});
