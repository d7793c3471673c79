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
  bot = startTeamsBot({
    tenantId: TENANT,
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
    const [message] = await say(payload('personal-message', 'ada'));
    expect(message?.path).toBe('/emea/v3/conversations/a%3A1personal/activities/1764000000001');
    expect(message?.authorization).toBe('Bearer outgoing-token');
    expect(message?.body).toMatchObject({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { version: '1.5' } }],
    });
    expect(fake.calls[0]?.body).toMatchObject({ type: 'typing' });
  });
});
