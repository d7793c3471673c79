import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAssistant } from '../agent/assistant.ts';
import { createDecisions } from '../agent/decide.ts';
import { createPeople } from '../agent/identity/people.ts';
import { packageRoot, readConfig } from '../config.ts';
import { createAnomalyDesk } from '../db/anomalies/feedback.ts';
import { chainPending } from '../db/audit/chain.ts';
import { runGuarded } from '../db/guard/execute.ts';
import type { Principal } from '../db/principal.ts';
import { storeBill, type TestCharge } from '../db/queries/bill.fixture.ts';
import { localPrincipal } from '../db/queries/users.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { tools } from '../tools/registry.ts';
import { buildServer } from './server/server.ts';
import { memoryJobs, noBudgets, noRecommendations } from './testing.ts';

const NOW = new Date('2026-02-05T09:00:00Z');
const SIDES = ['north', 'south'] as const;
type Side = (typeof SIDES)[number];

interface Asker {
  side: Side;
  principal: Principal;
  token: string;
}

let database: TestDatabase;
let app: FastifyInstance;
const askers: Asker[] = [];
let admin: { token: string };

/** Everything of one side carries its name or its digit, so that a row of the other shows wherever it turns up. */
const charges = SIDES.flatMap((side, index): TestCharge[] =>
  Array.from({ length: 60 }, (_, day) => ({
    day: new Date(Date.UTC(2025, 11, 6 + day)).toISOString().slice(0, 10),
    cost: index === 0 ? '3.1415' : '7.2929',
    billing_account_id: 'payer',
    sub_account_id: index === 0 ? '300000000003' : '700000000007',
    sub_account_name: `${side} account`,
    service_name: `${side} service ${day % 3}`,
    region_id: `${side}-1`,
    resource_id: `i-${side}-${day % 5}`,
    resource_name: `${side} machine ${day % 5}`,
    x_usage_type: `${side}Usage`,
    x_instance_type: `${side}.large`,
    tags: { team: `${side} team`, note: `${side} note` },
  })),
);

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  await storeBill(db, charges);
  await db.pool.query(`
    INSERT INTO accounts (account_id, name, kind) SELECT DISTINCT sub_account_id, sub_account_name, 'sub' FROM billing;
    INSERT INTO resources (resource_id, name, type, service_name, sub_account_id, region_id, tags, first_seen_date, last_seen_date)
      SELECT DISTINCT ON (resource_id) resource_id, resource_name, 'ec2:instance', service_name, sub_account_id, region_id,
        (SELECT tags FROM tag_sets WHERE tag_sets.tag_set_id = billing.tag_set_id), '2025-12-06', '2026-02-03' FROM billing`);
  const log = pino({ level: 'silent' });
  const config = readConfig({ PENNY_QUESTIONS_PER_MINUTE: '1000' });
  const now = () => NOW;
  const people = createPeople({ config, db, now });
  const assistant = createAssistant({ config, db, log, now });
  app = await buildServer({
    config,
    db,
    assistant,
    people,
    jobs: memoryJobs(),
    recommendations: noRecommendations,
    budgets: noBudgets,
    businessMetrics: { give: async () => 0 },
    decisions: createDecisions({ db, now }),
    anomalies: createAnomalyDesk(db, now),
    log,
    now,
    ready: async () => {},
    clientFolder: join(packageRoot, 'web/client'),
  });
  const owner = { principal: await localPrincipal(db), surface: 'cli' as const };
  admin = await people.createToken(owner, { role: 'admin' });
  const scopes: Record<Side, Principal['scope']> = {
    north: { subAccountIds: ['300000000003'], tags: [] },
    south: { subAccountIds: [], tags: [{ key: 'team', value: 'South Team' }] },
  };
  for (const side of SIDES) {
    const email = `${side}@example.com`;
    await people.addUser(owner, { email, name: side, role: 'engineer', scope: scopes[side] });
    const { token } = await people.createToken(owner, { email, role: 'engineer' });
    askers.push({ side, token, principal: await people.identify({ platform: 'token', token }) });
  }
});

afterAll(async () => {
  await app.close();
  await database.close();
});

