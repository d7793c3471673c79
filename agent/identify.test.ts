import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { chainPending } from '../db/audit/chain.ts';
import type { Db } from '../db/client.ts';
import type { Role, Scope } from '../db/principal.ts';
import { testDatabase } from '../db/testing.ts';
import { identify } from './identify.ts';
import { linkAddress, makeLinkCode } from './identity/links.ts';
import { createPeople, type People } from './identity/people.ts';
import { hashOf } from './identity/secret.ts';
import type { Actor, UserChanges } from './identity/users.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let db: Db;
let now: Date;
let people: People;
let admin: Actor;
let audited: string;

const START = new Date('2026-11-24T10:00:00Z');

beforeAll(async () => {
  database = await testDatabase();
  db = database.db;
});
beforeEach(async () => {
  now = START;
  people = peopleWith({});
  admin = { principal: await identify(db, { platform: 'local' }), surface: 'cli' };
  await chainPending(db.pool);
  audited = (await db.pool.query('SELECT coalesce(max(entry_id), 0) AS last FROM audit_log')).rows[0].last;
});
afterEach(() =>
  db.pool.query(
    'TRUNCATE sessions, sign_in_links; DELETE FROM identities; DELETE FROM users; DELETE FROM billing_loads',
  ),
);
afterAll(() => database.close());

const peopleWith = (settings: Record<string, string>): People =>
  createPeople({ config: readConfig(settings), db, now: () => now });
const later = (hours: number): void => {
  now = new Date(now.getTime() + hours * 3_600_000);
};
const addGrace = (role: Role = 'engineer', scope: Scope = { subAccountIds: ['1', '2'], tags: [] }) =>
  people.addUser(admin, { email: 'grace@example.com', name: 'Grace', role, scope });
/** What the audit log says since the test began. */
const entries = async (event?: string): Promise<{ event: string; details: Record<string, unknown> }[]> => {
  await chainPending(db.pool);
  const { rows } = await db.pool.query(
    'SELECT event, details FROM audit_log WHERE entry_id > $1 AND coalesce(event = $2, true) ORDER BY entry_id',
    [audited, event ?? null],
  );
  return rows;
};
const details = async (event: string) => (await entries(event)).map((entry) => entry.details);

