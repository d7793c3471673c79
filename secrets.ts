import { setTimeout as delay } from 'node:timers/promises';
import { type Config, SECRET_SETTINGS, usesVault } from './config.ts';
import { PennyError } from './errors.ts';
import type { Log } from './log.ts';
import { keepSecrets } from './redaction.ts';
import { type Lease, logIn, type VaultLogin } from './vault.ts';

export type SecretName = (typeof SECRET_SETTINGS)[number];

/** The secrets in use, wherever they come from. */
export interface Secrets {
  /** The value now; with Vault it may be another one a moment later, so it is asked for when it is needed. */
  get(name: SecretName): string | undefined;
  /** @throws PennyError `secrets_unavailable` when what Vault lent has ended and Vault lends nothing new */
  check(): void;
  /** Gives back what Vault lent. */
  close(): Promise<void>;
}

export interface SecretsOptions {
  signal: AbortSignal;
  /**
   * What to do while Vault is not there yet; what it returns ends that. Given, `openSecrets` waits as long as it takes;
   * otherwise it gives up after some seconds.
   */
  whileWaiting?: ((reason: PennyError) => Promise<() => Promise<void>>) | undefined;
  time?: Time;
}

/** The passing of time, in milliseconds; tests have one of their own. */
export interface Time {
  now(): number;
  pass(ms: number, signal: AbortSignal): Promise<void>;
}

const REAL_TIME: Time = { now: () => Date.now(), pass: (ms, signal) => delay(ms, undefined, { signal }) };

/** What people have changed in Vault is in use after this time at the latest. */
const LONGEST_REST_MS = 5 * 60_000;
const SHORTEST_REST_MS = 250;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const TRIES_WITHOUT_WAITING = 4;
/** A lease that cannot be brought back above this share of its length is replaced; what is left of it is for work under way. */
const SHARE_TO_REPLACE = 0.7;
const GOODBYE_MS = 2_000;

/**
 * Returns the secrets of the configuration: those in the environment, and with `PENNY_VAULT_PATH` or
 * `PENNY_VAULT_DATABASE_ROLE` those in Vault, kept fresh until `close`. What the environment sets goes before Vault.
 * @throws PennyError `secrets_unavailable` (Vault is not there), `invalid_config` (it refuses, or its values are not valid)
 */
export async function openSecrets(config: Config, log: Log, options: SecretsOptions): Promise<Secrets> {
  const own = [...SECRET_SETTINGS.map((name) => config[name]), config.VAULT_SECRET_ID];
  keepSecrets('environment', own.flatMap(valuesToHide));
  if (!usesVault(config)) return { get: (name) => config[name], check: () => {}, close: async () => {} };
  const loan = await firstLoan(config, log, options);
  for (const setting of SECRET_SETTINGS.filter(
    (name) => config[name] !== undefined && loan.values[name] !== undefined,
  )) {
    log.warn({ setting }, 'a secret is set in the environment and in Vault; the one in the environment is used');
  }
  return keepFresh(config, log, loan, options.time ?? REAL_TIME);
}

/** The configuration with its secrets read from `secrets` each time they are used, so that a new value needs no restart. */
export function withSecrets(config: Config, secrets: Secrets): Config {
  const live = { ...config };
  for (const name of SECRET_SETTINGS) {
    Object.defineProperty(live, name, { enumerable: true, get: () => secrets.get(name) });
  }
  return live;
}

/** What one log-in at Vault has lent. */
interface Loan {
  login: VaultLogin;
  values: { [name in SecretName]?: string };
  databaseUser: { user: string; password: string; leaseId: string } | undefined;
  /** The log-in itself, and the database user if there is one. */
  leases: RunningLease[];
}

interface RunningLease extends Lease {
  endsAt: number;
  renew(): Promise<Lease>;
}

async function firstLoan(config: Config, log: Log, options: SecretsOptions): Promise<Loan> {
  const { signal, whileWaiting, time = REAL_TIME } = options;
  let stopWaiting: (() => Promise<void>) | undefined;
  try {
    for (let tries = 1; ; tries++) {
      try {
        const loan = await borrow(config, time.now());
        if (tries > 1) log.info('Vault is there; the start goes on');
        return loan;
      } catch (error) {
        const mayPass = error instanceof PennyError && error.code === 'secrets_unavailable';
        if (!mayPass || (whileWaiting === undefined && tries >= TRIES_WITHOUT_WAITING)) throw error;
        if (tries === 1) log.warn({ reason: error.message }, 'the secrets cannot be read yet; waiting for Vault');
        stopWaiting ??= await whileWaiting?.(error);
        await time.pass(retryMs(tries), signal).catch(() => {});
        signal.throwIfAborted();
      }
    }
  } finally {
    await stopWaiting?.();
  }
}

function retryMs(tries: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS);
}

/** Logs in and borrows all that the configuration asks for. */
async function borrow(config: Config, now: number, earlier?: Loan): Promise<Loan> {
  const login = await logIn(config);
  const values = await readValues(config, login).catch((error: unknown) => earlier?.values ?? Promise.reject(error));
  const leases = [running(login.lease, now, () => login.renew())];
  const role = config.PENNY_VAULT_DATABASE_ROLE;
  if (role === undefined) return { login, values, databaseUser: undefined, leases };
  checkAddress(config.PENNY_DATABASE_URL ?? values.PENNY_DATABASE_URL);
  const databaseUser = await login.makeDatabaseUser(role);
  leases.push(running(databaseUser.lease, now, () => login.renewLease(databaseUser.leaseId)));
  return { login, values, databaseUser, leases };
}

