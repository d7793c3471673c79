import { readFile } from 'node:fs/promises';
import nodeVault from 'node-vault';
import { z } from 'zod';
import type { Config } from './config.ts';
import { PennyError } from './errors.ts';

/** What Vault lends: for so many seconds (Infinity: without an end), and whether it can be asked for more. */
export interface Lease {
  seconds: number;
  renewable: boolean;
}

/** A log-in at Vault and what may be done with it. Every call may throw what `vaultError` tells. */
export interface VaultLogin {
  token: string;
  lease: Lease;
  /** The keys and values of a KV version 2 secret, such as `secret/penny`. */
  readSettings(path: string): Promise<Record<string, unknown>>;
  /** A user of the database made for this log-in; it goes when the lease ends or the log-in does. */
  makeDatabaseUser(role: string): Promise<{ user: string; password: string; leaseId: string; lease: Lease }>;
  renew(): Promise<Lease>;
  renewLease(leaseId: string): Promise<Lease>;
  /** Ends the log-in and with it the users that were made. */
  revoke(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 5_000;

const lease = z.object({ lease_duration: z.number(), renewable: z.boolean() }).transform(
  ({ lease_duration, renewable }): Lease => ({
    seconds: lease_duration === 0 ? Infinity : lease_duration,
    renewable,
  }),
);
const login = z.object({ auth: z.object({ client_token: z.string() }) });
const settings = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) });
const databaseUser = z.object({
  lease_id: z.string(),
  data: z.object({ username: z.string(), password: z.string() }),
});

/**
 * Logs in at the Vault of the configuration, by AppRole or with the token of a Kubernetes pod.
 * @throws PennyError `secrets_unavailable` while Vault cannot answer, `invalid_config` when it refuses
 */
export async function logIn(config: Config): Promise<VaultLogin> {
  const client = nodeVault({
    endpoint: config.VAULT_ADDR,
    namespace: config.VAULT_NAMESPACE,
    // Without `strictSSL` an environment variable, of whatever value, would switch the check of certificates off.
    requestOptions: { timeout: REQUEST_TIMEOUT_MS, strictSSL: true },
  });
  // The client also takes a token from the environment, which is not ours to use.
  client.token = '';
  const call = async <Result>(what: string, schema: z.ZodType<Result>, request: () => Promise<unknown>) => {
    try {
      return schema.parse(await request());
    } catch (error) {
      throw vaultError(error, what, config);
    }
  };

  const isAppRole = config.VAULT_ROLE_ID !== undefined;
  const mount = config.VAULT_AUTH_MOUNT ?? (isAppRole ? 'approle' : 'kubernetes');
  const proof = isAppRole
    ? {
        role_id: config.VAULT_ROLE_ID,
        secret_id: config.VAULT_SECRET_ID ?? (await readProof(config.VAULT_SECRET_ID_FILE)),
      }
    : { role: config.VAULT_KUBERNETES_ROLE, jwt: await readProof(config.VAULT_KUBERNETES_TOKEN_FILE) };
  const path = `auth/${mount}/login`;
  const { auth } = await call(`the log-in at ${path}`, login.extend({ auth: login.shape.auth.and(lease) }), () =>
    client.write(path, proof),
  );
  client.token = auth.client_token;

  return {
    token: auth.client_token,
    lease: auth,
    async readSettings(setting) {
      const read = inside(setting, 'data');
      return (await call(`reading ${read}`, settings, () => client.read(read))).data.data;
    },
    async makeDatabaseUser(role) {
      const read = role.includes('/') ? role : `database/creds/${role}`;
      const made = await call(`reading ${read}`, databaseUser.and(lease), () => client.read(read));
      const { username: user, password } = made.data;
      return { user, password, leaseId: made.lease_id, lease: made };
    },
    async renew() {
      const path = 'auth/token/renew-self';
      return (await call('renewing the log-in', z.object({ auth: lease }), () => client.write(path, {}))).auth;
    },
    renewLease: (leaseId) =>
      call('renewing the database user', lease, () => client.write('sys/leases/renew', { lease_id: leaseId })),
    revoke: () =>
      call('ending the log-in', z.unknown(), () => client.write('auth/token/revoke-self', {})).then(() => {}),
  };
}

/** The path of the API for what people call `secret/penny`; mounts of several parts are written with the `/data/`. */
function inside(path: string, part: string): string {
  const parts = path.split('/').filter((piece) => piece !== '');
  return parts.includes(part) ? parts.join('/') : [parts[0], part, ...parts.slice(1)].join('/');
}

async function readProof(file = ''): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new PennyError('invalid_config', `The file ${file}, which is needed to log in at Vault, cannot be read.`, {
      cause,
    });
  }
}

const STATES: Record<number, string> = {
  429: 'is over its rate limit, or a standby',
  501: 'is not initialised',
  503: 'is sealed or being maintained',
};

/**
 * What to show for an error of the client. The cause keeps only words: the client's own error holds the request with its
 * token and secret id.
 */
function vaultError(error: unknown, what: string, { VAULT_ADDR = '' }: Config): PennyError {
  const { response, code } = error as { response?: { statusCode: number }; code?: string };
  const status = response?.statusCode;
  const address = new URL(VAULT_ADDR).host;
  const cause = new Error(error instanceof Error ? error.message : String(error));
  if (error instanceof z.ZodError) {
    return new PennyError(
      'invalid_config',
      `What Vault at ${address} answered to ${what} is not of the expected form.`,
      { cause },
    );
  }
  if (status === undefined) {
    return new PennyError('secrets_unavailable', `Vault at ${address} does not answer (${code ?? 'no connection'}).`, {
      cause,
    });
  }
  if (status >= 500 || status === 429 || status === 412) {
    const state = STATES[status] ?? `answered with status ${status}`;
    return new PennyError('secrets_unavailable', `Vault at ${address} ${state}.`, { cause });
  }
  return new PennyError('invalid_config', `Vault at ${address} refuses ${what} (status ${status}: ${hint(status)}).`, {
    cause,
  });
}

function hint(status: number): string {
  if (status === 403) return 'the policy of this role does not allow it, or the log-in has ended';
  if (status === 404) return 'there is nothing at that path';
  return 'check the role, its secret and the mount';
}