test('an e-mail address of nobody is not found, whatever its form', async () => {
  for (const email of ['nobody@example.com', "' OR true --"]) {
    await expect(identify(db, { platform: 'local', email })).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('a token is shown once, kept as a hash, and does no more than its person and itself may', async () => {
  await addGrace();
  const scope: Scope = { subAccountIds: ['2', '3'], tags: [{ key: 'team', value: 'search' }] };
  const { token, tokenId } = await people.createToken(admin, { email: 'grace@example.com', role: 'viewer', scope });
  expect(token).toMatch(/^penny_[\w-]{43}$/);
  const stored = await db.pool.query('SELECT subject FROM identities');
  expect(stored.rows).toEqual([{ subject: hashOf(token) }]);
  const dump = await db.pool.query(
    'SELECT identities::text AS row FROM identities UNION ALL SELECT details::text FROM audit_pending',
  );
  expect(JSON.stringify(dump.rows)).not.toContain(token);
  expect(await people.identify({ platform: 'token', token })).toMatchObject({
    email: 'grace@example.com',
    role: 'viewer',
    scope: { subAccountIds: ['2'], tags: [] },
    tokenId,
  });
});

test('a token follows its person: a lower role, a smaller scope and disabling count at once', async () => {
  const { userId } = await addGrace('approver');
  const { token } = await people.createToken(admin, { email: 'grace@example.com', role: 'approver' });
  const change = (changes: UserChanges) => people.changeUser(admin, userId, changes);
  const who = () => people.identify({ platform: 'token', token });
  await change({ role: 'engineer', scope: { subAccountIds: ['9'], tags: [] } });
  expect(await who()).toMatchObject({ role: 'engineer', scope: { subAccountIds: ['9'] } });
  await change({ role: 'admin' });
  expect(await who()).toMatchObject({ role: 'approver', scope: 'all' });
  await change({ disabled: true });
  await expect(who()).rejects.toMatchObject({ code: 'unauthorized' });
  await change({ disabled: false });
  expect((await who()).role).toBe('approver');
});

test('whoever was an administrator sees nothing until given a scope', async () => {
  const { userId } = await addGrace('admin');
  expect(await people.changeUser(admin, userId, { role: 'viewer' })).toMatchObject({
    role: 'viewer',
    scope: { subAccountIds: [], tags: [] },
  });
});

test.each([
  ['of another form', () => 'Bearer nonsense'],
  ['that was never made', () => `penny_${'A'.repeat(43)}`],
  ['with another last letter', (token: string) => token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')],
  ['that is the hash of one', (token: string) => hashOf(token)],
])('a token %s is nobody', async (_, forge) => {
  const { token } = await people.createToken(admin, { role: 'admin' });
  await expect(people.identify({ platform: 'token', token: forge(token) })).rejects.toMatchObject({
    code: 'unauthorized',
  });
});

test('a token ends when it expires or is taken back, and is taken back once', async () => {
  const short = await people.createToken(admin, { role: 'viewer', days: 1 });
  const long = await people.createToken(admin, { role: 'viewer', name: 'reports' });
  later(24.1);
  await expect(people.identify({ platform: 'token', token: short.token })).rejects.toMatchObject({
    code: 'unauthorized',
  });
  expect((await people.identify({ platform: 'token', token: long.token })).role).toBe('viewer');
  const used = (await people.listTokens(admin.principal)).map(({ tokenId, lastUsedAt }) => [tokenId, lastUsedAt]);
  expect(new Map(used as [string, Date | null][])).toEqual(
    new Map([
      [short.tokenId, null],
      [long.tokenId, now],
    ]),
  );
  await people.revokeToken(admin, long.tokenId);
  await expect(people.identify({ platform: 'token', token: long.token })).rejects.toThrow('revoked');
  await expect(people.revokeToken(admin, long.tokenId)).rejects.toMatchObject({ code: 'not_found' });
  expect((await entries()).map(({ event }) => event)).toEqual(['token.created', 'token.created', 'token.revoked']);
});

test('tokens are refused that would do more than their person, last too long, or come from a token', async () => {
  await addGrace('engineer');
  const grace: Actor = {
    principal: await identify(db, { platform: 'local', email: 'grace@example.com' }),
    surface: 'web',
  };
  const refused = (actor: Actor, token: Parameters<People['createToken']>[1], code: string) =>
    expect(people.createToken(actor, token)).rejects.toMatchObject({ code });
  await refused(grace, { role: 'approver' }, 'forbidden');
  await refused(grace, { role: 'viewer', email: 'local@penny.invalid' }, 'forbidden');
  await refused(grace, { role: 'viewer', days: 366 }, 'invalid_input');
  await refused(grace, { role: 'viewer', days: 0 }, 'invalid_input');
  await refused(admin, { role: 'admin', scope: { subAccountIds: ['1'], tags: [] } }, 'invalid_input');
  await refused(admin, { role: 'viewer', email: 'nobody@example.com' }, 'not_found');
  const { token } = await people.createToken(grace, { role: 'engineer' });
  const principal = await people.identify({ platform: 'token', token });
  await refused({ principal, surface: 'api' }, { role: 'viewer' }, 'forbidden');
  const session = await people.signIn({ method: 'token', token });
  await refused({ principal: session.principal, surface: 'web' }, { role: 'viewer' }, 'forbidden');
});

test('nobody sees or takes back the tokens of somebody else, but an administrator', async () => {
  await addGrace();
  const principal = await identify(db, { platform: 'local', email: 'grace@example.com' });
  const own = await people.createToken({ principal, surface: 'web' }, { role: 'viewer' });
  const other = await people.createToken(admin, { role: 'admin' });
  expect((await people.listTokens(principal)).map(({ tokenId }) => tokenId)).toEqual([own.tokenId]);
  expect(await people.listTokens(admin.principal)).toHaveLength(2);
  await expect(people.revokeToken({ principal, surface: 'web' }, other.tokenId)).rejects.toMatchObject({
    code: 'not_found',
  });
  await people.revokeToken(admin, own.tokenId);
});

test('only administrators manage people, nobody locks themselves out, and changes stand in the audit log', async () => {
  const { userId } = await addGrace();
  const principal = await identify(db, { platform: 'local', email: 'grace@example.com' });
  const grace: Actor = { principal, surface: 'web' };
  await expect(people.listUsers(principal)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(people.addUser(grace, { email: 'a@b.c', role: 'viewer' })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(people.changeUser(grace, userId, { role: 'admin' })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(addGrace()).rejects.toMatchObject({ code: 'conflict' });
  await expect(people.changeUser(admin, admin.principal.userId, { role: 'viewer' })).rejects.toMatchObject({
    code: 'forbidden',
  });
  await people.changeUser(admin, 'GRACE@example.com', { role: 'approver' });
  expect(await details('user.changed')).toMatchObject([
    { before: { role: 'engineer', disabled: false }, after: { role: 'approver', disabled: false } },
  ]);
});

test('a session is kept by the hash of its secret and lasts as long as it is used, up to a week', async () => {
  const { token } = await people.createToken(admin, { role: 'admin', days: 365 });
  const { secret } = await people.signIn({ method: 'token', token });
  const { rows } = await db.pool.query('SELECT sessions::text AS row FROM sessions');
  expect(rows[0].row).toContain(hashOf(secret));
  expect(rows[0].row).not.toContain(secret);
  const resume = () => people.identify({ platform: 'session', secret, local: false });
  for (let used = 0; used < 16; used++) {
    later(10);
    expect((await resume()).email).toBe('local@penny.invalid');
  }
  later(10);
  await expect(resume()).rejects.toMatchObject({ code: 'unauthorized' });
});

test('a session that is not used for 12 hours is over', async () => {
  const { token } = await people.createToken(admin, { role: 'admin' });
  const { secret } = await people.signIn({ method: 'token', token });
  later(12.1);
  await expect(people.resume({ secret, local: true })).rejects.toThrow('Sign in again');
});

test('the secret of a session changes each hour; the old one is good for a moment, then proves a copy and ends it', async () => {
  const { token } = await people.createToken(admin, { role: 'admin' });
  const { secret } = await people.signIn({ method: 'token', token });
  expect((await people.resume({ secret, local: false })).renewed).toBeUndefined();
  later(1.1);
  const both = await Promise.all([people.resume({ secret, local: false }), people.resume({ secret, local: false })]);
  const renewed = both.flatMap((one) => one.renewed ?? []);
  expect(renewed).toHaveLength(1);
  const fresh = { secret: renewed[0] ?? '', local: false };
  expect((await people.resume({ secret, local: false })).renewed).toBeUndefined();
  await people.resume(fresh);
  later(0.1);
  await expect(people.resume({ secret, local: false })).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(people.resume(fresh)).rejects.toMatchObject({ code: 'unauthorized' });
});

test('signing in ends the session the browser had; a change of rights gives it another secret', async () => {
  await addGrace();
  const { token } = await people.createToken(admin, { email: 'grace@example.com', role: 'engineer' });
  const first = await people.signIn({ method: 'token', token });
  const second = await people.signIn({ method: 'token', token }, first.secret);
  await expect(people.resume({ secret: first.secret, local: false })).rejects.toMatchObject({ code: 'unauthorized' });
  await people.changeUser(admin, 'grace@example.com', { role: 'viewer' });
  const { principal, renewed } = await people.resume({ secret: second.secret, local: false });
  expect(principal.role).toBe('viewer');
  expect(renewed).toMatch(/^[\w-]{43}$/);
});

test.each([
  ['the token it was made with is taken back', (tokenId: string) => people.revokeToken(admin, tokenId)],
  ['its person is disabled', () => people.changeUser(admin, 'grace@example.com', { disabled: true })],
])('a session is over as soon as %s', async (_, end) => {
  await addGrace();
  const { token, tokenId } = await people.createToken(admin, { email: 'grace@example.com', role: 'engineer' });
  const { secret } = await people.signIn({ method: 'token', token });
  await end(tokenId);
  await expect(people.resume({ secret, local: false })).rejects.toMatchObject({ code: 'unauthorized' });
});

test('signing out ends one session, or all of the person', async () => {
  const { token } = await people.createToken(admin, { role: 'admin' });
  const signIn = () => people.signIn({ method: 'token', token });
  const [one, two, three] = [await signIn(), await signIn(), await signIn()];
  const isOpen = ({ secret }: { secret: string }) =>
    people.resume({ secret, local: false }).then(
      () => true,
      () => false,
    );
  const { principal } = admin;
  await people.signOut({ principal, secret: one.secret, everywhere: false });
  expect([await isOpen(one), await isOpen(two), await isOpen(three)]).toEqual([false, true, true]);
  await people.signOut({ principal, secret: two.secret, everywhere: true });
  expect([await isOpen(two), await isOpen(three)]).toEqual([false, false]);
  expect(await details('session.ended')).toEqual([
    { sessions: 1, everywhere: false },
    { sessions: 2, everywhere: true },
  ]);
});

const load = (origin: string) =>
  db.pool.query(
    `INSERT INTO billing_loads (source_id, origin, uris, content_hash, line_count, row_count, sums)
     VALUES ('focus', $1, '{a.csv}', gen_random_uuid()::text, 1, 1, '{}')`,
    [origin],
  );

test('personas exist only while the demo estate is all there is, and so do their sessions', async () => {
  expect(await people.personas()).toEqual([]);
  await expect(people.signIn({ method: 'persona', persona: 'administrator' })).rejects.toMatchObject({
    code: 'not_found',
  });
  await load('demo');
  expect((await people.personas()).map(({ id }) => id)).toEqual(['administrator', 'engineer', 'approver', 'manager']);
  const { secret, principal } = await people.signIn({ method: 'persona', persona: 'engineer' });
  expect(principal).toMatchObject({ role: 'engineer', scope: { tags: [{ key: 'team', value: 'payments' }] } });
  expect((await people.resume({ secret, local: true })).principal.userId).toBe(principal.userId);
  await expect(people.resume({ secret, local: false })).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(people.signIn({ method: 'persona', persona: 'root' })).rejects.toMatchObject({ code: 'not_found' });
  await load('file');
  expect(await people.personas()).toEqual([]);
  await expect(people.resume({ secret, local: true })).rejects.toMatchObject({ code: 'unauthorized' });
  expect(await details('session.started')).toMatchObject([{ method: 'persona', persona: 'engineer' }]);
  expect(await details('session.refused')).toHaveLength(2);
});

test('a one-time link signs in once, within minutes, and only at this machine', async () => {
  const code = await makeLinkCode(db, admin.principal, now);
  expect(linkAddress('http://127.0.0.1:3000/', code)).toBe(`http://127.0.0.1:3000/sign-in#link=${code}`);
  const { secret, principal } = await people.signIn({ method: 'link', code });
  expect(principal.role).toBe('admin');
  await people.resume({ secret, local: true });
  await expect(people.resume({ secret, local: false })).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(people.signIn({ method: 'link', code })).rejects.toThrow('used already');
  const late = await makeLinkCode(db, admin.principal, now);
  later(0.3);
  await expect(people.signIn({ method: 'link', code: late })).rejects.toThrow('expired');
  expect(await db.pool.query('SELECT FROM sign_in_links')).toMatchObject({ rowCount: 1 });
});

test('an administrator links an account by its word, to one person', async () => {
  await addGrace();
  const key = { platform: 'oidc', tenant: 'https://id.example', subject: '00u1' } as const;
  await people.linkUser(admin, 'grace@example.com', key);
  expect((await identify(db, key)).email).toBe('grace@example.com');
  await expect(people.linkUser(admin, 'local@penny.invalid', key)).rejects.toMatchObject({ code: 'conflict' });
  const principal = await identify(db, { platform: 'local', email: 'grace@example.com' });
  await expect(
    people.linkUser({ principal, surface: 'web' }, 'grace@example.com', { ...key, subject: '2' }),
  ).rejects.toMatchObject({ code: 'forbidden' });
});

test('a Slack or Teams account is who it is linked to in its own workspace, and nobody elsewhere', async () => {
  const { userId } = await addGrace();
  const link = (platform: string, tenant: string) =>
    db.pool.query('INSERT INTO identities (user_id, platform, tenant, subject) VALUES ($1, $2, $3, $4)', [
      userId,
      platform,
      tenant,
      'U1',
    ]);
  await link('slack', 'T1');
  await link('teams', 'tenant-1');
  for (const platform of ['slack', 'teams'] as const) {
    const tenant = platform === 'slack' ? 'T1' : 'tenant-1';
    expect((await identify(db, { platform, tenant, subject: 'U1' })).email).toBe('grace@example.com');
    for (const other of [
      { tenant: 'T2', subject: 'U1' },
      { tenant, subject: 'U2' },
    ]) {
      await expect(identify(db, { platform, ...other })).rejects.toMatchObject({ code: 'unauthorized' });
    }
  }
  await expect(identify(db, { platform: 'oidc', tenant: 'T1', subject: 'U1' })).rejects.toMatchObject({
    code: 'unauthorized',
  });
});
