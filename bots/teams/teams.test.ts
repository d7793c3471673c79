import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAssistant } from '../../agent/assistant.ts';
import { createDecisions, type Remediation } from '../../agent/decide.ts';
import { identify } from '../../agent/identify.ts';
import { readConfig } from '../../config.ts';
import { createConversations } from '../../db/chat/conversations.ts';
import { createInbox } from '../../db/chat/inbox.ts';
import { createOutbox } from '../../db/chat/outbox.ts';
import { staleCards } from '../../db/chat/stale-cards.ts';
import { approversOf } from '../../db/remediations/approvers.ts';
import { proposeRemediation } from '../../db/remediations/propose.ts';
import { NOW, openScene, type Scene } from '../../db/remediations/remediation.fixture.ts';
import { type PennyError, toErrorBody } from '../../errors.ts';
import { createLog } from '../../log.ts';
import { type FakeTeams, startFakeTeams, type TokenOptions } from './fake-teams.fixture.ts';
import { openTransport, startTeamsBot, type TeamsBot } from './index.ts';

const APP_ID = '22222222-2222-4222-8222-222222222222';
const TENANT = '11111111-1111-4111-8111-111111111111';
const OTHER_TENANT = '99999999-9999-4999-8999-999999999999';

/** People of the directory by their e-mail name; `nobody` is linked to no user. */
const PEOPLE: Record<string, string> = {
  ada: '00000000-0000-4000-8000-0000000000a1',
  bob: '00000000-0000-4000-8000-0000000000b2',
  eva: '00000000-0000-4000-8000-0000000000e3',
  vic: '00000000-0000-4000-8000-0000000000f4',
  cleo: '00000000-0000-4000-8000-0000000000c5',
  nobody: '00000000-0000-4000-8000-0000000000d6',
};

let fake: FakeTeams;
let scene: Scene;
let app: FastifyInstance;
let bot: TeamsBot;
let clock: Date;
const logged: string[] = [];

beforeEach(async () => {
  logged.length = 0;
  clock = NOW;
  fake = await startFakeTeams(APP_ID);
  scene = await openScene();
  const { db } = scene.database;
  const now = () => clock;
  const log = createLog({ write: (line) => void logged.push(line) });
  for (const [name, subject] of Object.entries(PEOPLE)) {
    await db.pool.query(
      `INSERT INTO identities (user_id, platform, tenant, subject) SELECT user_id, 'teams', $2, $3 FROM users WHERE email = $1`,
      [`${name}@example.com`, TENANT, subject],
    );
  }
  await db.pool.query(
    `INSERT INTO recommendation_checks (check_id, check_version, settings, ran_at, recommended, kept, unknown, missing)
     VALUES ('ec2-idle', '1', '{}', $1, 4, 0, 0, '{}')`,
    [NOW],
  );
  bot = startTeamsBot({
    tenantId: TENANT,
    openChannels: ['19:open@thread.tacv2'],
    transport: openTransport({
      appId: APP_ID,
      tenantId: TENANT,
      password: () => 'secret',
      openIdMetadataUrl: fake.openIdMetadataUrl,
      outgoingToken: async () => 'outgoing-token',
    }),
    assistant: createAssistant({ config: readConfig({}), db, log, now }),
    decisions: createDecisions({ db, now }),
    identify: (identity) => identify(db, identity, now()),
    approvers: (tenant, id) => approversOf(db, { platform: 'teams', tenant }, id, now()),
    staleCards: () => staleCards(db, 'teams', now()),
    mailbox: { inbox: createInbox(db, 'teams', now), outbox: createOutbox(db, 'teams', now) },
    conversations: createConversations(db, 'teams', now),
    log,
    now,
  });
  app = Fastify();
  app.setErrorHandler((error: PennyError, _request, reply) => reply.status(error.status).send(toErrorBody(error)));
  await bot.mount(app);
});
afterEach(async () => {
  await bot.stop();
  await app.close();
  await fake.close();
  await scene.close();
});

type Json = Record<string, unknown>;

