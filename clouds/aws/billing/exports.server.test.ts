import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAws } from '../clients.ts';
import { type Moto, openMoto } from '../moto.fixture.ts';
import { awsSettings, TEST_CREDENTIALS } from '../wire.fixture.ts';
import { findExports } from './exports.ts';

let moto: Moto;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'penny-s3-'));
  moto = await openMoto();
});
afterAll(async () => {
  await moto?.stop();
  rmSync(folder, { recursive: true });
});

test('an export in a bucket is found, copied byte by byte, and noticed when it is overwritten', async () => {
  const seed = new S3Client({
    region: 'us-east-1',
    endpoint: moto.endpoint,
    credentials: TEST_CREDENTIALS,
    forcePathStyle: true,
  });
  await seed.send(new CreateBucketCommand({ Bucket: 'bills' }));
  const put = (Key: string, Body: string | Buffer) => seed.send(new PutObjectCommand({ Bucket: 'bills', Key, Body }));
  const data = 'org/cur & more/data/BILLING_PERIOD=2025-03/cur-00001.snappy.parquet';
  const contents = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 251));
  await put(data, contents);
  await put(
    'org/cur & more/metadata/BILLING_PERIOD=2025-03/cur-Manifest.json',
    JSON.stringify({ dataFiles: [`s3://bills/${data}`] }),
  );
  const aws = openAws(awsSettings(), { endpoint: moto.endpoint, credentials: TEST_CREDENTIALS });
  const find = async () => (await findExports(aws.home(), ['s3://bills/org'])).groups;
  const [group] = await find();
  expect(group?.uris).toEqual([`s3://bills/${data}#${createHash('md5').update(contents).digest('hex')}`]);
  await group?.fetch(folder);
  expect(readFileSync(join(folder, 'bills', data)).equals(contents)).toBe(true);
  await put(data, 'restated');
  await expect(group?.fetch(folder)).rejects.toMatchObject({ code: 'conflict' });
  expect((await find())[0]?.uris).not.toEqual(group?.uris);
  expect(Object.keys(aws.calls.byOperation())).toEqual(['S3.GetObject', 'S3.ListObjectsV2']);
});