function running(lease: Lease, now: number, renew: () => Promise<Lease>): RunningLease {
  return { ...lease, endsAt: now + lease.seconds * 1000, renew };
}

async function readValues({ PENNY_VAULT_PATH: path }: Config, login: VaultLogin): Promise<Loan['values']> {
  if (path === undefined) return {};
  const found = await login.readSettings(path);
  const values: Loan['values'] = {};
  for (const name of SECRET_SETTINGS) {
    const value = found[name];
    if (value === undefined || value === '') continue;
    if (typeof value !== 'string') throw new PennyError('invalid_config', `${name} in Vault at ${path} is not a text.`);
    values[name] = value;
  }
  return values;
}

function checkAddress(url: string | undefined): void {
  if (url !== undefined && URL.canParse(url)) return;
  throw new PennyError(
    'invalid_config',
    `PENNY_DATABASE_URL ${url === undefined ? 'is not set' : 'is not a URL'}; with PENNY_VAULT_DATABASE_ROLE it says where the database is, without user and password.`,
  );
}

function keepFresh(config: Config, log: Log, first: Loan, time: Time): Secrets {
  let loan = first;
  hide(loan);
  const closing = new AbortController();
  const stay = async (): Promise<void> => {
    let reported: string | undefined;
    for (let failures = 0; ; ) {
      await time.pass(failures === 0 ? restMs(loan, time.now()) : retryMs(failures), closing.signal);
      try {
        const next = (await renewed(config, log, loan, time)) ?? (await borrow(config, time.now(), loan));
        hide(next, loan);
        if (next.login !== loan.login) log.info({ endsAt: endText(next) }, 'logged in at Vault anew');
        if (failures > 0) log.info('Vault is back; the secrets are fresh');
        loan = next;
        failures = 0;
        reported = undefined;
      } catch (error) {
        failures += 1;
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== reported) log.warn({ err: error, endsAt: endText(loan) }, 'the secrets cannot be renewed yet');
        reported = reason;
      }
    }
  };
  stay().catch(() => {});
  return {
    get: (name) => secretOf(config, loan, name),
    check() {
      if (endOf(loan) > time.now()) return;
      throw new PennyError(
        'secrets_unavailable',
        'The database user that Vault had made has ended, and Vault makes no new one.',
      );
    },
    async close() {
      closing.abort();
      const goodbye = AbortSignal.timeout(GOODBYE_MS);
      const late = new Promise<void>((resolve) => goodbye.addEventListener('abort', () => resolve()));
      await Promise.race([loan.login.revoke().catch(() => {}), late]);
    },
  };
}

/** The loan with its leases renewed and its values read again; undefined when it must be replaced. */
async function renewed(config: Config, log: Log, loan: Loan, time: Time): Promise<Loan | undefined> {
  const leases: RunningLease[] = [];
  for (const lease of loan.leases) {
    const next = await renewLease(lease, time);
    if (next === undefined) return undefined;
    leases.push(next);
  }
  const values = await readValues(config, loan.login).catch((error: unknown) => {
    log.warn({ err: error }, 'the values in Vault cannot be read; those read before stay in use');
    return loan.values;
  });
  return { ...loan, leases, values };
}

async function renewLease(lease: RunningLease, time: Time): Promise<RunningLease | undefined> {
  let { endsAt } = lease;
  try {
    if (lease.renewable) endsAt = time.now() + (await lease.renew()).seconds * 1000;
  } catch (error) {
    // Refused: the lease or the log-in has ended or was taken back.
    if (error instanceof PennyError && error.code === 'invalid_config') return undefined;
    throw error;
  }
  return endsAt - time.now() < SHARE_TO_REPLACE * lease.seconds * 1000 ? undefined : { ...lease, endsAt };
}

/** Half of what the shortest lease still has, so that an outage as long as that goes unnoticed. */
function restMs({ leases }: Loan, now: number): number {
  const left = Math.min(...leases.map(({ endsAt }) => endsAt - now));
  return Math.max(SHORTEST_REST_MS, Math.min(left / 2, LONGEST_REST_MS));
}

/** When something of a loan stops working: a database user goes with the log-in; values that were read stay. */
function endOf({ databaseUser, leases }: Loan): number {
  return databaseUser === undefined ? Number.POSITIVE_INFINITY : Math.min(...leases.map(({ endsAt }) => endsAt));
}

function endText(loan: Loan): string {
  const end = endOf(loan);
  return Number.isFinite(end) ? new Date(end).toISOString() : 'never';
}

function secretOf(config: Config, { values, databaseUser }: Loan, name: SecretName): string | undefined {
  const value = config[name] ?? values[name];
  if (name !== 'PENNY_DATABASE_URL' || value === undefined || databaseUser === undefined) return value;
  const url = new URL(value);
  url.username = encodeURIComponent(databaseUser.user);
  url.password = encodeURIComponent(databaseUser.password);
  return url.href;
}

/** Has what these loans hold redacted everywhere; the loan before is still in use until its work is done. */
function hide(...loans: Loan[]): void {
  keepSecrets(
    'vault',
    loans.flatMap(({ login, values, databaseUser }) =>
      [login.token, databaseUser?.password, ...Object.values(values)].flatMap(valuesToHide),
    ),
  );
}

/** A secret; of an address only the password. */
function valuesToHide(secret: string | undefined): string[] {
  if (secret === undefined) return [];
  if (!secret.includes('://') || !URL.canParse(secret)) return [secret];
  const { password } = new URL(secret);
  return [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
