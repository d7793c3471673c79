import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { identify } from '../../../agent/identify.ts';
import { makeLinkCode } from '../../../agent/identity/links.ts';
import { createPeople, type People } from '../../../agent/identity/people.ts';
import { readConfig } from '../../../config.ts';
import { type TestDatabase, testDatabase } from '../../../db/testing.ts';
import { testServer } from '../../testing.ts';

let database: TestDatabase;
let people: People;

const now = () => new Date('2026-11-24T10:00:00Z');

beforeAll(async () => {
  database = await testDatabase();
  people = createPeople({ config: readConfig({}), db: database.db, now });
});
beforeEach(async () => {
  await database.db.pool.query('TRUNCATE sessions; DELETE FROM billing_loads');
  await load('demo');
});
afterAll(() => database.close());

const load = (origin: string) =>
  database.db.pool.query(
    `INSERT INTO billing_loads (source_id, origin, uris, content_hash, line_count, row_count, sums)
     VALUES ('focus', $1, '{a.csv}', gen_random_uuid()::text, 1, 1, '{}')`,
    [origin],
  );

async function serverWith(settings: Record<string, string> = {}): Promise<FastifyInstance> {
  const config = readConfig(settings);
  return (await testServer({ config, db: database.db, people, now })).stranger;
}

const post = (url: string, payload: object, headers: Record<string, string> = {}): InjectOptions => ({
  method: 'POST',
  url,
  payload,
  headers: { host: '127.0.0.1:3000', ...headers },
});

/** The cookies a response sets, as a browser would send them back. */
const cookiesOf = ({ cookies }: LightMyRequestResponse) =>
  cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

const meOf = async (app: FastifyInstance, cookie: string) =>
  app.inject({ url: '/api/v1/me', headers: { host: '127.0.0.1:3000', cookie } });

const admin = async () => ({ principal: await identify(database.db, { platform: 'local' }), surface: 'cli' }) as const;

test('one click makes a persona, with a cookie that no script can read and no other site brings along', async () => {
  const app = await serverWith();
  const options = await app.inject({ url: '/auth/options', headers: { host: 'localhost:3000' } });
  expect(options.json()).toMatchObject({ provider: false, oneMachine: true });
  expect(options.json().personas.map(({ title }: { title: string }) => title)).toEqual([
    'Local administrator',
    'Engineer',
    'Approver',
    'Manager',
  ]);
  const response = await app.inject(post('/auth/persona', { persona: 'engineer' }));
  expect(response.statusCode).toBe(204);
  expect(response.headers['cache-control']).toBe('no-store');
  expect(response.cookies).toMatchObject([{ name: 'penny_session', httpOnly: true, sameSite: 'Strict', path: '/' }]);
  const me = await meOf(app, cookiesOf(response));
  expect(me.json()).toEqual({
    email: 'engineer@demo.penny.invalid',
    name: 'Engineer',
    role: 'engineer',
    scope: { subAccountIds: [], tags: [{ key: 'team', value: 'payments' }] },
    sees: 'team payments',
  });
});

test.each([
  ['another Host', { host: 'penny.example' }, {}, 403],
  ['a proxy that says so', { 'x-forwarded-for': '127.0.0.1' }, {}, 404],
  ['a proxy that names a host', { 'x-forwarded-host': 'localhost' }, {}, 404],
  ['a proxy of the standard kind', { forwarded: 'for=127.0.0.1;host=localhost' }, {}, 404],
  ['a proxy of the other kind', { 'x-real-ip': '127.0.0.1' }, {}, 404],
  ['a connection from elsewhere', {}, { remoteAddress: '192.0.2.7' }, 404],
  [
    'a connection from elsewhere that claims otherwise',
    { 'x-forwarded-for': '127.0.0.1' },
    { remoteAddress: '10.0.0.9' },
    404,
  ],
])('personas and links are not there for %s', async (_, headers, connection, status) => {
  const app = await serverWith();
  const code = await makeLinkCode(database.db, (await admin()).principal, now());
  for (const request of [
    post('/auth/persona', { persona: 'administrator' }, headers),
    post('/auth/link', { code }, headers),
  ]) {
    const response = await app.inject({ ...request, ...connection });
    expect(response.statusCode).toBe(status);
    expect(response.cookies).toEqual([]);
  }
  const options = await app.inject({ url: '/auth/options', headers: { host: '127.0.0.1', ...headers }, ...connection });
  if (status === 404) expect(options.json()).toEqual({ provider: false, oneMachine: false, personas: [] });
});