const QUESTIONS = [
  'What did we spend last month?',
  'Cost by service last month',
  'Cost by account in January 2026',
  'Cost by team this month',
  'Cost by region last 30 days',
  'Why did our cost change last month?',
  'Which resources are the most expensive?',
  'Top 5 services with rising cost last 30 days?',
  'Cost by usage type last month',
  'What accounts are there?',
  'What teams are there?',
  'What did north team spend in January 2026?',
  'What did south team spend in January 2026?',
  'Cost of the north account last month',
  'Cost of the south account last month',
  'How much is untagged?',
];

const CALLS: [string, Record<string, unknown>][] = [
  ['query_costs', { period: 'January 2026', groupBy: ['service_name'] }],
  ['query_costs', { period: 'January 2026', groupBy: ['sub_account_id', 'region_id'] }],
  ['query_costs', { period: 'last 30 days', groupBy: ['tag:team'], granularity: 'day' }],
  ['query_costs', { period: 'last 30 days', groupBy: ['tag:note'] }],
  ['query_costs', { period: 'last 30 days', groupBy: ['resource_id'] }],
  [
    'query_costs',
    { period: 'January 2026', filters: [{ dimension: 'sub_account_id', operator: 'not in', values: ['1'] }] },
  ],
  ['explain_change', { period: 'January 2026' }],
  ['explain_change', { period: 'January 2026', dimension: 'tag:team' }],
  ['find_resources', { limit: 50 }],
  ['find_resources', { text: 'machine' }],
  ['describe_data', { topic: 'services' }],
  ['describe_data', { topic: 'accounts' }],
  ['describe_data', { topic: 'tags' }],
  ['describe_data', { tagKey: 'team' }],
  ['describe_freshness', {}],
  ['query_sql', { sql: 'SELECT service_name, sum(effective_cost) FROM ask.costs GROUP BY 1' }],
];

const STATEMENTS = [
  'SELECT * FROM ask.costs',
  'SELECT * FROM ask.resources',
  'SELECT * FROM ask.accounts',
  "SELECT * FROM ask.costs WHERE sub_account_id IN ('300000000003', '700000000007')",
  'SELECT tags, count(*) FROM ask.costs GROUP BY 1',
  'SELECT c.*, r.name FROM ask.costs AS c JOIN ask.resources AS r USING (resource_id)',
];

const ROUTES = [
  '/accounts',
  '/resources?limit=50',
  '/billing/costs?period=January 2026&groupBy=service_name',
  '/billing/costs?period=last 30 days&groupBy=tag:team',
  '/billing/costs?period=last 30 days&groupBy=sub_account_id',
  '/billing/freshness',
  '/billing/reconciliation',
  '/ai/suggestions',
  '/ai/conversations',
  '/ai/queries',
  '/me',
  '/tokens',
  '/billing/costs?period=January 2026&groupBy=resource_id',
];

const asked = (path: string, { token }: { token: string }, csv = false) =>
  app.inject({
    url: `/api/v1${encodeURI(path)}`,
    headers: { authorization: `Bearer ${token}`, ...(csv ? { accept: 'text/csv' } : {}) },
  });

/** Everything one person is shown, each with what it answers. */
function everything(asker: Asker): [string, () => Promise<string>][] {
  const context = {
    db: database.db,
    principal: asker.principal,
    now: NOW,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
    origin: { surface: 'api', conversationId: null } as const,
  };
  return [
    ...QUESTIONS.map((question): [string, () => Promise<string>] => [
      question,
      async () => {
        const payload = { question };
        const headers = { authorization: `Bearer ${asker.token}` };
        return (await app.inject({ method: 'POST', url: '/api/v1/ai/queries', payload, headers })).body;
      },
    ]),
    ...CALLS.map(([name, input]): [string, () => Promise<string>] => [
      `${name} ${JSON.stringify(input)}`,
      async () => {
        const tool = tools.find((one) => one.name === name);
        return JSON.stringify(await tool?.run(context, tool.input.parse(input)));
      },
    ]),
    ...STATEMENTS.map((sql): [string, () => Promise<string>] => [
      sql,
      async () => JSON.stringify((await runGuarded(database.db, asker.principal, sql)).rows),
    ]),
    ...ROUTES.map((path): [string, () => Promise<string>] => [path, async () => (await asked(path, asker)).body]),
    ...ROUTES.slice(0, 5).map((path): [string, () => Promise<string>] => [
      `${path} as CSV`,
      async () => (await asked(path, asker, true)).body,
    ]),
  ];
}

