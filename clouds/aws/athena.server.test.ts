import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAwsWarehouse } from './index.ts';
import { type Moto, openMoto } from './moto.fixture.ts';
import { awsSettings, TEST_CREDENTIALS } from './wire.fixture.ts';

let moto: Moto;
beforeAll(async () => {
  moto = await openMoto();
  const s3 = new S3Client({
    ...{ endpoint: moto.endpoint, credentials: TEST_CREDENTIALS, region: 'us-east-1', forcePathStyle: true },
  });
  await s3.send(new CreateBucketCommand({ Bucket: 'results' }));
  s3.destroy();
});
afterAll(() => moto?.stop());

const HEAD = ['service_name', 'billed_cost'];
const ROWS = [
  ['Amazon S3', '10.25'],
  [null, '3'],
];

/** moto runs no query: it gives the results it was told before, in their order, and writes them to S3 too. */
async function tellResults(count: number): Promise<void> {
  const rows = [HEAD, ...ROWS].map((row) => ({
    Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
  }));
  const results = Array.from({ length: count }, () => ({ rows, column_info: [] }));
  const body = JSON.stringify({ results });
  const { status } = await fetch(`${moto.endpoint}/moto-api/static/athena/query-results`, { method: 'POST', body });
  expect(status).toBe(201);
}

test('a query is begun, waited for and read from S3, and a small one by pages', async () => {
  await tellResults(2);
  const settings = awsSettings({ PENNY_ATHENA_DATABASE: 'default', PENNY_ATHENA_OUTPUT: 's3://results/penny/' });
  const warehouse = openAwsWarehouse(settings, { endpoint: moto.endpoint, credentials: TEST_CREDENTIALS });
  const { signal } = new AbortController();
  expect(await warehouse.rows('SELECT 1', signal)).toEqual(ROWS);
  const chunks: Buffer[] = [];
  for await (const chunk of warehouse.csv('SELECT 1', { signal })) chunks.push(Buffer.from(chunk as Uint8Array));
  expect(Buffer.concat(chunks).toString('utf8')).toBe('"service_name","billed_cost"\n"Amazon S3","10.25"\n,"3"\n');
});