test.each([
  ['beyond loopback', { HOST: '0.0.0.0' }],
  ['with an address for others', { PENNY_PUBLIC_URL: 'https://penny.example' }],
  [
    'with an identity provider',
    {
      PENNY_OIDC_ISSUER: 'https://id.example',
      PENNY_OIDC_CLIENT_ID: 'penny',
      PENNY_PUBLIC_URL: 'http://127.0.0.1:3000',
    },
  ],
])('no route for personas or links exists %s, and sessions made by them end', async (_, settings) => {
  const local = await serverWith();
  const cookie = cookiesOf(await local.inject(post('/auth/persona', { persona: 'administrator' })));
  expect((await meOf(local, cookie)).statusCode).toBe(200);
  const app = await serverWith(settings);
  for (const url of ['/auth/persona', '/auth/link']) expect(app.hasRoute({ method: 'POST', url })).toBe(false);
  expect((await app.inject(post('/auth/persona', { persona: 'administrator' }))).statusCode).toBe(404);
  const secure = cookie.replace('penny_session', '__Host-penny_session');
  expect((await meOf(app, `${cookie}; ${secure}`)).statusCode).toBe(401);
});

test('beside a bill of one’s own nobody is a persona any more', async () => {
  const app = await serverWith();
  const cookie = cookiesOf(await app.inject(post('/auth/persona', { persona: 'approver' })));
  await load('file');
  expect((await meOf(app, cookie)).statusCode).toBe(401);
  expect((await app.inject(post('/auth/persona', { persona: 'approver' }))).statusCode).toBe(404);
  const options = await app.inject({ url: '/auth/options', headers: { host: '127.0.0.1' } });
  expect(options.json()).toEqual({ provider: false, oneMachine: true, personas: [] });
});

test('a one-time link works once', async () => {
  const app = await serverWith();
  const code = await makeLinkCode(database.db, (await admin()).principal, now());
  const first = await app.inject(post('/auth/link', { code }));
  expect((await meOf(app, cookiesOf(first))).json()).toMatchObject({ role: 'admin', sees: 'Everything' });
  const second = await app.inject(post('/auth/link', { code }));
  expect(second.statusCode).toBe(401);
  expect(second.json().error.message).toContain('penny user link');
});

test('over https the cookie is Secure and of this host alone, and a token signs in with what it may do', async () => {
  const app = await serverWith({ HOST: '0.0.0.0', PENNY_PUBLIC_URL: 'https://penny.example' });
  const { token, tokenId } = await people.createToken(await admin(), { role: 'viewer' });
  const response = await app.inject(post('/auth/token', { token: ` ${token}\n` }, { host: 'penny.example' }));
  expect(response.cookies).toMatchObject([
    { name: '__Host-penny_session', httpOnly: true, secure: true, sameSite: 'Strict', path: '/' },
  ]);
  expect(response.headers['set-cookie']).not.toContain('Domain');
  const cookie = cookiesOf(response);
  expect((await meOf(app, cookie)).json().role).toBe('viewer');
  expect((await app.inject({ url: '/api/v1/users', headers: { cookie } })).statusCode).toBe(403);
  const wrong = await app.inject(post('/auth/token', { token: 'penny_wrong' }, { host: 'penny.example' }));
  expect([wrong.statusCode, wrong.cookies]).toEqual([401, []]);
  await people.revokeToken(await admin(), tokenId);
  expect((await meOf(app, cookie)).statusCode).toBe(401);
});

test('signing in takes the old session away, and signing out the new one', async () => {
  const app = await serverWith();
  const before = cookiesOf(await app.inject(post('/auth/persona', { persona: 'manager' })));
  const after = cookiesOf(await app.inject(post('/auth/persona', { persona: 'approver' }, { cookie: before })));
  expect(after).not.toBe(before);
  expect((await meOf(app, before)).statusCode).toBe(401);
  const out = await app.inject(post('/auth/sign-out', {}, { cookie: after }));
  expect(out.cookies).toMatchObject([{ name: 'penny_session', value: '', expires: new Date(0) }]);
  expect((await meOf(app, after)).statusCode).toBe(401);
  expect((await app.inject({ method: 'POST', url: '/auth/sign-out' })).statusCode).toBe(204);
});

