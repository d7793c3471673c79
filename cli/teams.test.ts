import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAssistant } from '../agent/assistant.ts';
import { createDecisions } from '../agent/decide.ts';
import { startFakeTeams } from '../bots/teams/fake-teams.fixture.ts';
import { packageRoot, readConfig } from '../config.ts';
import { testDatabase } from '../db/testing.ts';
import { log } from '../log.ts';
import { testServer } from '../web/testing.ts';
import { openTeams } from './teams.ts';

const APP_ID = '22222222-2222-4222-8222-222222222222';
const TENANT = '11111111-1111-4111-8111-111111111111';

test('without an app there is no Teams and no route', async () => {
  const { app } = await testServer();
  const response = await app.inject({ method: 'POST', url: '/teams/messages', payload: {} });
  expect(response.statusCode).toBe(404);
  const database = await testDatabase();
  const { db } = database;
  const now = () => new Date();
  const config = readConfig({ TEAMS_APP_ID: '' });
  const agent = { assistant: createAssistant({ config, db, log, now }), decisions: createDecisions({ db, now }) };
  expect(await openTeams({ config, db, log, now, ...agent })).toBeUndefined();
  await database.close();
});

test('the service answers in Teams, with tokens that its stand-in gives, and refuses who brings none', async () => {
  const fake = await startFakeTeams(APP_ID);
  const database = await testDatabase();
  const { db } = database;
  const now = () => new Date();
  const config = readConfig({
    ...{ TEAMS_APP_ID: APP_ID, TEAMS_TENANT_ID: TENANT, TEAMS_APP_PASSWORD: 'a-client-secret' },
    TEAMS_OPENID_METADATA_URL: fake.openIdMetadataUrl,
  });
  const agent = { assistant: createAssistant({ config, db, log, now }), decisions: createDecisions({ db, now }) };
  const bot = await openTeams({ config, db, log, now, ...agent });
  const { stranger } = await testServer({ config });
  await bot?.mount(stranger);
  const saved = JSON.parse(readFileSync(join(packageRoot, 'bots/teams/fixtures/personal-message.json'), 'utf8'));
  const request = {
    method: 'POST',
    url: '/teams/messages',
    payload: { ...saved, serviceUrl: fake.serviceUrl },
  } as const;
  expect((await stranger.inject(request)).statusCode).toBe(401);
  const headers = { authorization: `Bearer ${fake.token()}` };
  expect((await stranger.inject({ ...request, headers })).statusCode).toBe(200);
  await bot?.settled();
  expect(fake.messages()).toMatchObject([
    { authorization: 'Bearer outgoing-token', body: { text: expect.stringContaining('I do not know you yet') } },
  ]);
  await bot?.stop();
  await stranger.close();
  await database.close();
  await fake.close();
});

test.each([
  [{ TEAMS_APP_ID: APP_ID, TEAMS_APP_PASSWORD: 'x' }, 'TEAMS_TENANT_ID is needed'],
  [{ TEAMS_APP_ID: APP_ID, TEAMS_TENANT_ID: TENANT }, 'TEAMS_APP_PASSWORD is needed'],
  [
    {
      ...{ TEAMS_APP_ID: APP_ID, TEAMS_TENANT_ID: TENANT, TEAMS_APP_PASSWORD: 'x' },
      TEAMS_OPENID_METADATA_URL: 'http://keys.example.com/',
    },
    'must be https',
  ],
])('settings that do not go together stop the start (%#)', (settings, message) => {
  expect(() => readConfig(settings)).toThrow(message);
});
