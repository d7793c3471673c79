import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenCloud } from '../clouds/contract.ts';
import { readConfig } from '../config.ts';
import { PennyError } from '../errors.ts';
import { log } from '../log.ts';
import { readClouds } from './cloud-run.ts';
import { ingestInventoryJob } from './ingest-inventory.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'penny-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const gap = { accountId: '222', regionId: 'north', reason: 'The cloud denied it.' };
const cloud = { calls: () => ({}) } as OpenCloud;
const seen: unknown[] = [];

const run = (outcome: { rows: number; isEmpty: boolean; gaps: (typeof gap)[] }) =>
  readClouds(
    {
      config: readConfig({ PENNY_HOME: home }),
      log,
      signal: new AbortController().signal,
      progress: (step) => void seen.push(step),
    },
    async (_, { folder, onProgress }) => {
      expect(existsSync(folder)).toBe(true);
      seen.push(folder);
      onProgress?.(1, 2);
      return outcome;
    },
    async () => [cloud, cloud],
  );

test('each cloud is read in a folder that is gone afterwards, and its progress is shown', async () => {
  seen.length = 0;
  expect(await run({ rows: 3, isEmpty: false, gaps: [gap] })).toEqual({ rows: 6 });
  const folders = seen.filter((one) => typeof one === 'string');
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
  expect(seen).toContainEqual({ done: 1, total: 2, text: 'reading regions' });
});

test('a run that could read nothing has failed, for the reason of its first gap; an empty cloud has not', async () => {
  await expect(run({ rows: 0, isEmpty: true, gaps: [gap] })).rejects.toEqual(
    new PennyError('cloud_unavailable', 'The cloud denied it.'),
  );
  expect(await run({ rows: 0, isEmpty: true, gaps: [] })).toEqual({ rows: 0 });
});

test('the jobs rest until a cloud is set up', () => {
  expect(ingestInventoryJob.missing?.(readConfig({}))).toContain('PENNY_AWS_ROLE_ARN');
  const role = 'arn:aws:iam::{account}:role/penny-reader';
  expect(ingestInventoryJob.missing?.(readConfig({ PENNY_AWS_ROLE_ARN: role }))).toBeUndefined();
});