test('signing out everywhere ends the sessions of other browsers too', async () => {
  const app = await serverWith();
  const signIn = async () => cookiesOf(await app.inject(post('/auth/persona', { persona: 'manager' })));
  const [one, other] = [await signIn(), await signIn()];
  await app.inject(post('/auth/sign-out', { everywhere: true }, { cookie: one }));
  expect((await meOf(app, other)).statusCode).toBe(401);
});

test('another site cannot sign anybody in or out, nor act with their cookie', async () => {
  const app = await serverWith();
  const cookie = cookiesOf(await app.inject(post('/auth/persona', { persona: 'administrator' })));
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:8080' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of foreign) {
    for (const [url, payload] of [
      ['/auth/persona', { persona: 'manager' }],
      ['/auth/sign-out', {}],
      ['/api/v1/tokens', { role: 'admin' }],
    ] as const) {
      expect((await app.inject(post(url, payload, { cookie, ...headers }))).statusCode).toBe(403);
    }
  }
  const own = { cookie, origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' };
  expect((await app.inject(post('/api/v1/tokens', { role: 'admin' }, own))).statusCode).toBe(201);
});

test('tokens and users are managed over HTTP as far as one’s role goes', async () => {
  const app = await serverWith();
  const cookie = cookiesOf(await app.inject(post('/auth/persona', { persona: 'administrator' })));
  const scope = { subAccountIds: ['111'], tags: [] };
  const added = await app.inject(
    post('/api/v1/users', { email: 'lin@example.com', role: 'engineer', scope }, { cookie }),
  );
  expect([added.statusCode, added.json()]).toMatchObject([
    201,
    { email: 'lin@example.com', name: 'lin@example.com', scope },
  ]);
  const made = (
    await app.inject(post('/api/v1/tokens', { email: 'lin@example.com', role: 'viewer' }, { cookie }))
  ).json();
  const bearer = { host: '127.0.0.1:3000', authorization: `Bearer ${made.token}` };
  const get = (url: string) => app.inject({ url, headers: bearer });
  expect((await get('/api/v1/me')).json()).toMatchObject({ role: 'viewer', sees: '111' });
  expect((await get('/api/v1/users')).json().error).toMatchObject({ code: 'forbidden' });
  const { items } = (await get('/api/v1/tokens')).json();
  expect(items).toMatchObject([{ tokenId: made.tokenId, email: 'lin@example.com', role: 'viewer' }]);
  expect(JSON.stringify(items)).not.toContain(made.token);
  expect((await app.inject(post('/api/v1/tokens', { role: 'viewer' }, bearer))).statusCode).toBe(403);

  const { userId } = added.json();
  const change = (payload: object) =>
    app.inject({ method: 'PATCH', url: `/api/v1/users/${userId}`, headers: { host: '127.0.0.1', cookie }, payload });
  expect((await change({ role: 'root' })).statusCode).toBe(400);
  expect((await change({})).statusCode).toBe(400);
  expect((await change({ disabled: true })).json()).toMatchObject({ disabled: true });
  expect((await get('/api/v1/me')).statusCode).toBe(401);
  await change({ disabled: false });
  expect((await get('/api/v1/me')).statusCode).toBe(200);
  const revoke = () =>
    app.inject({ method: 'DELETE', url: `/api/v1/tokens/${made.tokenId}`, headers: { host: '127.0.0.1', cookie } });
  expect([(await revoke()).statusCode, (await revoke()).statusCode]).toEqual([204, 404]);
  expect((await get('/api/v1/me')).statusCode).toBe(401);
});

test('an address that tries to sign in without pause is told to wait', async () => {
  const app = await serverWith();
  let last = await app.inject(post('/auth/token', { token: 'guess' }));
  for (let tried = 1; tried < 100 && last.statusCode === 401; tried++) {
    last = await app.inject(post('/auth/token', { token: `guess ${tried}` }));
  }
  expect(last.statusCode).toBe(429);
  expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
});
