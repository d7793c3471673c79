import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Config, readConfig } from './config.ts';
import { closeDb, connect, type Db } from './db/client.ts';
import { type TestDatabase, testDatabase } from './db/testing.ts';
import { createLog, type Log } from './log.ts';
import { redact } from './redaction.ts';
import { openSecrets, type Secrets, type SecretsOptions, withSecrets } from './secrets.ts';
import { databaseUsers, fakeVault, type VaultLimits, type VaultUnderTest } from './vault.fixture.ts';
import { realVault } from './vault-server.fixture.ts';

/** In seconds; short, so that a run against a real Vault need not wait long. */
const LIMITS: VaultLimits = { loginSeconds: 6, loginMaxSeconds: 18, userSeconds: 4, userMaxSeconds: 10 };

/**
 * `PENNY_TEST_VAULT="ADDRESS ROOT-TOKEN UNSEAL-KEY"` has the same tests run against a real Vault, in minutes rather than seconds, so
 * with `--testTimeout 200000`.
 */
const [address, rootToken = '', unsealKey = ''] = process.env.PENNY_TEST_VAULT?.split(' ') ?? [];

function openVault(): Promise<VaultUnderTest> {
  if (address === undefined) return fakeVault(LIMITS, databaseUsers(database.db.pool, role));
  return realVault({ address, rootToken, unsealKey }, LIMITS, database.url, role);
}

let database: TestDatabase;
/** What the users that Vault makes act as. */
let role: string;
let vault: VaultUnderTest;
let folder: string;
let logged: string[];
let log: Log;
const opened: Secrets[] = [];

beforeAll(async () => {
  database = await testDatabase();
  const { pool } = database.db;
  role = `service_${Math.random().toString(36).slice(2)}`;
  await pool.query(`CREATE ROLE ${role}`);
  return async () => {
    await pool.query(`DROP ROLE ${role}`);
    await database.close();
  };
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'penny-secrets-'));
  logged = [];
  log = createLog({ write: (line: string) => void logged.push(line) });
  vault = await openVault();
});
afterEach(async () => {
  for (const secrets of opened.splice(0)) await secrets.close();
  await vault.close();
  rmSync(folder, { recursive: true });
});

/** The settings of a service that takes all it can from Vault; `undefined` takes one away. */
function settings(changes: Record<string, string | undefined> = {}): Config {
  return readConfig({
    VAULT_ADDR: vault.address,
    VAULT_ROLE_ID: vault.roleId,
    VAULT_SECRET_ID: vault.secretId,
    PENNY_VAULT_PATH: 'kv/penny',
    ...changes,
  });
}

/** The address of the database, for others to log in at. */
function bareAddress(): string {
  const url = new URL(database.url);
  url.username = '';
  url.password = '';
  return url.href;
}

async function open(config: Config, options: Partial<SecretsOptions> = {}): Promise<Secrets> {
  const secrets = await openSecrets(config, log, {
    signal: new AbortController().signal,
    time: vault.time,
    ...options,
  });
  opened.push(secrets);
  return secrets;
}

const withDatabase = (changes: Record<string, string | undefined> = {}) =>
  settings({
    PENNY_DATABASE_URL: bareAddress(),
    PENNY_VAULT_DATABASE_ROLE: 'penny',
    PENNY_VAULT_PATH: undefined,
    ...changes,
  });

/** Runs a query as whoever the secrets say, on a connection of its own. */
async function query(secrets: Secrets, text = 'SELECT session_user AS login, current_user AS acts_as') {
  const db = connect(secrets.get('PENNY_DATABASE_URL') ?? '', { max: 1 });
  try {
    return (await db.pool.query<{ login: string; acts_as: string }>(text)).rows[0];
  } finally {
    await closeDb(db);
  }
}

const userOf = (secrets: Secrets) => new URL(secrets.get('PENNY_DATABASE_URL') ?? '').username;
const messages = () => logged.map((line) => JSON.parse(line).msg as string);

describe('without Vault', () => {
  test('secrets are those of the environment', async () => {
    const config = readConfig({ OPENAI_API_KEY: 'sk-from-the-environment-1', VAULT_ADDR: 'not asked for' });
    const secrets = await openSecrets(config, log, { signal: new AbortController().signal });
    expect(secrets.get('OPENAI_API_KEY')).toBe('sk-from-the-environment-1');
    expect(secrets.get('PENNY_DATABASE_URL')).toBeUndefined();
    expect(() => secrets.check()).not.toThrow();
    await secrets.close();
  });

  test('the value of each, and the password in an address, is redacted wherever it turns up', async () => {
    const config = readConfig({
      OPENAI_API_KEY: 'a key of no known form',
      PENNY_DATABASE_URL: 'postgres://penny:un%2Fusual@db/penny',
    });
    await openSecrets(config, log, { signal: new AbortController().signal });
    expect(redact('a key of no known form, un/usual, un%2Fusual, penny')).toBe(
      '[redacted], [redacted], [redacted], penny',
    );
  });
});

