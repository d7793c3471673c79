import { generateKeyPairSync } from 'node:crypto';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPeople } from '../../../agent/identity/people.ts';
import { readConfig } from '../../../config.ts';
import { chainPending } from '../../../db/audit/chain.ts';
import { type TestDatabase, testDatabase } from '../../../db/testing.ts';
import { testServer } from '../../testing.ts';
import { type Jwt, signWith, startProvider, type TestProvider } from '../provider.fixture.ts';
import { safePath } from './provider.ts';

let database: TestDatabase;
let provider: TestProvider;
let app: FastifyInstance;

const PENNY = 'http://127.0.0.1:3000';
const ADA = { sub: 'ada', email: 'Ada@example.com', email_verified: true, name: 'Ada Lovelace' };

beforeAll(async () => {
  [database, provider] = await Promise.all([testDatabase(), startProvider()]);
});
beforeEach(async () => {
  provider.account = ADA;
  provider.tamper = undefined;
  app = await serverWith({});
});
afterEach(() => database.db.pool.query('TRUNCATE sessions; DELETE FROM identities; DELETE FROM users'));
afterAll(() => Promise.all([database.close(), provider.close()]));

async function serverWith(settings: Record<string, string>): Promise<FastifyInstance> {
  const config = readConfig({
    PENNY_OIDC_ISSUER: provider.issuer,
    PENNY_OIDC_CLIENT_ID: provider.clientId,
    PENNY_OIDC_CLIENT_SECRET: provider.clientSecret,
    PENNY_OIDC_SCOPES: 'openid email profile groups',
    PENNY_PUBLIC_URL: PENNY,
    ...settings,
  });
  const now = () => new Date();
  const people = createPeople({ config, db: database.db, now });
  return (await testServer({ config, db: database.db, people, now })).stranger;
}

const get = (url: string, cookie = '') => app.inject({ url, headers: { host: '127.0.0.1:3000', cookie } });
const cookiesOf = ({ cookies }: LightMyRequestResponse) =>
  cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

/** Begins a sign-in and goes through the provider; gives the address to come back to, and the cookie of the attempt. */
async function goThere(returnTo = '/'): Promise<{ back: URL; attempt: string; begun: LightMyRequestResponse }> {
  const begun = await get(`/auth/sign-in?return_to=${encodeURIComponent(returnTo)}`);
  expect(begun.statusCode).toBe(302);
  return { back: await provider.logIn(String(begun.headers.location)), attempt: cookiesOf(begun), begun };
}

async function signIn(returnTo?: string): Promise<LightMyRequestResponse> {
  const { back, attempt } = await goThere(returnTo);
  return get(`${back.pathname}${back.search}`, attempt);
}

const me = async (response: LightMyRequestResponse) => (await get('/api/v1/me', cookiesOf(response))).json();
const hasSession = ({ cookies }: LightMyRequestResponse) => cookies.some(({ name }) => name === 'penny_session');
const addUser = (email: string, role: string, scope: object | 'all' = 'all') =>
  database.db.pool.query('INSERT INTO users (email, name, role, scope) VALUES ($1, $1, $2, $3)', [
    email,
    role,
    JSON.stringify(scope),
  ]);

test('the browser goes to the provider with state, nonce and a PKCE challenge, and comes back signed in', async () => {
  const { back, attempt, begun } = await goThere('/c/thread-1');
  const asked = new URL(String(begun.headers.location)).searchParams;
  expect(asked.get('code_challenge_method')).toBe('S256');
  for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)?.length).toBeGreaterThan(40);
  expect(begun.cookies).toMatchObject([{ name: 'penny_attempt', httpOnly: true, sameSite: 'Lax' }]);
  const response = await get(`${back.pathname}${back.search}`, attempt);
  expect([response.statusCode, response.headers.location]).toEqual([302, '/c/thread-1']);
  expect(response.cookies).toMatchObject([
    { name: 'penny_attempt', value: '' },
    { name: 'penny_session', httpOnly: true, sameSite: 'Strict' },
  ]);
  expect(await me(response)).toEqual({
    email: 'Ada@example.com',
    name: 'Ada Lovelace',
    role: 'viewer',
    scope: { subAccountIds: [], tags: [] },
    sees: 'Nothing yet',
  });
});

test('the options name the provider, and personas and links are not there', async () => {
  expect((await get('/auth/options')).json()).toEqual({ provider: true, oneMachine: false, personas: [] });
});

test('a verified address links the user who has it, and later only the account counts', async () => {
  await addUser('ada@EXAMPLE.com', 'approver', { subAccountIds: ['1'], tags: [] });
  expect(await me(await signIn())).toMatchObject({ email: 'ada@EXAMPLE.com', role: 'approver', sees: '1' });
  provider.account = { sub: 'ada', email: 'new-name@example.com', email_verified: false };
  expect(await me(await signIn())).toMatchObject({ email: 'ada@EXAMPLE.com' });
  const { rows } = await database.db.pool.query('SELECT platform, tenant, subject FROM identities');
  expect(rows).toEqual([{ platform: 'oidc', tenant: provider.issuer, subject: 'ada' }]);
});

