import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { CHARGE_COLUMNS } from '../analytics/focus.ts';
import { cur2 } from '../clouds/aws/billing/cur2.ts';
import { UNREADABLE } from '../clouds/warehouse/daily-source.ts';
import { askTrino, openTrino } from '../clouds/warehouse/trino.ts';
import { readConfig } from '../config.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { log } from '../log.ts';
import { loadFromWarehouse, type WarehouseLoad } from './load-warehouse.ts';

let database: TestDatabase;
let home: string;
const servers: Server[] = [];

beforeAll(async () => {
  database = await testDatabase();
  home = mkdtempSync(join(tmpdir(), 'penny-warehouse-'));
});

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

afterAll(async () => {
  await database.close();
  rmSync(home, { recursive: true, force: true });
});

interface Asked {
  method: string;
  path: string;
  body: string;
  headers: IncomingHttpHeaders;
}

/** A server that speaks Trino's protocol: each answer is a page, found by the request. */
async function openWire(answer: (asked: Asked, base: string) => { status?: number; page?: unknown }) {
  const asked: Asked[] = [];
  const made = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = incoming;
    const one = { method, path: url, body: Buffer.concat(chunks).toString(), headers };
    asked.push(one);
    const { status = 200, page = {} } = answer(one, base());
    outgoing.writeHead(status).end(JSON.stringify(page));
  });
  const base = () => `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  servers.push(made);
  return { url: base(), asked };
}

const DAILY: Record<string, string> = {
  billing_period_start: '2025-03-01 00:00:00.000000',
  billing_period_end: '2025-04-01 00:00:00.000000',
  charge_period_start: '2025-03-03 00:00:00.000000',
  charge_period_end: '2025-03-04 00:00:00.000000',
  billing_account_id: '111111111111',
  sub_account_id: '222222222222',
  service_provider_name: 'AWS',
  service_name: 'Amazon "Elastic", Cloud',
  charge_category: 'Usage',
  billing_currency: 'USD',
  billed_cost: '10.123456789012345678',
  effective_cost: '9.000000000000000001',
  resource_tags: '{"user_team":"search"}',
  [UNREADABLE]: '0',
  x_daily_of_aws_cur_2: 'aws-cur-2',
};
const NAMES = [...Object.keys(CHARGE_COLUMNS), 'resource_tags', UNREADABLE, 'x_line_count', 'x_daily_of_aws_cur_2'];
const row = (changes: Record<string, string> = {}) => NAMES.map((name) => ({ ...DAILY, ...changes })[name] ?? null);
const columns = (names: readonly string[]) => names.map((name) => ({ name, type: 'varchar' }));

/** Trino with a table of CUR 2.0 whose daily rows come in these pages. */
const trinoOf = (pages: unknown[][]) =>
  openWire(({ method, path, body }, base) => {
    if (body.includes('information_schema')) {
      const data = Object.keys(cur2.columns).map((name) => [name, 'varchar']);
      return { page: { columns: columns(['column_name', 'data_type']), data } };
    }
    if (method === 'POST') return { page: { nextUri: `${base}/v1/statement/1` } };
    const at = Number(path.split('/').at(-1));
    const data = pages[at - 1];
    const next = at < pages.length ? { nextUri: `${base}/v1/statement/${at + 1}` } : {};
    const stats = { physicalInputBytes: 1_234_567 };
    return { page: { columns: columns(NAMES), ...(data === undefined ? {} : { data }), ...next, stats } };
  });

const load = (url: string, changes: Partial<WarehouseLoad> = {}) =>
  loadFromWarehouse({
    ...{ warehouse: openTrino({ url, user: 'penny' }), table: 'hive.billing.cur2', source: cur2, month: '2025-03' },
    ...{ config: { ...readConfig({}), PENNY_HOME: home }, db: database.db, log, now: new Date('2025-04-10T00:00:00Z') },
    signal: new AbortController().signal,
    ...changes,
  });

test('loads what Trino sums, page after page, to the last digit, and leaves no file behind', async () => {
  const { url, asked } = await trinoOf([[row()], [], [row({ charge_period_start: '2025-03-04 00:00:00.000000' })]]);
  const [loaded] = await load(url);
  expect(loaded).toMatchObject({
    ...{ source: 'aws-cur-2-daily', status: 'loaded', rows: 2, file: 'warehouse:hive.billing.cur2#2025-03' },
    notes: ['Trino read 1.2 MB for it.'],
  });
  expect(loaded?.sums.USD?.billed_cost).toEqual({
    read: '20.246913578024691356',
    stored: '20.246913578024691356',
    focusColumn: 'billed_cost',
  });
  const { rows } = await database.db.pool.query(
    `SELECT service_name, tags, trim_scale(sum(effective_cost)) AS cost FROM billing LEFT JOIN tag_sets USING (tag_set_id) GROUP BY 1, 2`,
  );
  expect(rows).toEqual([
    { service_name: 'Amazon "Elastic", Cloud', tags: { team: 'search' }, cost: '18.000000000000000002' },
  ]);
  expect(asked[0]?.body).toContain(
    `FROM "hive".information_schema.columns WHERE table_schema = 'billing' AND table_name = 'cur2'`,
  );
  expect(asked[1]?.body).toContain('FROM "hive"."billing"."cur2"');
  expect(asked[1]?.headers['x-trino-user']).toBe('penny');
  expect(readdirSync(join(home, 'tmp')).filter((name) => name.startsWith('warehouse-'))).toEqual([]);
});

test('rows that Trino could not read in full stop the load, and the month stays as it is', async () => {
  const { url } = await trinoOf([[row({ [UNREADABLE]: '3' })]]);
  await expect(load(url)).rejects.toMatchObject({
    code: 'value_unknown',
    message: expect.stringContaining(UNREADABLE),
  });
});

test('a table without the month gives no rows, which is no bill', async () => {
  const { url } = await trinoOf([[]]);
  await expect(load(url)).rejects.toMatchObject({ code: 'file_empty' });
});

test('refuses a name that is not one of a table, before it asks', async () => {
  const { url, asked } = await trinoOf([]);
  await expect(load(url, { table: 'cur2; DROP TABLE x' })).rejects.toMatchObject({ code: 'usage' });
  expect(asked).toEqual([]);
});

const ask = async (url: string, more = {}) => {
  for await (const _ of askTrino({ url, user: 'penny', ...more }, 'SELECT 1', new AbortController().signal)) return;
};

test('a busy Trino is asked again; one that refuses or is not there is named', async () => {
  let times = 0;
  const busy = await openWire(() =>
    ++times < 3 ? { status: 503 } : { page: { columns: columns(['a']), data: [[1]] } },
  );
  await ask(busy.url);
  expect(busy.asked.length).toBe(3);
  const refusing = await openWire(() => ({ page: { error: { message: 'line 1:8: no', errorName: 'SYNTAX_ERROR' } } }));
  await expect(ask(refusing.url)).rejects.toMatchObject({
    code: 'warehouse_failed',
    message: expect.stringContaining('SYNTAX_ERROR'),
  });
  const closed = await openWire(() => ({ status: 401 }));
  await expect(ask(closed.url)).rejects.toMatchObject({
    code: 'warehouse_unavailable',
    message: expect.stringContaining('password'),
  });
  await expect(ask('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'warehouse_unavailable' });
});

test('who stops reading ends the statement there; a password goes over https only', async () => {
  const { url, asked } = await openWire((_, base) => ({
    page: { columns: columns(['a']), data: [[1]], nextUri: `${base}/v1/statement/2` },
  }));
  await ask(url);
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/statement',
    'DELETE /v1/statement/2',
  ]);
  await expect(ask(url, { password: 'secret' })).rejects.toMatchObject({ code: 'invalid_config' });
  expect(asked.length).toBe(2);
});
