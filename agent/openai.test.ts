import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import type { Db } from '../db/client.ts';
import { testDatabase } from '../db/testing.ts';
import { log } from '../log.ts';
import { defineTool, type ToolResult } from '../tools/tool.ts';
import type { AskEvent } from './answer.ts';
import { createAssistant } from './assistant.ts';
import { identify } from './identify.ts';
import { type RecordedEndpoint, type Reply, recordedEndpoint } from './testing/recorded-endpoint.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let db: Db;
let endpoint: RecordedEndpoint | undefined;

beforeAll(async () => {
  log.level = 'silent';
  database = await testDatabase();
  db = database.db;
});
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});
afterAll(() => database.close());

const receipt = {
  notes: [],
  rowCount: 2,
  truncated: false,
  dataThrough: '2026-11-23',
  hash: 'abc',
  elapsedMs: 1,
  period: { start: '2026-10-01', end: '2026-11-01' },
  costBasis: 'effective_cost',
  credits: 'excluded' as const,
  sql: 'SELECT 1',
  fingerprint: 'f1',
};

/** A tool with a known answer; what is under test here is the loop around it. */
const spend = defineTool({
  name: 'query_costs',
  title: 'Reading costs',
  description: 'Costs.',
  access: 'read',
  input: z.object({ period: z.string(), groupBy: z.array(z.string()).optional() }),
  async run(_context, input): Promise<ToolResult> {
    if (input.period === 'never') throw new Error('password=hunter2 host=10.0.0.5');
    return {
      status: 'ok',
      data: {
        facts: { total: { value: '1500.25', kind: 'money', unit: 'USD' } },
        tables: [
          {
            name: 'costs',
            title: 'Cost by service',
            columns: [
              { name: 'service_name', kind: 'text', unit: null },
              { name: 'cost', kind: 'money', unit: 'USD' },
            ],
            rows: [
              ['Amazon EC2', '1000.25'],
              ['Amazon S3', '500'],
            ],
          },
        ],
      },
      receipt: { ...receipt, tool: 'query_costs', arguments: input },
    };
  },
});

async function ask(script: Reply[], question = 'What did we spend in October?', settings: Record<string, string> = {}) {
  endpoint = await recordedEndpoint(script);
  const config = readConfig({ OPENAI_BASE_URL: endpoint.baseUrl, OPENAI_MODEL: 'recorded', ...settings });
  const assistant = createAssistant({ config, db, log, now: () => new Date('2026-11-24T09:00:00Z'), tools: [spend] });
  const events: AskEvent[] = [];
  const principal = await identify(db, { platform: 'local' });
  const answer = await assistant.ask({ question, principal, surface: 'eval', onEvent: (event) => events.push(event) });
  const { rows } = await db.pool.query('SELECT * FROM ai_queries WHERE query_id = $1', [answer.queryId]);
  const calls = await db.pool.query('SELECT * FROM ai_tool_calls WHERE query_id = $1 ORDER BY ordinal', [
    answer.queryId,
  ]);
  return { answer, events, entry: rows[0], calls: calls.rows, requests: endpoint.requests, assistant, principal };
}

const call = (period: string) => ({ name: 'query_costs', args: { period } });

test('a streamed tool call and a placeholder become a checked answer, logged with its tokens', async () => {
  const { answer, events, entry, calls, requests } = await ask([
    { calls: [call('2026-10')] },
    { text: 'You spent {{r1.total}}, most of it on {{r1.costs[0].service_name}}.' },
  ]);
  expect(answer.status).toBe('answered');
  expect(answer.text).toContain('You spent $1,500.25, most of it on Amazon EC2.');
  expect(answer.text).toContain('Effective cost (amortized), credits excluded, 2026-10-01 to 2026-10-31');
  expect(answer.tables[0]?.rows).toHaveLength(2);
  expect(events.map(({ type }) => type)).toEqual(['started', 'step', 'step', 'answer']);
  expect(entry).toMatchObject({
    answer_status: 'answered',
    model: 'recorded',
    model_calls: 2,
    input_tokens: 200,
    output_tokens: 40,
  });
  expect(calls).toMatchObject([
    { tool: 'query_costs', status: 'ok', sql: 'SELECT 1', sql_fingerprint: 'f1', result_hash: 'abc' },
  ]);
  expect(requests[0]?.tools?.map((tool) => tool.function.name)).toEqual(['query_costs']);
});

