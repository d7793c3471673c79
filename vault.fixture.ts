import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Pool } from 'pg';
import type { Time } from './secrets.ts';

/** Makes and drops users of a database, as Vault's database secrets engine does with the statements it was given. */
export interface DatabaseUsers {
  make(user: string, password: string): Promise<void>;
  drop(user: string): Promise<void>;
}

/**
 * Users that log in by themselves and act as `role`, so that what they make belongs to it and outlives them: the statements of
 * docs/secrets.md.
 */
export function databaseUsers(pool: Pool, role: string): DatabaseUsers {
  return {
    async make(user, password) {
      await pool.query(`CREATE ROLE "${user}" LOGIN PASSWORD '${password}' IN ROLE ${role}`);
      await pool.query(`ALTER ROLE "${user}" SET role = ${role}`);
    },
    async drop(user) {
      await pool.query(`DROP ROLE IF EXISTS "${user}"`);
    },
  };
}

export interface VaultLimits {
  /** Seconds a log-in and a database user are good for, and the most that renewals can bring them to. */
  loginSeconds: number;
  loginMaxSeconds: number;
  userSeconds: number;
  userMaxSeconds: number;
}

/** A Vault for tests, with one AppRole, one Kubernetes role, one KV version 2 mount `kv` and one database role `penny`. */
export interface VaultUnderTest {
  address: string;
  roleId: string;
  secretId: string;
  /** What a pod of the role `penny` logs in with. */
  podToken: string;
  time: Time;
  /** Lets so many seconds pass, for Vault and for who uses it. */
  passTime(seconds: number): Promise<void>;
  write(path: string, values: Record<string, unknown>): Promise<void>;
  seal(): Promise<void>;
  unseal(): Promise<void>;
  /** Ends and begins to listen, with all it holds. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Makes the secret id invalid and returns the one that takes its place. */
  replaceSecretId(): Promise<string>;
  /** Ends every log-in at once, and with them what they made. */
  revokeAll(): Promise<void>;
  close(): Promise<void>;
}

/** Time that passes only when it is told to. Whoever waits goes on in order, and has come to rest before more of it passes. */
export class ManualTime implements Time {
  #now = 1_800_000_000_000;
  #sleepers: { at: number; wake: () => void }[] = [];
  readonly #onPass: () => Promise<void>;

  constructor(onPass: () => Promise<void>) {
    this.#onPass = onPass;
  }

  now(): number {
    return this.#now;
  }

