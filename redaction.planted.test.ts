import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createAssistant } from './agent/assistant.ts';
import { identify } from './agent/identify.ts';
import { recordedEndpoint } from './agent/testing/recorded-endpoint.ts';
import { packageRoot, readConfig } from './config.ts';
import { closeDb, connect } from './db/client.ts';
import { type TestDatabase, testDatabase } from './db/testing.ts';
import { PennyError } from './errors.ts';
import { createLog } from './log.ts';
import { openSecrets } from './secrets.ts';
import { tools as allTools } from './tools/registry.ts';
import { defineTool, type Tool, type ToolResult } from './tools/tool.ts';
import { testServer } from './web/testing.ts';

/** A secret for each place where one may turn up, each of another kind; none may come out anywhere. */
const PLANTED = {
  inUse: 'the-key-in-use-has-no-known-form',
  question: `penny_${'aB3_xY7-'.repeat(6)}`,
  tagValue: 'AKIAQ3EGTWRZ7PLANTED',
  tagKey: 'xoxb-123456789012-1234567890123-PlantedPlantedPlanted1',
  toolError: 'hunter2-in-a-tool',
  toolMessage: 'sk-proj-Planted0Planted1Planted2Planted3Planted4',
  modelText: 'hvs.CAESIPlantedPlantedPlantedPlanted',
  argument: 'wJalrXUtnFEMI/K7MDENG/bPxRfiPLANTEDKEYab',
  reason: 'xapp-1-A0PLANTED99-1234567890123-0123456789abcdef',
  header: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.planted-signature-0',
  cookie: 'planted-cookie-value-1',
  database: 'planted-database-password-1',
};

const planted = Object.values(PLANTED);

/** The secrets whose end stands in `text`, by the place they were planted in. */
function found(text: string): string[] {
  return Object.entries(PLANTED).flatMap(([place, secret]) => (text.includes(secret.slice(-14)) ? [place] : []));
}

let database: TestDatabase;
let logged: string[];
const log = createLog({ write: (line: string) => void logged.push(line) });

beforeAll(async () => {
  log.level = 'debug';
  logged = [];
  database = await testDatabase();
  const config = readConfig({ OPENAI_API_KEY: PLANTED.inUse });
  await openSecrets(config, log, { signal: new AbortController().signal });
});
afterAll(() => database.close());

const result: ToolResult = {
  status: 'ok',
  data: {
    facts: { owner: { value: PLANTED.tagValue, kind: 'text', unit: null } },
    tables: [
      {
        name: 'costs',
        title: `Cost by tag ${PLANTED.tagKey}`,
        columns: [
          { name: `tag:${PLANTED.tagKey}`, kind: 'text', unit: null, untrusted: true },
          { name: 'cost', kind: 'money', unit: 'USD' },
        ],
        rows: [
          [PLANTED.tagValue, '10.50'],
          ['i-0abc1234567890def', '20.25'],
        ],
      },
    ],
  },
  receipt: {
    tool: 'query_costs',
    arguments: {},
    sql: `SELECT 1 WHERE tags->>'owner' = '${PLANTED.tagValue}'`,
    notes: [`tag ${PLANTED.tagKey}`],
    rowCount: 2,
    truncated: false,
    dataThrough: '2026-11-23',
    hash: 'abc',
    elapsedMs: 1,
  },
};

const tools: Tool[] = [
  defineTool({
    name: 'query_costs',
    title: 'Reading costs',
    description: 'Costs.',
    access: 'read',
    input: z.looseObject({}),
    async run(_context, { period, groupBy }) {
      if (period === 'thrown')
        throw new Error(`connect to postgres://penny:${PLANTED.toolError}@10.0.0.5/penny failed`);
      if (period === 'told') throw new PennyError('invalid_input', `No such filter: ${PLANTED.toolMessage}`);
      if (result.status !== 'ok') throw new Error('is ok');
      return { ...result, receipt: { ...result.receipt, arguments: { period, groupBy } } };
    },
  }),
  ...allTools
    .filter(({ name }) => name !== 'query_costs')
    .map(({ name }) =>
      defineTool({
        name,
        title: name,
        description: name,
        access: 'read',
        input: z.looseObject({}),
        run: async (): Promise<ToolResult> => ({ status: 'error', code: 'internal', message: PLANTED.toolMessage }),
      }),
    ),
];