describe('settings for Vault', () => {
  test.each([
    [{ VAULT_ADDR: undefined }, 'VAULT_ADDR'],
    [{ VAULT_ADDR: 'vault:8200' }, 'VAULT_ADDR'],
    [{ VAULT_ROLE_ID: undefined }, 'VAULT_ROLE_ID'],
    [{ VAULT_KUBERNETES_ROLE: 'penny' }, 'VAULT_KUBERNETES_ROLE'],
    [{ VAULT_SECRET_ID: undefined }, 'VAULT_SECRET_ID'],
    [{ VAULT_SECRET_ID_FILE: '/run/secret' }, 'VAULT_SECRET_ID_FILE'],
  ])('are refused when they do not go together: %o', (changes, name) => {
    expect(() => settings(changes)).toThrow(name);
  });
});

describe('values in Vault', () => {
  test('are read after a log-in with an AppRole', async () => {
    await vault.write('kv/penny', { OPENAI_API_KEY: 'key-in-vault-1', PENNY_DATABASE_URL: database.url, OTHER: 'x' });
    const secrets = await open(settings());
    expect(secrets.get('OPENAI_API_KEY')).toBe('key-in-vault-1');
    expect(await query(secrets)).toBeDefined();
    expect(redact('key-in-vault-1')).toBe('[redacted]');
  });

  test('are read after a log-in with the token of a pod', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, `${vault.podToken}\n`);
    await vault.write('kv/penny', { OPENAI_API_KEY: 'key-in-vault-2' });
    const config = settings({
      VAULT_ROLE_ID: undefined,
      VAULT_SECRET_ID: undefined,
      VAULT_KUBERNETES_ROLE: 'penny',
      VAULT_KUBERNETES_TOKEN_FILE: file,
    });
    expect((await open(config)).get('OPENAI_API_KEY')).toBe('key-in-vault-2');
  });

  test('show through a configuration, and a new value needs no restart', async () => {
    await vault.write('kv/penny', { OPENAI_API_KEY: 'before-1' });
    const secrets = await open(settings());
    const config = withSecrets(settings(), secrets);
    expect(config.OPENAI_API_KEY).toBe('before-1');
    await vault.write('kv/penny', { OPENAI_API_KEY: 'after-22' });
    await vault.passTime(4);
    expect(config.OPENAI_API_KEY).toBe('after-22');
    expect(redact('before-1 after-22')).toBe('[redacted] [redacted]');
  });

  test('come after the environment, with a warning that names the setting and not the value', async () => {
    await vault.write('kv/penny', { OPENAI_API_KEY: 'key-in-vault-3' });
    const secrets = await open(settings({ OPENAI_API_KEY: 'key-in-environment' }));
    expect(secrets.get('OPENAI_API_KEY')).toBe('key-in-environment');
    expect(logged).toHaveLength(1);
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({ level: 40, setting: 'OPENAI_API_KEY' });
    expect(logged.join()).not.toMatch(/key-in/);
  });

  test('that are no text stop the start; later they leave the ones before in use', async () => {
    await vault.write('kv/penny', { OPENAI_API_KEY: 5 });
    await expect(open(settings())).rejects.toMatchObject({ code: 'invalid_config', message: /OPENAI_API_KEY/ });
    await vault.write('kv/penny', { OPENAI_API_KEY: 'right-key-1' });
    const secrets = await open(settings());
    await vault.write('kv/penny', { OPENAI_API_KEY: 5 });
    await vault.passTime(30);
    expect(secrets.get('OPENAI_API_KEY')).toBe('right-key-1');
    expect(messages()).toContain('the values in Vault cannot be read; those read before stay in use');
  });

  test.each([
    ['a wrong secret id', { VAULT_SECRET_ID: 'wrong' }, /refuses the log-in at auth\/approle\/login \(status 400/],
    ['a path outside the policy', { PENNY_VAULT_PATH: 'kv/other' }, /refuses reading kv\/data\/other \(status 403/],
    ['a path with nothing at it', {}, /refuses reading kv\/data\/penny \(status 404/],
    ['a wrong mount', { VAULT_AUTH_MOUNT: 'elsewhere' }, /refuses the log-in at auth\/elsewhere\/login/],
    [
      'no file with the secret id',
      { VAULT_SECRET_ID: undefined, VAULT_SECRET_ID_FILE: '/nowhere' },
      /\/nowhere, which is needed to log in at Vault, cannot be read/,
    ],
  ])('stop the start at once for %s', async (_name, changes, message) => {
    const whileWaiting = () => Promise.reject(new Error('waits for what will not pass'));
    await expect(open(settings(changes), { whileWaiting })).rejects.toMatchObject({ code: 'invalid_config', message });
  });
});

describe('a database user of Vault', () => {
  test('stands in the address, and acts as the role that owns things', async () => {
    const secrets = await open(withDatabase());
    expect(await query(secrets)).toEqual({ login: userOf(secrets), acts_as: role });
    expect(userOf(secrets)).toMatch(/^v-approle-penny-/);
  });

  test('needs an address to go with', async () => {
    const config = settings({ PENNY_VAULT_DATABASE_ROLE: 'penny', PENNY_VAULT_PATH: undefined });
    await expect(open(config)).rejects.toMatchObject({
      code: 'invalid_config',
      message: /PENNY_DATABASE_URL is not set/,
    });
  });

  test('is renewed, with the log-in, as long as Vault allows it, and then replaced while it is still good', async () => {
    const secrets = await open(withDatabase());
    const first = secrets.get('PENNY_DATABASE_URL') ?? '';
    await vault.passTime(5);
    expect(secrets.get('PENNY_DATABASE_URL')).toBe(first);
    expect((await query(secrets))?.login).toBe(userOf(secrets));

    const before = connect(first, { max: 1 });
    await vault.passTime(3.5);
    expect(secrets.get('PENNY_DATABASE_URL')).not.toBe(first);
    expect((await query(secrets))?.login).toBe(userOf(secrets));
    await expect(before.pool.query('SELECT 1'), 'the user before still has time').resolves.toBeDefined();
    await closeDb(before);

    const users = new Set<string>();
    for (let second = 0; second < 40; second++) {
      await vault.passTime(1);
      users.add(userOf(secrets));
      secrets.check();
      expect((await query(secrets))?.login).toBe(userOf(secrets));
    }
    expect(users.size).toBeGreaterThan(3);
  });

  test('is replaced without dropping a request, however much is asked', async () => {
    const secrets = await open(withDatabase());
    const config = withSecrets(withDatabase(), secrets);
    const db: Db = connect(() => config.PENNY_DATABASE_URL ?? '', { max: 4 });
    const users = new Set<string>();
    let isOver = false;
    const crowd = Array.from({ length: 10 }, async () => {
      while (!isOver) {
        const { rows } = await db.pool.query('SELECT session_user AS login');
        users.add(rows[0]?.login);
      }
    });
    for (let second = 0; second < 30; second++) {
      await vault.passTime(1);
      const had = users.size;
      // In a second of a real clock everybody would have asked many times.
      await Promise.race([untilAsked(() => users.has(userOf(secrets)) || users.size > had), ...crowd]);
    }
    isOver = true;
    await Promise.all(crowd);
    await closeDb(db);
    expect(users.size).toBeGreaterThan(3);
  });

  test('goes when the secrets are closed', async () => {
    const secrets = await open(withDatabase());
    const user = userOf(secrets);
    const exists = async () =>
      (await database.db.pool.query('SELECT FROM pg_roles WHERE rolname = $1', [user])).rowCount === 1;
    expect(await exists()).toBe(true);
    await secrets.close();
    await expect.poll(exists).toBe(false);
  });

  test('and log-in are made anew at once when somebody revokes them', async () => {
    const secrets = await open(withDatabase());
    const first = userOf(secrets);
    await vault.revokeAll();
    await vault.passTime(3);
    expect(userOf(secrets)).not.toBe(first);
    expect((await query(secrets))?.login).toBe(userOf(secrets));
  });

  test('is made with the secret id that stands in the file at that time', async () => {
    const file = join(folder, 'secret-id');
    writeFileSync(file, vault.secretId);
    const secrets = await open(withDatabase({ VAULT_SECRET_ID: undefined, VAULT_SECRET_ID_FILE: file }));
    const first = userOf(secrets);
    writeFileSync(file, await vault.replaceSecretId());
    await vault.passTime(12);
    expect(userOf(secrets)).not.toBe(first);
    secrets.check();
  });
});

describe('a Vault that is not there', () => {
  test.each([
    ['down', () => vault.stop(), () => vault.start(), /does not answer \(ECONNREFUSED\)/],
    ['sealed', () => vault.seal(), () => vault.unseal(), /is sealed/],
  ])('at the start (%s) is waited for, and the start goes on when it is back', async (_state, go, comeBack, reason) => {
    await vault.write('kv/penny', { OPENAI_API_KEY: 'key-in-vault-4' });
    await go();
    const steps: string[] = [];
    const opening = open(settings(), {
      whileWaiting: async ({ code, message }) => {
        steps.push(`waiting: ${code}`);
        expect(message).toMatch(reason);
        return async () => void steps.push('waiting is over');
      },
    });
    await expect.poll(() => steps).toEqual(['waiting: secrets_unavailable']);
    await vault.passTime(20);
    expect(steps).toHaveLength(1);
    await comeBack();
    const [secrets] = await Promise.all([opening, vault.passTime(31)]);
    expect(secrets.get('OPENAI_API_KEY')).toBe('key-in-vault-4');
    expect(steps).toEqual(['waiting: secrets_unavailable', 'waiting is over']);
    expect(messages().slice(0, 2)).toEqual([
      'the secrets cannot be read yet; waiting for Vault',
      'Vault is there; the start goes on',
    ]);
  });

  test('is not waited for long by a command that somebody waits for', async () => {
    await vault.stop();
    const opening = open(settings());
    await Promise.all([
      expect(opening).rejects.toMatchObject({ code: 'secrets_unavailable', message: /does not answer/ }),
      vault.passTime(5),
    ]);
  });

  test('is no longer waited for after a signal', async () => {
    await vault.stop();
    const stop = new AbortController();
    const reason = new Error('stopped');
    const opening = open(settings(), { signal: stop.signal, whileWaiting: async () => async () => {} });
    await expect.poll(() => logged.length).toBe(1);
    stop.abort(reason);
    await expect(opening).rejects.toBe(reason);
  });

  test('for a while leaves everything in use; after the end of the database user the service is not ready', async () => {
    await vault.write('kv/penny', { OPENAI_API_KEY: 'key-in-vault-5' });
    const secrets = await open(withDatabase({ PENNY_VAULT_PATH: 'kv/penny' }));
    const first = userOf(secrets);
    await vault.stop();
    await vault.passTime(3);
    secrets.check();
    expect((await query(secrets))?.login).toBe(first);
    await vault.passTime(3);
    expect(() => secrets.check()).toThrow(expect.objectContaining({ code: 'secrets_unavailable' }));
    expect(secrets.get('OPENAI_API_KEY')).toBe('key-in-vault-5');

    await vault.start();
    await vault.passTime(31);
    secrets.check();
    expect(userOf(secrets)).not.toBe(first);
    expect((await query(secrets))?.login).toBe(userOf(secrets));
    expect(messages().filter((text) => text.includes('cannot be renewed'))).toHaveLength(1);
    expect(messages()).toContain('Vault is back; the secrets are fresh');
  });

  test('but takes connections and never answers is given up on after five seconds', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await expect.poll(() => silent.listening).toBe(true);
    const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const stop = new AbortController();
    const whileWaiting = async () => {
      stop.abort(new Error('waits'));
      return async () => {};
    };
    const began = performance.now();
    await expect(open(settings({ VAULT_ADDR: address }), { signal: stop.signal, whileWaiting })).rejects.toThrow(
      'waits',
    );
    expect(performance.now() - began).toBeLessThan(8_000);
    silent.closeAllConnections();
    silent.close();
  });
});