test.each([
  ['an address that is not verified', { sub: 'eve', email: 'ada@example.com', email_verified: false }, 'not verified'],
  ['an address nobody says is verified', { sub: 'eve', email: 'ada@example.com' }, 'not verified'],
  ['no address', { sub: 'eve', email_verified: true }, 'no e-mail address'],
  ['the local administrator’s', { sub: 'eve', email: 'local@penny.invalid', email_verified: true }, 'Nobody can own'],
  ['a persona’s', { sub: 'eve', email: 'approver@demo.penny.invalid', email_verified: true }, 'Nobody can own'],
])('an account with %s address is refused, and that is in the audit log', async (_, account, reason) => {
  await addUser('ada@example.com', 'admin');
  await addUser('local@penny.invalid', 'admin');
  provider.account = account;
  const response = await signIn();
  expect(response.statusCode).toBe(403);
  expect(response.json().error.message).toContain(reason);
  expect(hasSession(response)).toBe(false);
  expect((await database.db.pool.query('SELECT FROM identities')).rowCount).toBe(0);
  await chainPending(database.db.pool);
  const { rows } = await database.db.pool.query(
    "SELECT event, details FROM audit_log WHERE event LIKE 'session.%' ORDER BY entry_id DESC LIMIT 1",
  );
  expect(rows).toMatchObject([{ event: 'session.refused', details: { method: 'oidc', subject: 'eve' } }]);
});

test('an address that was given to another account brings no rights of the one before', async () => {
  await addUser('ada@example.com', 'admin');
  await signIn();
  provider.account = { ...ADA, sub: 'ada-the-second' };
  const response = await signIn();
  expect([response.statusCode, response.json().error.message]).toEqual([
    403,
    expect.stringContaining('belongs to another account'),
  ]);
});

test('a disabled person and an account that was taken back are refused', async () => {
  await signIn();
  await database.db.pool.query('UPDATE users SET disabled_at = now()');
  expect((await signIn()).statusCode).toBe(403);
  await database.db.pool.query('UPDATE users SET disabled_at = NULL; UPDATE identities SET revoked_at = now()');
  expect((await signIn()).json().error.message).toContain('switched off');
});

test('whom nobody added is refused where that is the rule', async () => {
  app = await serverWith({ PENNY_OIDC_AUTO_CREATE: 'off' });
  expect((await signIn()).json().error.message).toBe(
    'Nobody has added Ada@example.com yet. Ask an administrator of Penny.',
  );
  await addUser('ada@example.com', 'engineer');
  expect((await me(await signIn())).role).toBe('engineer');
});

test('groups give roles at each sign-in, where they are mapped, and take them away', async () => {
  app = await serverWith({ PENNY_OIDC_GROUP_ROLES: 'finops = approver, finops-admins = admin' });
  provider.account = { ...ADA, groups: ['staff', 'finops-admins', 'finops'] };
  const first = await signIn();
  expect(await me(first)).toMatchObject({ role: 'admin', sees: 'Everything' });
  provider.account = { ...ADA, groups: ['staff'] };
  await signIn();
  expect(await me(first)).toMatchObject({ role: 'viewer', sees: 'Nothing yet' });
});

test('groups that are not mapped give nothing', async () => {
  provider.account = { ...ADA, groups: ['admin', 'finops-admins'] };
  expect((await me(await signIn())).role).toBe('viewer');
});

test('a callback without its attempt, with another’s, or with a changed state is refused', async () => {
  const { back, attempt } = await goThere();
  const other = await goThere();
  const callback = `${back.pathname}${back.search}`;
  expect((await get(callback)).statusCode).toBe(401);
  expect((await get(callback, 'penny_attempt=bm9uc2Vuc2U')).statusCode).toBe(401);
  expect((await get(callback, other.attempt)).statusCode).toBe(401);
  const changed = new URL(back);
  changed.searchParams.set('state', 'another');
  const response = await get(`${changed.pathname}${changed.search}`, attempt);
  expect([response.statusCode, hasSession(response)]).toEqual([401, false]);
});

test('a code works once, and its attempt is over either way', async () => {
  const { back, attempt } = await goThere();
  const callback = `${back.pathname}${back.search}`;
  const first = await get(callback, attempt);
  expect(hasSession(first)).toBe(true);
  const second = await get(callback, attempt);
  expect([second.statusCode, hasSession(second)]).toEqual([401, false]);
  expect(second.cookies).toMatchObject([{ name: 'penny_attempt', value: '' }]);
});