test('secrets in question, tags, tool errors, headers and model text reach no model, no log, no row and no answer', async () => {
  const call = (period: string) => ({
    name: 'query_costs',
    args: { period, groupBy: [`tag:${PLANTED.tagKey}`], key: PLANTED.argument },
  });
  const endpoint = await recordedEndpoint([
    {
      calls: [
        { ...call('thrown'), id: 'a' },
        { ...call('told'), id: 'b' },
        { ...call('2026-10'), id: 'c' },
      ],
    },
    { text: `The owner is {{r3.owner}} with ${PLANTED.modelText}.` },
    { text: 'Nothing more.' },
  ]);
  const config = readConfig({ OPENAI_BASE_URL: endpoint.baseUrl, OPENAI_API_KEY: PLANTED.inUse });
  const { db } = database;
  const assistant = createAssistant({ config, db, log, now: () => new Date('2026-11-24T09:00:00Z'), tools });
  const principal = await identify(db, { platform: 'local' });
  const { app } = await testServer({ config, db, assistant, log, tools });
  const answers: string[] = [];
  const send = async (request: { method?: 'GET' | 'POST'; url: string; payload?: object; headers?: object }) => {
    const reply = await app.inject({
      ...request,
      headers: { ...request.headers, 'x-vault-token': PLANTED.header, 'x-cookie': PLANTED.cookie },
    });
    answers.push(reply.body, JSON.stringify(reply.headers));
    return reply;
  };

  const question = `What does ${PLANTED.question} cost? My key is ${PLANTED.inUse}.`;
  const events: unknown[] = [];
  const answer = await assistant.ask({ question, principal, surface: 'api', onEvent: (event) => events.push(event) });
  expect(answer.status).toBe('answered');
  expect(answer.tables[0]?.rows).toEqual([
    ['[redacted]', '10.50'],
    ['i-0abc1234567890def', '20.25'],
  ]);
  await assistant.ask({ question: 'And now?', principal, surface: 'api', threadId: answer.threadId });
  await assistant.giveFeedback(principal, answer.queryId, { score: -1, reason: `wrong: ${PLANTED.reason}` });

  const costs = await send({ url: '/api/v1/billing/costs?groupBy=service_name' });
  expect(costs.json().data.tables[0].rows[0]).toEqual(['[redacted]', '10.50']);
  await send({ url: '/api/v1/billing/costs?groupBy=service_name&period=told' });
  await send({ url: '/api/v1/billing/costs?period=thrown' });
  await send({ url: '/api/v1/accounts' });
  await send({ url: '/api/v1/resources' });
  await send({ url: '/api/v1/billing/costs?groupBy=service_name', headers: { accept: 'text/csv' } });
  await send({ url: '/api/v1/ai/queries' });
  await send({
    method: 'POST',
    url: '/api/v1/ai/queries',
    payload: { question: PLANTED.modelText, extra: PLANTED.header },
  });
  await send({ url: `/no/such/page/${PLANTED.cookie}` });

  const tables = ['ai_queries', 'ai_tool_calls', 'conversations', 'audit_log'];
  const rows = await Promise.all(tables.map((table) => db.pool.query(`SELECT to_jsonb(t) AS row FROM ${table} AS t`)));
  expect(rows[0]?.rows.length).toBeGreaterThanOrEqual(2);
  expect(endpoint.requests.length).toBeGreaterThanOrEqual(3);
  expect(logged.join('')).toContain('a tool failed');
  await endpoint.close();
  await app.close();

  expect(found(JSON.stringify(endpoint.requests)), 'requests of the model').toEqual([]);
  expect(found(JSON.stringify(rows.map((table) => table.rows))), 'rows of the query log').toEqual([]);
  expect(found(JSON.stringify([answer, events])), 'the answer and its steps').toEqual([]);
  expect(found(answers.join('\n')), 'answers over HTTP').toEqual([]);
  expect(found(logged.join('')), 'the log').toEqual([]);
});

test('a database that refuses the log-in shows its address nowhere with the password', async () => {
  const url = new URL(database.url);
  url.password = PLANTED.database;
  const db = connect(url.href, { max: 1 });
  const error = await db.pool.query('SELECT 1').catch((failure: unknown) => failure);
  log.error({ err: error, url: url.href, client: { password: PLANTED.database } }, `cannot reach ${url.href}`);
  await closeDb(db);
  expect(logged.at(-1)).toContain('cannot reach postgres://');
  expect(found(logged.join(''))).toEqual([]);
});

test.each([
  ['a database that is not there', { PENNY_DATABASE_URL: `postgres://penny:${PLANTED.database}@127.0.0.1:1/penny` }],
  ['an address that is none', { PENNY_DATABASE_URL: `penny:${PLANTED.database}@nowhere` }],
  ['settings that do not go together', { VAULT_SECRET_ID: PLANTED.inUse, PENNY_VAULT_PATH: PLANTED.header, PORT: 'x' }],
  [
    'a Vault that is not there',
    {
      VAULT_ADDR: `http://u:${PLANTED.database}@127.0.0.1:1`,
      VAULT_ROLE_ID: 'penny',
      VAULT_SECRET_ID: PLANTED.inUse,
      PENNY_VAULT_PATH: 'secret/penny',
    },
  ],
])('a command line prints no secret for %s', (_problem, settings) => {
  const arguments_ = ['--import', 'tsx', 'cli/main.ts', 'ask', `costs of ${PLANTED.question}?`, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, arguments_, {
    cwd: packageRoot,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      PENNY_HOME: join(packageRoot, 'no-such-home'),
      PENNY_LOG_LEVEL: 'debug',
      ...settings,
    },
  });
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.any(String) } });
  expect(found(stdout + stderr)).toEqual([]);
});

test('each planted secret would be found if nothing took it out', () => {
  expect(found(planted.join(' '))).toEqual(Object.keys(PLANTED));
});