test('two people ask fifty and more things at once, and neither is shown a row of the other', async () => {
  const all = askers.flatMap((asker) => everything(asker).map(([what, run]) => ({ asker, what, run })));
  expect(all.length).toBeGreaterThanOrEqual(100);
  const shown = await Promise.all(all.map(async ({ asker, what, run }) => ({ asker, what, text: await run() })));
  const own = new Map(SIDES.map((side) => [side, 0]));
  for (const { asker, what, text } of shown) {
    const other = asker.side === 'north' ? 'south' : 'north';
    // What somebody asks for by name comes back in the words of their own question.
    const words = QUESTIONS.reduce((left, question) => left.replaceAll(question, ''), text);
    const marks = [
      `${other} `,
      `${other}-1`,
      `i-${other}`,
      `${other}Usage`,
      `${other}.large`,
      asker.side === 'north' ? '7.2929' : '3.1415',
    ];
    for (const mark of what.includes(other) || what.startsWith('/ai/') ? marks.slice(1) : marks)
      expect(words, `${asker.side}: ${what}`).not.toContain(mark);
    if (text.includes(asker.side)) own.set(asker.side, (own.get(asker.side) ?? 0) + 1);
  }
  // And each is shown what is their own, in most of the answers.
  for (const side of SIDES) expect(own.get(side)).toBeGreaterThanOrEqual(35);
});

test('what the other one owns is refused by name and told apart from what is nowhere', async () => {
  for (const asker of askers) {
    const other = asker.side === 'north' ? 'south' : 'north';
    const hidden = await asked(`/billing/costs?period=January 2026&region_id=${other}-1`, asker);
    expect([hidden.statusCode, hidden.json().error.code]).toEqual([403, 'forbidden']);
    const nowhere = await asked('/billing/costs?period=January 2026&region_id=west-1', asker);
    expect([nowhere.statusCode, nowhere.json().status]).toEqual([200, 'no_data']);
  }
});

test('a conversation, a query and its feedback are their asker’s alone', async () => {
  const [north, south] = askers;
  if (north === undefined || south === undefined) throw new Error('nobody asks');
  const own = (await asked('/ai/queries?limit=1', north)).json();
  const [query] = own.items ?? own.queries ?? own.data;
  expect(query.queryId).toBeTruthy();
  const feedback = await app.inject({
    method: 'POST',
    url: `/api/v1/ai/queries/${query.queryId}/feedback`,
    payload: { score: 1 },
    headers: { authorization: `Bearer ${south.token}` },
  });
  expect(feedback.statusCode).toBe(404);
  expect((await asked(`/ai/conversations/${query.threadId}`, south)).statusCode).toBe(404);
  expect((await asked(`/ai/conversations/${query.threadId}`, north)).statusCode).toBe(200);
});

test('the audit log is shown to administrators, page by page and as CSV, and to nobody else', async () => {
  for (const asker of askers) expect((await asked('/audit', asker)).statusCode).toBe(403);
  await chainPending(database.db.pool);
  const first = (await asked('/audit?limit=2', admin)).json();
  expect(first.items.map(({ entryId }: { entryId: number }) => entryId)).toHaveLength(2);
  const second = (await asked(`/audit?limit=2&cursor=${first.nextCursor}`, admin)).json();
  expect(second.items[0].entryId).toBe(first.items[1].entryId - 1);
  const tokens = (await asked('/audit?event=token.created&limit=10', admin)).json();
  expect(tokens.items).toHaveLength(3);
  expect(JSON.stringify(tokens)).not.toContain(admin.token);
  const csv = await asked('/audit?event=user.added', admin, true);
  expect(csv.headers['content-type']).toContain('text/csv');
  expect(csv.body.split('\r\n')[0]).toBe(
    'entryId,occurredAt,actorId,actor,surface,event,subjectType,subjectId,details,previousHash,hash',
  );
  expect((await asked('/audit?cursor=nonsense', admin)).statusCode).toBe(400);
});