test('a code of another attempt does not fit the verifier', async () => {
  const [mine, theirs] = [await goThere(), await goThere()];
  const mixed = new URL(mine.back);
  mixed.searchParams.set('code', theirs.back.searchParams.get('code') ?? '');
  expect((await get(`${mixed.pathname}${mixed.search}`, mine.attempt)).statusCode).toBe(401);
});

const claims =
  (changes: Record<string, unknown>) =>
  ({ header, claims: before }: Jwt) => ({ header, claims: { ...before, ...changes } });
const { privateKey: foreignKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

test.each<[string, NonNullable<TestProvider['tamper']>]>([
  ['with another nonce', claims({ nonce: 'another' })],
  ['without a nonce', ({ header, claims: { nonce: _, ...rest } }) => ({ header, claims: rest })],
  ['that has expired', claims({ exp: Math.floor(Date.now() / 1000) - 3600 })],
  [
    'that was issued in the future',
    claims({ iat: Math.floor(Date.now() / 1000) + 86_400, nbf: Math.floor(Date.now() / 1000) + 86_400 }),
  ],
  ['for another client', claims({ aud: 'another-client' })],
  ['for several clients, sent to another', claims({ aud: ['penny', 'other'], azp: 'other' })],
  ['of another issuer', claims({ iss: 'https://evil.example' })],
  ['of another person than the access token', claims({ sub: 'root' })],
  ['signed by nobody', (token) => ({ ...token, header: { alg: 'none' }, sign: () => '' })],
  ['signed by somebody else', (token) => ({ ...token, sign: signWith(foreignKey) })],
  ['signed with the client secret', (token) => ({ ...token, header: { alg: 'HS256' } })],
  ['with a key that is not the provider’s', (token) => ({ ...token, header: { ...token.header, kid: 'k2' } })],
  ['with a signature cut off', (token) => ({ ...token, sign: () => '' })],
])('an ID token %s is refused', async (_, tamper) => {
  provider.tamper = tamper;
  const response = await signIn();
  expect([response.statusCode, hasSession(response)]).toEqual([401, false]);
  expect(response.json().error.message).toBe('What came back from the identity provider is not valid. Sign in again.');
});

test('the test’s own changes are what is refused: an ID token signed anew, unchanged, is taken', async () => {
  provider.tamper = (token) => token;
  expect(hasSession(await signIn())).toBe(true);
});

test('somebody whom the provider does not let in hears so, and nothing of what stands in the address', async () => {
  provider.account = null;
  const { back, attempt } = await goThere();
  back.searchParams.set('error_description', '<b>call 0900</b>');
  const response = await app.inject({
    url: `${back.pathname}${back.search}`,
    headers: { host: '127.0.0.1:3000', cookie: attempt, accept: 'text/html' },
  });
  expect(response.statusCode).toBe(401);
  expect(response.headers['content-type']).toContain('text/html');
  expect(response.body).toContain('Your identity provider did not let you in.');
  expect(response.body).not.toMatch(/0900|<script|style=/);
});

test('a provider that is down is named, and asked again next time', async () => {
  const gone = await startProvider();
  await gone.close();
  app = await serverWith({ PENNY_OIDC_ISSUER: gone.issuer });
  for (let tried = 0; tried < 2; tried++) {
    const response = await get('/auth/sign-in');
    expect([response.statusCode, response.json().error]).toEqual([
      503,
      {
        code: 'identity_provider_unavailable',
        message: `The identity provider ${gone.issuer} does not answer as it should.`,
      },
    ]);
  }
});

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/c/../../evil',
  '/c/x?next=https://evil.example',
  '/c/x#//evil.example',
  'javascript:alert(1)',
  '/api/v1/me',
  ' /',
  '/c/%2f%2fevil.example',
  '/\n/evil.example',
])('the way back never leads to %j', async (address) => {
  expect(safePath(address)).toBe('/');
  const response = await signIn(address);
  expect(response.headers.location).toBe('/');
});

test('settings that do not go together stop the start', () => {
  const problem = (settings: Record<string, string>) => () => readConfig(settings);
  expect(problem({ PENNY_OIDC_ISSUER: 'https://id.example' })).toThrow(/CLIENT_ID is needed.*PUBLIC_URL is needed/);
  const rest = { PENNY_OIDC_CLIENT_ID: 'penny', PENNY_PUBLIC_URL: 'https://penny.example' };
  expect(problem({ PENNY_OIDC_ISSUER: 'http://id.example', ...rest })).toThrow('must be https');
  expect(problem({ PENNY_OIDC_ISSUER: 'http://127.0.0.1.evil.example', ...rest })).toThrow('must be https');
  expect(problem({ PENNY_OIDC_GROUP_ROLES: 'finops=root' })).toThrow('finops-admins=admin');
});
