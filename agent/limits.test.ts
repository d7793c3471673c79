import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import type { Db } from '../db/client.ts';
import type { Principal } from '../db/principal.ts';
import { testDatabase } from '../db/testing.ts';
import { log } from '../log.ts';
import type { AskRequest } from './ask.ts';
import { createAssistant } from './assistant.ts';
import { identify } from './identify.ts';
import { createToken } from './identity/tokens.ts';
import { type RecordedEndpoint, recordedEndpoint } from './testing/recorded-endpoint.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let db: Db;
let endpoint: RecordedEndpoint;
let now: Date;
let ada: Principal;
let lin: Principal;

beforeAll(async () => {
  log.level = 'silent';
  database = await testDatabase();
  db = database.db;
  ada = await identify(db, { platform: 'local' });
  await db.pool.query(
    "INSERT INTO users (email, name, role, scope) VALUES ('lin@example.com', 'Lin', 'viewer', '\"all\"')",
  );
  lin = await identify(db, { platform: 'local', email: 'lin@example.com' });
});
beforeEach(async () => {
  now = new Date('2026-11-24T23:30:00Z');
  // Each reply is 100 tokens in and 20 out.
  endpoint = await recordedEndpoint(Array.from({ length: 9 }, () => ({ text: 'I cannot say.' })));
});
afterEach(async () => {
  await endpoint.close();
  await db.pool.query('TRUNCATE conversations CASCADE');
});
afterAll(() => database.close());

function assistantWith(settings: Record<string, string>) {
  const config = readConfig({ OPENAI_BASE_URL: endpoint.baseUrl, OPENAI_MODEL: 'recorded', ...settings });
  const assistant = createAssistant({ config, db, log, now: () => now });
  return (principal: Principal, surface: AskRequest['surface'] = 'web') =>
    assistant.ask({ question: 'What can you do?', principal, surface });
}

const USED_UP = 'is used up. This answer comes from the built-in planner.';

test('beyond the tokens of a day the built-in planner answers and says so, to that person and until the next day', async () => {
  const ask = assistantWith({ PENNY_MODEL_TOKENS_PER_DAY: '240' });
  for (let asked = 0; asked < 2; asked++) expect((await ask(ada)).text).not.toContain(USED_UP);
  const { text, status } = await ask(ada);
  expect(status).not.toBe('failed');
  expect(text).toContain(`Your use of the language model for today ${USED_UP}`);
  expect(endpoint.requests).toHaveLength(2);
  const { rows } = await db.pool.query("SELECT model, input_tokens FROM ai_queries WHERE model <> 'recorded'");
  expect(rows).toEqual([{ model: 'offline', input_tokens: 0 }]);
  expect((await ask(lin)).text).not.toContain(USED_UP);
  expect((await ask(ada, 'eval')).text).not.toContain(USED_UP);
  now = new Date('2026-11-25T00:00:00Z');
  expect((await ask(ada)).text).not.toContain(USED_UP);
});

test('beyond the budget of a month the built-in planner answers everybody, evals too, until the next month', async () => {
  // 100 tokens in and 20 out at these prices are 0.0005 USD.
  const ask = assistantWith({
    PENNY_MODEL_MONTHLY_BUDGET_USD: '0.001',
    PENNY_MODEL_INPUT_USD_PER_MILLION: '3',
    PENNY_MODEL_OUTPUT_USD_PER_MILLION: '10',
  });
  await ask(ada);
  expect((await ask(lin)).text).not.toContain(USED_UP);
  for (const surface of ['web', 'eval'] as const) {
    expect((await ask(lin, surface)).text).toContain(`The budget of the language model for this month ${USED_UP}`);
  }
  now = new Date('2026-12-01T00:00:00Z');
  expect((await ask(lin)).text).not.toContain(USED_UP);
});

test('a budget without prices stops the start', () => {
  expect(() => readConfig({ PENNY_MODEL_MONTHLY_BUDGET_USD: '250' })).toThrow('INPUT_USD_PER_MILLION is needed');
});

test('who asks faster than allowed hears when to go on; others, and evals, are not held up', async () => {
  const ask = assistantWith({ PENNY_QUESTIONS_PER_MINUTE: '2', OPENAI_BASE_URL: '' });
  await Promise.all([ask(ada), ask(ada, 'slack')]);
  const refusal = await ask(ada).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'rate_limited', details: { retryAfterSeconds: expect.any(Number) } });
  await ask(lin);
  await ask(ada, 'eval');
  // What was refused is no question: a flood does not fill the log.
  expect((await db.pool.query('SELECT FROM ai_queries')).rowCount).toBe(4);
});

test('a token sees and goes on with its own conversations, not with those of its person', async () => {
  const assistant = createAssistant({ config: readConfig({}), db, log, now: () => now });
  const { tokenId, token } = await createToken(
    db,
    { principal: ada, surface: 'cli' },
    { role: 'engineer' },
    new Date(),
  );
  const robot = await identify(db, { platform: 'token', token });
  expect(robot.tokenId).toBe(tokenId);
  const ask = (principal: Principal, threadId?: string) =>
    assistant.ask({ question: 'What can you do?', principal, surface: 'api', ...(threadId ? { threadId } : {}) });
  const [mine, its] = [await ask(ada), await ask(robot)];
  const titles = async (principal: Principal) =>
    (await assistant.listConversations(principal, { limit: 9 })).map(({ threadId }) => threadId).sort();
  expect(await titles(ada)).toEqual([mine.threadId, its.threadId].sort());
  expect(await titles(robot)).toEqual([its.threadId]);
  expect((await assistant.listQueries(robot, { limit: 9 })).items.map(({ queryId }) => queryId)).toEqual([its.queryId]);
  expect(await assistant.getConversation(robot, mine.threadId)).toBeNull();
  await expect(ask(robot, mine.threadId)).rejects.toMatchObject({ code: 'not_found' });
  await expect(assistant.giveFeedback(robot, mine.queryId, { score: 1 })).rejects.toMatchObject({ code: 'not_found' });
  await assistant.giveFeedback(robot, its.queryId, { score: 1 });
  await ask(robot, its.threadId);
  await ask(ada, its.threadId);
});

test('a viewer gives no feedback', async () => {
  const assistant = createAssistant({ config: readConfig({}), db, log, now: () => now });
  const { queryId } = await assistant.ask({ question: 'What can you do?', principal: lin, surface: 'web' });
  await expect(assistant.giveFeedback(lin, queryId, { score: 1 })).rejects.toMatchObject({ code: 'forbidden' });
});