test('no log line holds a token, a secret id, a password or a value, whatever goes wrong', async () => {
  await vault.write('kv/penny', { OPENAI_API_KEY: 'sk-planted-key-0123456789abcdef' });
  const secrets = await open(withDatabase({ PENNY_VAULT_PATH: 'kv/penny' }));
  log.level = 'debug';
  const hidden = [
    vault.secretId,
    'sk-planted-key-0123456789abcdef',
    new URL(secrets.get('PENNY_DATABASE_URL') ?? '').password,
  ];
  log.info({ config: withSecrets(settings(), secrets), text: hidden.join(' ') }, `all of it: ${hidden.join(' ')}`);
  log.error({ err: new Error('outer', { cause: new Error(hidden.join(' ')) }) }, 'failed');
  await vault.stop();
  await vault.passTime(60);
  await vault.start();
  await vault.replaceSecretId();
  await vault.passTime(60);
  const all = logged.join('');
  for (const secret of [...hidden, ...hidden.map(decodeURIComponent)]) expect(all).not.toContain(secret);
  expect(all).not.toMatch(/hvs\.\w{20}/);
  expect(all).toContain('refuses the log-in');
});

async function untilAsked(done: () => boolean): Promise<void> {
  await expect.poll(done, { interval: 5, timeout: 20_000 }).toBe(true);
}
