import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type PennyError, toErrorBody } from '../../errors.ts';
import { type FakeTeams, startFakeTeams, type TokenOptions } from './fake-teams.fixture.ts';
import { openTransport } from './index.ts';

const APP_ID = '22222222-2222-4222-8222-222222222222';
const TENANT = '11111111-1111-4111-8111-111111111111';

let fake: FakeTeams;
let app: FastifyInstance;
beforeEach(async () => {
  // The SDK writes the reason of each refusal to the console.
  vi.spyOn(console, 'error').mockImplementation(() => {});
  fake = await startFakeTeams(APP_ID);
  app = serverFor(fake.openIdMetadataUrl);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await app.close();
  await fake.close();
});

/** A server whose one route takes what the transport takes. */
function serverFor(openIdMetadataUrl: string): FastifyInstance {
  const transport = openTransport({ appId: APP_ID, tenantId: TENANT, password: () => 'secret', openIdMetadataUrl });
  const server = Fastify();
  server.setErrorHandler((error: PennyError, _request, reply) => reply.status(error.status).send(toErrorBody(error)));
  server.post(
    '/teams/messages',
    async ({ headers, body }) => (await transport.receive(headers.authorization, body)).type,
  );
  return server;
}

function post(authorization: string | undefined, changes: Record<string, unknown> = {}, server = app) {
  const saved = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'personal-message.json'), 'utf8'));
  return server.inject({
    method: 'POST',
    url: '/teams/messages',
    payload: { ...saved, serviceUrl: fake.serviceUrl, ...changes },
    headers: authorization === undefined ? {} : { authorization },
  });
}

const signed = (options: TokenOptions = {}) => `Bearer ${fake.token(options)}`;

test('takes a message that a key of the Bot Framework has signed for this app', async () => {
  const response = await post(signed());
  expect([response.statusCode, response.body]).toEqual([200, 'message']);
});

test.each<[what: string, authorization: () => string | undefined, changes?: Record<string, unknown>]>([
  ['no token', () => undefined],
  ['an empty token', () => 'Bearer '],
  ['something that is no token', () => 'Bearer abc.def.ghi'],
  ['another scheme', () => signed().replace('Bearer', 'Basic')],
  ['a token for another app', () => signed({ audience: '33333333-3333-4333-8333-333333333333' })],
  ['another issuer', () => signed({ issuer: 'https://evil.example' })],
  ['the issuer of the emulator', () => signed({ issuer: `https://sts.windows.net/${TENANT}/` })],
  [
    'an issuer that the SDK takes from its emulator',
    () => signed({ issuer: 'https://login.microsoftonline.com/d6d49420-f39b-4df7-a1dc-d59a935871db/v2.0' }),
  ],
  ['an expired token', () => signed({ expiresIn: -600 })],
  ['a key that nobody knows', () => signed({ keyId: 'key-2' })],
  ['a forged signature', () => signed({ key: fake.otherKey })],
  ['a changed token', () => signed().replace(/\.(.)/, (_all, letter) => `.${letter === 'e' ? 'f' : 'e'}`)],
  ['a secret instead of a key', () => signed({ algorithm: 'HS256' })],
  ['no signature', () => signed({ algorithm: 'none' })],
  ['another service address', () => signed({ serviceUrl: 'https://evil.example/' })],
  ['a message that names another service address', signed, { serviceUrl: 'https://evil.example/' }],
  ['a key that is not endorsed for Teams', () => signed({ keyId: 'unendorsed' })],
])('refuses %s with 401 and no reason that would help', async (_what, authorization, changes) => {
  const response = await post(authorization(), changes);
  expect(response.statusCode).toBe(401);
  expect(response.json()).toEqual({
    error: { code: 'unauthorized', message: 'Requests here carry a token of the Bot Framework for this bot.' },
  });
});

test.each([
  ['without a service address', { serviceUrl: undefined }],
  ['of the emulator', { channelId: 'emulator' }],
  ['of a channel that the SDK takes under other rules', { channelId: 'AseChannel' }],
  ['without a type', { type: undefined }],
])('refuses an activity %s, whatever its token', async (_what, changes) => {
  expect((await post(signed(), changes)).statusCode).toBe(400);
  expect((await post(undefined, changes)).statusCode).toBe(401);
});

test('says that it is its own trouble when the keys cannot be read, so that Teams sends again', async () => {
  const nowhere = serverFor('http://127.0.0.1:9/openidconfiguration');
  expect((await post(signed(), {}, nowhere)).statusCode).toBe(503);
  const missing = serverFor(fake.openIdMetadataUrl.replace('openid', 'no'));
  expect((await post(signed(), {}, missing)).statusCode).toBe(503);
  await Promise.all([nowhere.close(), missing.close()]);
});