test('two calls at once are both run, and each is told apart in the text', async () => {
  const { answer, calls } = await ask([
    {
      calls: [
        { ...call('2026-09'), id: 'a' },
        { ...call('2026-10'), id: 'b' },
      ],
    },
    { text: 'First {{r1.total}}, then {{r2.total}}.' },
  ]);
  expect(answer.text).toContain('First $1,500.25, then $1,500.25.');
  expect(calls.map((row) => row.arguments.period)).toEqual(['2026-09', '2026-10']);
});

test('an invented number is sent back once, and a repaired text is shown', async () => {
  const { answer, requests } = await ask([
    { calls: [call('2026-10')] },
    { text: 'You spent $9,999.' },
    { text: 'You spent {{r1.total}}.' },
  ]);
  expect(answer.text).toContain('You spent $1,500.25.');
  expect(answer.text).not.toContain('9,999');
  expect(JSON.stringify(requests.at(-1)?.messages.at(-1))).toContain('$9,999');
});

test('a number invented twice is never shown: the table speaks alone', async () => {
  const { answer } = await ask([
    { calls: [call('2026-10')] },
    { text: 'You spent $9,999.' },
    { text: 'It was $8,888.' },
  ]);
  expect(answer.status).toBe('answered');
  expect(answer.text).not.toMatch(/9,999|8,888/);
  expect(answer.text).toContain('the tables below speak for themselves');
  expect(answer.tables).toHaveLength(1);
});

test('a number without any tool call is never shown', async () => {
  const { answer } = await ask([{ text: 'You spent $42.' }, { text: 'Still $42.' }]);
  expect(answer.status).toBe('failed');
  expect(answer.text).not.toContain('42');
});

test('arguments that are no JSON are dropped and asked for again', async () => {
  const { answer, requests, calls } = await ask([
    { calls: [{ name: 'query_costs', args: '{"period": "2026-10' }] },
    { calls: [call('2026-10')] },
    { text: 'You spent {{r1.total}}.' },
  ]);
  expect(answer.text).toContain('$1,500.25');
  expect(requests).toHaveLength(3);
  expect(calls).toHaveLength(1);
});

test('arguments that do not fit the tool come back to the model with what is wrong', async () => {
  const { answer, requests, calls } = await ask([
    { calls: [{ name: 'query_costs', args: { period: 7 } }] },
    { calls: [call('2026-10')] },
    { text: 'You spent {{r2.total}}.' },
  ]);
  expect(answer.text).toContain('$1,500.25');
  const told = JSON.stringify(requests[1]?.messages.at(-1));
  expect(told).toContain('expected string');
  expect(told).not.toContain('/agent/');
  expect(calls.map((row) => row.status)).toEqual(['error', 'ok']);
});

test('a tool that does not exist is named, with those that do', async () => {
  const { requests } = await ask([
    { calls: [{ name: 'delete_everything', args: {} }] },
    { text: '[refused] I cannot do that.' },
  ]);
  expect(JSON.stringify(requests[1]?.messages.at(-1))).toContain('The tools are: query_costs');
});

test("a tool's failure tells the model nothing of its cause", async () => {
  const { requests } = await ask([{ calls: [call('never')] }, { text: '[refused] I could not read the costs.' }]);
  expect(JSON.stringify(requests)).not.toMatch(/hunter2|10\.0\.0\.5/);
});

test('[clarify] and [refused] become the status and leave the text', async () => {
  const { answer } = await ask([{ text: '[clarify] Which account do you mean?' }]);
  expect(answer).toMatchObject({ status: 'clarify', text: 'Which account do you mean?' });
});

test('a 429 with Retry-After is waited for', async () => {
  const { answer, requests } = await ask([
    { status: 429, headers: { 'retry-after': '0' } },
    { calls: [call('2026-10')] },
    { text: 'You spent {{r1.total}}.' },
  ]);
  expect(answer.text).toContain('$1,500.25');
  expect(requests).toHaveLength(3);
});

