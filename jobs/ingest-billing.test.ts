import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import type { JobProgress } from '../db/schema/job-runs.ts';
import { log } from '../log.ts';
import { type BillTest, curLine, openBillTest } from './bill.fixture.ts';
import { ingestBillingJob, loadWatched } from './ingest-billing.ts';
import type { RunContext } from './job.ts';
import { ingestBilling } from './load-bills.ts';
import { loadExports } from './load-exports.ts';

let bill: BillTest;
let loaded: Map<string, string>;
let steps: JobProgress[];
beforeAll(async () => {
  bill = await openBillTest();
});
beforeEach(async () => {
  await bill.clear();
  loaded = new Map();
  steps = [];
});
afterAll(() => bill.close());

function run(paths: string, exports: typeof loadExports = loadExports) {
  const config = readConfig({ PENNY_HOME: join(bill.folder, 'home'), PENNY_BILLING_PATHS: paths });
  const context: RunContext = {
    ...{ config, db: bill.db, log, signal: new AbortController().signal },
    ...{ now: new Date('2026-11-24T12:00:00Z'), dueAt: new Date('2026-11-24T12:00:00Z') },
    progress: (step) => void steps.push(step),
    transaction: () => Promise.reject(new Error('loads have transactions of their own')),
  };
  return loadWatched(context, loaded, { files: ingestBilling, exports });
}

/** Writes a bill that was left alone for some minutes. */
function settled(name: string, lines: Parameters<typeof curLine>[0][], minutes = 5): string {
  const path = bill.write(name, lines.map(curLine));
  const then = Date.now() / 1000 - minutes * 60;
  utimesSync(path, then, then);
  return path;
}

const billed = async () => (await bill.rows('SELECT sum(billed_cost)::text AS sum FROM billing'))[0]?.sum;

test('what lies in the watched folders is loaded once, and again when it has changed', async () => {
  settled('watched/march.csv', [{}, { line_item_resource_id: 'i-2' }]);
  const folder = join(bill.folder, 'watched');
  expect(await run(folder)).toEqual({ rows: 2 });
  expect(steps.at(-1)).toEqual({ done: 1, total: 1 });
  expect(steps[0]).toEqual({ done: 0, total: 1, text: 'looking at march.csv' });
  expect(await run(folder)).toEqual({ rows: 0 });
  settled('watched/march.csv', [{ line_item_unblended_cost: '0.30' }], 4);
  expect(await run(folder)).toEqual({ rows: 1 });
  expect(await billed()).toBe('0.3');
});

test('a process that has just started finds that all is loaded', async () => {
  settled('restart/march.csv', [{}]);
  expect(await run(join(bill.folder, 'restart'))).toEqual({ rows: 1 });
  loaded = new Map();
  expect(await run(join(bill.folder, 'restart'))).toEqual({ rows: 0 });
});

test('a file that was just written is left alone: half a bill would replace a whole one', async () => {
  bill.write('growing/march.csv', [curLine()]);
  expect(await run(join(bill.folder, 'growing'))).toEqual({ rows: 0 });
  expect(await billed()).toBeNull();
});

test('a path that is not there is named', async () => {
  await expect(run(join(bill.folder, 'nowhere'))).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringMatching(/nowhere of PENNY_BILLING_PATHS/),
  });
});

test('places of a store are loaded by themselves, beside files', async () => {
  settled('beside/march.csv', [{}]);
  const asked: string[][] = [];
  const [one] = await bill.load(join(bill.folder, 'beside'));
  if (one === undefined) throw new Error('there is a bill');
  await bill.clear();
  const { rows } = await run(`s3://bucket/a, ${join(bill.folder, 'beside')}, s3://bucket/b`, async ({ uris }) => {
    asked.push([...uris]);
    return {
      assemblies: [
        { ...one, dailyRows: 41 },
        { ...one, status: 'unchanged' },
      ],
      unchangedMonths: [],
      notes: [],
    };
  });
  expect([asked, rows]).toEqual([[['s3://bucket/a', 's3://bucket/b']], 42]);
});

test('without anything to watch the schedule rests', () => {
  expect(ingestBillingJob.missing?.(readConfig({}))).toMatch(/PENNY_BILLING_PATHS/);
  expect(ingestBillingJob.missing?.(readConfig({ PENNY_BILLING_PATHS: ' /a , /b' }))).toBeUndefined();
});