/** A saved payload of Teams with what a test changes in it; `by` is who sends it. */
function payload(file: string, by: string, changes: Json = {}): Json {
  const saved = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${file}.json`), 'utf8'));
  const from = { ...saved.from, id: `29:1${by}`, aadObjectId: PEOPLE[by] };
  return { ...saved, serviceUrl: fake.serviceUrl, from, ...changes };
}

async function post(activity: Json, token: TokenOptions | undefined = {}) {
  const headers = { authorization: `Bearer ${fake.token(token)}` };
  return app.inject({ method: 'POST', url: '/teams/messages', payload: activity, headers });
}

async function say(activity: Json) {
  const response = await post(activity);
  expect(response.statusCode).toBe(200);
  await bot.settled();
  return fake.messages();
}

async function press(by: string, verb: string, data: Json, changes: Json = {}) {
  const value = { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' };
  const response = await post(payload('card-action', by, { value, ...changes }));
  expect(response.statusCode).toBe(200);
  const body = response.json();
  expect(body).toMatchObject({ statusCode: 200, type: expect.stringContaining('application/vnd.microsoft.') });
  await bot.settled();
  return { body, words: JSON.stringify(body.value) };
}

async function propose(resource: string, by = 'eva'): Promise<Remediation> {
  const id = scene.recommendations[resource] ?? 0;
  const known = new Map([['stop-instance', { undo: 'Start it again.' }]]);
  const origin = { surface: 'teams' as const, now: clock };
  return proposeRemediation(scene.database.db, await scene.person(by), id, origin, known);
}

const stateOf = async ({ remediationId }: Remediation) => {
  const found = await scene.database.db.pool.query(
    'SELECT state, (SELECT count(*)::int FROM approvals WHERE remediation_id = $1) AS approvals FROM remediations WHERE remediation_id = $1',
    [remediationId],
  );
  return found.rows[0];
};

const pressable = ({ remediationId, parametersHash }: Remediation) => ({ remediationId, parametersHash });

describe('a question', () => {
  test('is answered with a card in a personal chat, while typing shows', async () => {
    const messages = await say(payload('personal-message', 'ada'));
    expect(messages).toHaveLength(1);
    expect(messages[0]?.path).toBe('/emea/v3/conversations/a%3A1personal/activities/1764000000001');
    expect(messages[0]?.authorization).toBe('Bearer outgoing-token');
    const [card] = cardsIn(messages);
    expect(card).toMatchObject({ type: 'AdaptiveCard', version: '1.5', fallbackText: expect.stringContaining('$') });
    expect(kinds(card)).toEqual(expect.arrayContaining(['TextBlock', 'Table', 'ActionSet', 'Action.ToggleVisibility']));
    expect(fake.calls[0]?.body).toMatchObject({ type: 'typing' });
  });

  test('that Teams sends again is answered once', async () => {
    const activity = payload('personal-message', 'ada');
    await Promise.all([post(activity), post(activity)]);
    await say(activity);
    expect(fake.messages()).toHaveLength(1);
  });

  test('goes on with what the same person asked before in the same thread, and with nobody else', async () => {
    await say(payload('personal-message', 'ada', { id: '1' }));
    await say(payload('personal-message', 'ada', { id: '2', text: 'And what is the risk?' }));
    await say(payload('personal-message', 'bob', { id: '3' }));
    const { rows } = await scene.database.db.pool.query(
      `SELECT email, count(*)::int AS questions FROM ai_queries JOIN conversations USING (conversation_id)
         JOIN users ON users.user_id = conversations.user_id WHERE conversations.surface = 'teams' GROUP BY conversation_id, email ORDER BY email`,
    );
    expect(rows).toEqual([
      { email: 'ada@example.com', questions: 2 },
      { email: 'bob@example.com', questions: 1 },
    ]);
  });

  test('in a channel is answered to the person alone; the channel hears that it was', async () => {
    const messages = await say(payload('channel-mention', 'ada'));
    expect(messages.map(({ path }) => path.split('/')[4])).toEqual([
      'personal-29%3A1ada',
      '19%3Afinops%40thread.tacv2%3Bmessageid%3D1764000000002',
    ]);
    expect(messages[1]?.body).toMatchObject({ text: expect.stringContaining('our own chat') });
    expect(JSON.stringify(messages[1]?.body)).not.toContain('$');
  });

  test('in a channel of somebody who has not added the app is not answered there either', async () => {
    fake.refusePersonal('29:1ada');
    const messages = await say(payload('channel-mention', 'ada'));
    expect(messages.map(({ body }) => body.text)).toEqual([expect.stringContaining('Add me')]);
  });

  test('in a channel that is open is answered there', async () => {
    const saved = payload('channel-mention', 'ada');
    const conversation = { ...(saved.conversation as Json), id: '19:open@thread.tacv2;messageid=1' };
    const messages = await say({ ...saved, conversation });
    expect(messages.map(({ path }) => path.split('/')[4])).toEqual(['19%3Aopen%40thread.tacv2%3Bmessageid%3D1']);
    expect(cardsIn(messages)).toHaveLength(1);
  });

  test('of somebody whom nobody has linked gets a friendly word, and no costs', async () => {
    await scene.database.db.pool.query('DELETE FROM identities WHERE subject = $1', [PEOPLE.vic]);
    const [message] = await say(payload('personal-message', 'vic'));
    expect(message?.body.text).toContain(`--link teams ${TENANT} ${PEOPLE.vic}`);
    expect(message?.body.attachments ?? []).toEqual([]);
  });

  test('of another tenant is turned away, whatever it says of itself', async () => {
    const channelData = { tenant: { id: OTHER_TENANT } };
    for (const [id, changes] of Object.entries({
      a: { channelData, conversation: { id: 'a:2', conversationType: 'personal', tenantId: OTHER_TENANT } },
      b: { channelData },
      c: { channelData: {}, conversation: { id: 'a:2', conversationType: 'personal' } },
    })) {
      const messages = await say(payload('personal-message', 'ada', { id, ...changes }));
      expect(messages.at(-1)?.body.text).toContain('another organisation');
    }
    const { rows } = await scene.database.db.pool.query('SELECT FROM ai_queries');
    expect(rows).toEqual([]);
  });

  test('that cannot be answered for an outage of Teams is, once that is over, and asked only once', async () => {
    fake.fail(500);
    expect(await say(payload('personal-message', 'ada'))).toEqual([]);
    clock = new Date(clock.getTime() + 60_000);
    fake.fail(429);
    await bot.settled();
    expect(fake.messages()).toEqual([]);
    fake.fail(undefined);
    clock = new Date(clock.getTime() + 60_000);
    await bot.settled();
    expect(cardsIn(fake.messages())).toHaveLength(1);
    const { rows } = await scene.database.db.pool.query('SELECT attempts FROM outbox');
    expect(rows).toEqual([{ attempts: 3 }]);
    expect((await scene.database.db.pool.query('SELECT FROM ai_queries')).rowCount).toBe(1);
  });
});

test('whoever adds the app is greeted, and can be written to from then on', async () => {
  const [message] = await say(payload('installed', 'ada'));
  expect(message?.body.text).toContain('I am Penny');
  const { rows } = await scene.database.db.pool.query(
    "SELECT tenant, conversation, reference ->> 'serviceUrl' AS url FROM chat_conversations WHERE surface = 'teams'",
  );
  expect(rows).toEqual([{ tenant: TENANT, conversation: 'a:1personal', url: fake.serviceUrl }]);
  const { db } = scene.database;
  await createOutbox(db, 'teams', () => clock).add({
    ...{ deduplicationKey: 'digest:1', tenant: TENANT, destination: 'a:1personal', kind: 'digest' },
    payload: { text: 'Your week' },
  });
  await bot.settled();
  expect(fake.messages().at(-1)).toMatchObject({
    path: '/emea/v3/conversations/a%3A1personal/activities',
    body: { text: 'Your week' },
  });
  await say(payload('installed', 'ada', { id: 'f:9', action: 'remove' }));
  expect(fake.messages()).toHaveLength(2);
  expect((await db.pool.query('SELECT FROM chat_conversations')).rowCount).toBe(0);
});

describe('a button', () => {
  test('approves, shows what became of it, and replaces the cards of everybody', async () => {
    const proposed = await propose('i-low');
    await shownTo('a:9eva', proposed);
    const { words } = await press('ada', 'approve', pressable(proposed));
    expect(words).toContain('Approved by ada@example.com');
    expect(words).not.toContain('"Approve"');
    expect(await stateOf(proposed)).toEqual({ state: 'approved', approvals: 1 });
    const replaced = fake.calls.filter(({ method }) => method === 'PUT');
    expect(replaced.map(({ path }) => path)).toEqual(['/emea/v3/conversations/a%3A9eva/activities/sent-1']);
    expect(JSON.stringify(replaced[0]?.body)).toContain('Approved by ada@example.com');
  });

  test('pressed elsewhere replaces the cards too, and so does what is done later', async () => {
    const proposed = await propose('i-low');
    await shownTo('a:9eva', proposed);
    const { db } = scene.database;
    const { remediationId } = proposed;
    const person = { principal: await scene.person('bob'), surface: 'web' as const };
    await createDecisions({ db, now: () => clock }).decide(person, { remediationId, decision: 'approve' });
    await bot.settled();
    await bot.settled();
    await db.pool.query("UPDATE remediations SET state = 'applying', started_at = now() WHERE remediation_id = $1", [
      remediationId,
    ]);
    await bot.settled();
    const replaced = fake.calls.filter(({ method }) => method === 'PUT').map(({ body }) => JSON.stringify(body));
    expect(replaced).toHaveLength(2);
    expect(replaced[0]).toContain('Approved by bob@example.com; about to be applied');
    expect(replaced[1]).toContain('being applied');
  });

  test('pressed twice at once counts once, and both hear so', async () => {
    const proposed = await propose('i-low');
    const both = await Promise.all([
      press('ada', 'approve', pressable(proposed)),
      press('ada', 'approve', pressable(proposed)),
    ]);
    expect(await stateOf(proposed)).toEqual({ state: 'approved', approvals: 1 });
    for (const { words } of both) expect(words).toContain('Approved by ada@example.com');
  });

  test('rejects with a reason, and not without one', async () => {
    const proposed = await propose('i-low');
    expect((await press('ada', 'reject', pressable(proposed))).words).toContain('Say why');
    expect(await stateOf(proposed)).toEqual({ state: 'pending', approvals: 0 });
    const { words } = await press('ada', 'reject', { ...pressable(proposed), reason: 'Needed on *Friday*' });
    expect(words).toContain('Rejected by ada@example.com');
    expect(words).toContain('Needed on');
    expect(await stateOf(proposed)).toMatchObject({ state: 'rejected' });
  });

  test('of a client that knows no Action.Execute does the same, as a message', async () => {
    const proposed = await propose('i-low');
    const value = { verb: 'approve', ...pressable(proposed) };
    const messages = await say(payload('card-submit', 'ada', { value }));
    expect(JSON.stringify(cardsIn(messages)[0])).toContain('Approved by ada@example.com');
    expect(await stateOf(proposed)).toMatchObject({ state: 'approved' });
  });

  test('waits for two people where the risk is high', async () => {
    const proposed = await propose('i-high');
    expect((await press('ada', 'approve', pressable(proposed))).words).toContain('Waits for one approval');
    expect((await press('bob', 'approve', pressable(proposed))).words).toContain('ada@example.com and bob@example.com');
  });

  test.each([
    ['of who proposed it', 'ada', 'You proposed it', { by: 'ada' }],
    ['of an engineer', 'eva', 'Deciding takes the role approver', { by: 'ada' }],
    ['of a viewer', 'vic', 'Deciding takes the role approver', {}],
    ['of an approver of other accounts', 'cleo', 'There is no such remediation', {}],
    ['of somebody nobody has linked', 'nobody', 'I do not know you yet', {}],
    [
      'with other parameters than were shown',
      'ada',
      'It is not what you were shown',
      { parametersHash: 'f'.repeat(64) },
    ],
    ['about nothing there is', 'ada', 'There is no such remediation', { remediationId: NOW.toISOString() }],
    ['after its time', 'ada', 'It has expired', { after: 73 }],
    ['from another tenant', 'ada', 'another organisation', { tenant: OTHER_TENANT }],
  ] as const)('%s decides nothing and says why', async (_what, by, words, given) => {
    const changed: { by?: string; after?: number; tenant?: string; parametersHash?: string; remediationId?: string } =
      given;
    const proposed = await propose('i-low', changed.by ?? 'eva');
    clock = new Date(clock.getTime() + (changed.after ?? 0) * 3_600_000);
    const { by: _by, after: _after, tenant, ...data } = changed;
    const channelData = { tenant: { id: tenant ?? TENANT } };
    const pressed = await press(by, 'approve', { ...pressable(proposed), ...data }, { channelData });
    expect(pressed.words).toContain(words);
    expect(await stateOf(proposed)).toEqual({ state: 'pending', approvals: 0 });
  });

  test('of somebody demoted or disabled meanwhile decides nothing', async () => {
    const proposed = await propose('i-low');
    const { pool } = scene.database.db;
    await pool.query("UPDATE users SET role = 'viewer' WHERE email = 'ada@example.com'");
    expect((await press('ada', 'approve', pressable(proposed))).words).toContain('Deciding takes the role approver');
    await pool.query("UPDATE users SET disabled_at = now() WHERE email = 'bob@example.com'");
    expect((await press('bob', 'approve', pressable(proposed))).words).toContain('I do not know you yet');
    expect(await stateOf(proposed)).toEqual({ state: 'pending', approvals: 0 });
  });

  test('sent again after the decision shows what became of it', async () => {
    const proposed = await propose('i-low');
    await press('ada', 'reject', { ...pressable(proposed), reason: 'No' });
    const { words } = await press('bob', 'approve', pressable(proposed));
    expect(words).toContain('It is rejected already');
    expect(words).toContain('Rejected by ada@example.com');
    expect(await stateOf(proposed)).toEqual({ state: 'rejected', approvals: 1 });
  });

  test('is shown to those who may press it, when their client asks anew', async () => {
    const proposed = await propose('i-low');
    const data = { remediationId: proposed.remediationId };
    expect((await press('ada', 'refresh', data)).words).toContain('"Approve"');
    expect((await press('eva', 'refresh', data)).words).not.toContain('"Approve"');
    expect((await press('vic', 'refresh', data)).words).not.toContain('"Approve"');
    expect((await press('cleo', 'refresh', data)).words).not.toContain('i-low');
    expect(fake.calls).toEqual([]);
  });

  test('rates an answer', async () => {
    const [card] = cardsIn(await say(payload('personal-message', 'ada')));
    const queryId = /"queryId":"([0-9a-f-]+)"/.exec(JSON.stringify(card))?.[1];
    expect((await press('ada', 'rate', { queryId, score: -1, reason: 'Too long' })).words).toContain('Thank you');
    expect((await press('bob', 'rate', { queryId, score: 1 })).words).toContain('You have asked no such question');
    const { rows } = await scene.database.db.pool.query('SELECT feedback, feedback_reason FROM ai_queries');
    expect(rows).toEqual([{ feedback: -1, feedback_reason: 'Too long' }]);
  });

  test.each([
    ['an unknown verb', 'adaptiveCard/action', { action: { verb: 'explode' } }],
    ['no value', 'adaptiveCard/action', undefined],
    ['another kind of invoke', 'task/fetch', {}],
  ])('gets a reply that Teams can read, also for %s', async (_what, name, value) => {
    const response = await post(payload('card-action', 'ada', { name, value }));
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual(expect.any(Object));
  });
});

test('a proposal out of an answer goes to who asked and, in their own chats, to those who may decide', async () => {
  await say(payload('personal-message', 'eva', { id: '1' }));
  await say(payload('personal-message', 'eva', { id: '2', text: 'Propose the first one.' }));
  const cards = fake.messages().filter(({ body }) => JSON.stringify(body).includes('Waits for'));
  const shown = cards.map(({ path, body }) => ({
    to: decodeURIComponent(path.split('/')[4] ?? ''),
    canPress: JSON.stringify(body).includes('"Approve"'),
  }));
  expect(shown).toContainEqual({ to: 'a:1personal', canPress: false });
  expect(shown).toContainEqual({ to: `personal-${PEOPLE.ada}`, canPress: true });
  expect(shown).not.toContainEqual(expect.objectContaining({ to: `personal-${PEOPLE.eva}` }));
});

test('words that others wrote stay words in a card', async () => {
  const { pool } = scene.database.db;
  const name = '**bold** [pay](https://evil.example) {{DATE(2026-01-01)}}';
  await pool.query('UPDATE resources SET name = $1 WHERE resource_id = $2', [name, 'i-low']);
  const proposed = await propose('i-low');
  const { words } = await press('ada', 'refresh', { remediationId: proposed.remediationId });
  expect(words).not.toMatch(/evil|\{\{|[^\\]\*\*bold/);
});

/** Has the card of a proposal stand in a conversation, as an answer would leave it. */
async function shownTo(conversation: string, proposed: Remediation): Promise<void> {
  const { db } = scene.database;
  const reference = {
    ...{ serviceUrl: fake.serviceUrl, channelId: 'msteams', bot: { id: `28:${APP_ID}` } },
    conversation: { id: conversation, tenantId: TENANT },
  };
  await createConversations(db, 'teams', () => clock).remember(TENANT, conversation, reference);
  await createOutbox(db, 'teams', () => clock).add({
    ...{ deduplicationKey: conversation, tenant: TENANT, destination: conversation, kind: 'approval' },
    payload: { remediationId: proposed.remediationId, message: { type: 'message', text: 'A proposal' } },
  });
  await bot.settled();
}

const cardsIn = (calls: ReturnType<FakeTeams['messages']>): Json[] =>
  calls.flatMap(({ body }) =>
    ((body.attachments as { content: Json }[] | undefined) ?? []).map(({ content }) => content),
  );

/** The types of all elements of a card. */
const kinds = (card: unknown): string[] =>
  [...JSON.stringify(card).matchAll(/"type":"([\w.]+)"/g)].map(([, kind = '']) => kind);