test.each([
  ['an outage', Array(6).fill({ status: 500 }), {}, 'model_unavailable'],
  [
    'a used-up quota',
    [{ status: 429, body: '{"error":{"code":"insufficient_quota","message":"sk-secret"}}' }],
    {},
    'model_rate_limited',
  ],
  ['a wrong key', [{ status: 401, body: '{"error":{"message":"invalid key sk-secret"}}' }], {}, 'model_unavailable'],
  ['a hang', Array(4).fill({ hang: 'before the first byte' }), { PENNY_MODEL_TIMEOUT_MS: '700' }, 'model_timeout'],
  [
    'a stream that stalls',
    Array(4).fill({ hang: 'in the middle' }),
    { PENNY_MODEL_TIMEOUT_MS: '700' },
    'model_timeout',
  ],
  ['a stream cut off', Array(4).fill({ cut: true }), {}, 'model_unavailable'],
  [
    'unreadable calls for ever',
    Array(4).fill({ calls: [{ name: 'query_costs', args: '{"peri' }] }),
    {},
    'model_unavailable',
  ],
] as [string, Reply[], Record<string, string>, string][])(
  '%s ends in a clear answer and is logged',
  async (_, script, settings, code) => {
    const { answer, entry } = await ask(script, 'Tell me a story about our competitor.', settings);
    expect(answer.status).toBe('failed');
    expect(answer.text).toMatch(/language model/);
    expect(answer.text).not.toMatch(/sk-secret|127\.0\.0\.1|at .*\.ts/);
    expect(entry).toMatchObject({ answer_status: 'failed', error_code: code });
  },
);

test('a model that never stops calling tools is stopped', async () => {
  const { answer, requests } = await ask(Array(60).fill({ calls: [call('2026-10')] }), 'Tell me a joke.', {
    PENNY_MODEL_MAX_CALLS: '5',
  });
  expect(answer.status).toBe('failed');
  expect(requests).toHaveLength(5);
});

test('a follow-up sees the turn before it, in a history the endpoint accepts', async () => {
  const first = await ask([{ calls: [call('2026-10')] }, { text: 'You spent {{r1.total}}.' }]);
  await endpoint?.close();
  endpoint = await recordedEndpoint([{ text: 'That was {{r1.total}}.' }, { text: 'As said: $1,500.25 in October.' }]);
  const config = readConfig({ OPENAI_BASE_URL: endpoint.baseUrl, OPENAI_MODEL: 'recorded' });
  const assistant = createAssistant({ config, db, log, now: () => new Date(), tools: [spend] });
  const answer = await assistant.ask({
    question: 'Say that again?',
    principal: first.principal,
    surface: 'eval',
    threadId: first.answer.threadId,
  });
  expect(endpoint.requests[0]?.messages.map(({ role }) => role)).toEqual([
    'system',
    'user',
    'assistant',
    'tool',
    'assistant',
    'user',
  ]);
  expect(answer.text).toContain('$1,500.25');
  const conversation = await assistant.getConversation(first.principal, first.answer.threadId);
  expect(conversation?.turns.map(({ question }) => question)).toEqual([
    'What did we spend in October?',
    'Say that again?',
  ]);
});

test("nobody goes on with another person's conversation", async () => {
  const { assistant, answer } = await ask([{ text: '[clarify] Which one?' }]);
  const stranger = {
    userId: '00000000-0000-4000-8000-000000000001',
    email: 'x@example.com',
    name: 'X',
    role: 'viewer' as const,
    scope: 'all' as const,
  };
  await db.pool.query(
    "INSERT INTO users (user_id, email, name, role) VALUES ($1, $2, 'X', 'viewer') ON CONFLICT DO NOTHING",
    [stranger.userId, stranger.email],
  );
  const request = { question: 'And now?', principal: stranger, surface: 'eval' as const, threadId: answer.threadId };
  await expect(assistant.ask(request)).rejects.toMatchObject({ code: 'not_found' });
  expect(await assistant.getConversation(stranger, answer.threadId)).toBeNull();
});