  async pass(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      };
      const wake = () => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', stop);
    });
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await this.#rest();
      const next = this.#sleepers.toSorted((one, other) => one.at - other.at)[0];
      if (next === undefined || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      await this.#onPass();
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      next.wake();
    }
    this.#now = end;
    await this.#onPass();
  }

  /** Until somebody waits for time again, or nobody does for a while. */
  async #rest(): Promise<void> {
    for (let turn = 0; this.#sleepers.length === 0 && turn < 200; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

interface Held {
  endsAt: number;
  lastsUntil: number;
  seconds: number;
}

interface User extends Held {
  user: string;
  login: string;
}

type Body = Record<string, unknown>;
type Reply = [status: number, body?: Body];

const refused = (status: number, ...errors: string[]): Reply => [status, { errors }];
const DENIED = '1 error occurred:\n\t* permission denied\n\n';
const ENDED = '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n';

/**
 * A server that speaks as much of Vault's HTTP protocol as Penny uses, with the answers of Vault 1.21: log-ins and database users
 * that end, renewals capped at a maximum, users that go with the log-in that made them, a policy of one KV path and one
 * database role, sealing.
 */
export async function fakeVault(limits: VaultLimits, users?: DatabaseUsers): Promise<VaultUnderTest> {
  const logins = new Map<string, Held>();
  const made = new Map<string, User>();
  const values = new Map<string, Record<string, unknown>>();
  const [roleId, podToken] = [draw(), draw()];
  let secretId = draw();
  let isSealed = false;
  const time = new ManualTime(endWhatIsOver);

  async function endWhatIsOver(): Promise<void> {
    for (const [token, { endsAt }] of logins) if (endsAt <= time.now()) logins.delete(token);
    for (const [id, { endsAt, login, user }] of made) {
      if (endsAt > time.now() && logins.has(login)) continue;
      made.delete(id);
      await users?.drop(user);
    }
  }

  const hold = (seconds: number, maxSeconds: number): Held => ({
    seconds,
    endsAt: time.now() + seconds * 1000,
    lastsUntil: time.now() + maxSeconds * 1000,
  });
  const extend = (held: Held) => {
    held.endsAt = Math.min(time.now() + held.seconds * 1000, held.lastsUntil);
    return Math.ceil((held.endsAt - time.now()) / 1000);
  };
  const newLogin = (): Reply => {
    const token = `hvs.${randomBytes(69).toString('base64url')}`;
    logins.set(token, hold(limits.loginSeconds, limits.loginMaxSeconds));
    return [200, { auth: { client_token: token, lease_duration: limits.loginSeconds, renewable: true } }];
  };

  async function answer(method: string, path: string, token: string, body: Body): Promise<Reply> {
    if (isSealed) return refused(503, 'Vault is sealed');
    await endWhatIsOver();
    if (method === 'POST' && path === '/v1/auth/approle/login') {
      if (body.role_id === roleId && body.secret_id === secretId) return newLogin();
      return refused(400, 'invalid role or secret ID');
    }
    if (method === 'POST' && path === '/v1/auth/kubernetes/login') {
      return body.role === 'penny' && body.jwt === podToken ? newLogin() : refused(403, 'permission denied');
    }
    const login = logins.get(token);
    if (login === undefined) return refused(403, ENDED);
    if (method === 'POST' && path === '/v1/auth/token/renew-self') {
      return [200, { auth: { client_token: token, lease_duration: extend(login), renewable: true } }];
    }
    if (method === 'POST' && path === '/v1/auth/token/revoke-self') {
      logins.delete(token);
      await endWhatIsOver();
      return [204];
    }
    if (method === 'POST' && path === '/v1/sys/leases/renew') {
      const lease = made.get(String(body.lease_id));
      if (lease === undefined) return refused(400, 'lease not found');
      return [200, { lease_id: body.lease_id, lease_duration: extend(lease), renewable: true }];
    }
    if (method === 'GET' && path === '/v1/database/creds/penny') return makeUser(token);
    if (method === 'GET' && path === '/v1/kv/data/penny') {
      const data = values.get('kv/penny');
      return data === undefined ? refused(404) : [200, { data: { data, metadata: { version: 1 } } }];
    }
    return refused(403, DENIED);
  }

  async function makeUser(login: string): Promise<Reply> {
    const [user, password] = [`v-approle-penny-${draw().slice(0, 20)}`, `${draw()}-/@:%`];
    await users?.make(user, password);
    const id = `database/creds/penny/${draw()}`;
    made.set(id, { ...hold(limits.userSeconds, limits.userMaxSeconds), user, login });
    const data = { username: user, password };
    return [200, { lease_id: id, lease_duration: limits.userSeconds, renewable: true, data }];
  }

  let server = await listen(answer, 0);
  const { port } = server.address() as AddressInfo;
  const stop = () => closeServer(server);
  return {
    address: `http://127.0.0.1:${port}`,
    roleId,
    secretId,
    podToken,
    time,
    passTime: (seconds) => time.advance(seconds * 1000),
    write: async (path, written) => void values.set(path, written),
    async seal() {
      isSealed = true;
    },
    async unseal() {
      isSealed = false;
    },
    stop,
    async start() {
      server = await listen(answer, port);
    },
    async replaceSecretId() {
      secretId = draw();
      return secretId;
    },
    async revokeAll() {
      logins.clear();
      await endWhatIsOver();
    },
    close: async () => {
      logins.clear();
      await endWhatIsOver();
      if (server.listening) await stop();
    },
  };
}

function draw(): string {
  return randomBytes(16).toString('hex');
}

type Answer = (method: string, path: string, token: string, body: Body) => Promise<Reply>;

async function listen(answer: Answer, port: number): Promise<Server> {
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString('utf8');
    const token = String(request.headers['x-vault-token'] ?? '');
    const [status, body] = await answer(
      request.method === 'PUT' ? 'POST' : (request.method ?? ''),
      request.url ?? '',
      token,
      text === '' ? {} : JSON.parse(text),
    ).catch((error: unknown) => refused(500, String(error)));
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return server;
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
