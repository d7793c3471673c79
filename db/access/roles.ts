import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { SERVICE_SECRETS } from '../schema/service-secrets.ts';
import { ROW_POLICIES, SHARED_TABLES } from './policies.ts';
import { ASK_VIEWS } from './views.ts';

/**
 * The two roles that read on a person's behalf, and the key that signs what they may see. `reader` reads the tables, with statements
 * of ours; `ask` reads the views of schema `ask`, with statements that a model or a person wrote. Both may log in, own no
 * table, write nothing, and see the rows that the policies let through.
 */
export interface Access {
  reader: { user: string; password: string };
  ask: { user: string; password: string };
  /** Owns the audit log, and nobody logs in as it: so the service itself has no right to change an entry. */
  auditor: string;
  /** 32 bytes in hex. */
  scopeKey: string;
}

type SecretName = (typeof SERVICE_SECRETS)[number];

/** The roles of this database; undefined where it was not set up yet. */
export async function readAccess(client: pg.ClientBase | pg.Pool): Promise<Access | undefined> {
  const { rows } = await client.query<{ name: SecretName; value: string }>('SELECT name, value FROM service_secrets');
  const values = new Map(rows.map(({ name, value }) => [name, value]));
  const suffix = values.get('role_suffix');
  const [reader, ask, scopeKey] = (['reader_password', 'ask_password', 'scope_key'] as const).map((name) =>
    values.get(name),
  );
  if (suffix === undefined || reader === undefined || ask === undefined || scopeKey === undefined) return undefined;
  return {
    reader: { user: `penny_reader_${suffix}`, password: reader },
    ask: { user: `penny_ask_${suffix}`, password: ask },
    auditor: `penny_auditor_${suffix}`,
    scopeKey,
  };
}

/**
 * The roles of this database, made if the server lacks them: a server may hold several databases of Penny, and a copy of a database
 * may come to a server without its roles.
 */
export async function ensureRoles(client: pg.ClientBase): Promise<Access> {
  const drawn: [SecretName, string][] = [
    ['role_suffix', randomBytes(4).toString('hex')],
    ['reader_password', randomBytes(24).toString('base64url')],
    ['ask_password', randomBytes(24).toString('base64url')],
    ['scope_key', randomBytes(32).toString('hex')],
  ];
  for (const secret of drawn) {
    await client.query('INSERT INTO service_secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', secret);
  }
  const access = await readAccess(client);
  if (access === undefined) throw new Error('the roles were just drawn and are not there');
  for (const role of [access.reader, access.ask]) await ensureReader(client, role);
  if (!(await roleExists(client, access.auditor))) await client.query(`CREATE ROLE ${access.auditor} NOLOGIN`);
  return access;
}

/**
 * Makes the session a member of the auditor for as long as `work` takes: to change the definition of the audit log, as a
 * migration may have to, and to hand it over.
 */
export async function asAuditor(client: pg.ClientBase, work: () => Promise<void>): Promise<void> {
  const auditor = (await secretsExist(client)) ? (await readAccess(client))?.auditor : undefined;
  if (auditor !== undefined && (await roleExists(client, auditor)))
    await client.query(`GRANT ${auditor} TO CURRENT_USER`);
  try {
    await work();
  } finally {
    await leaveAuditor(client);
  }
}

/** Not at all after a migration that failed before there was an auditor, whose error must not be hidden by one of ours. */
async function leaveAuditor(client: pg.ClientBase): Promise<void> {
  const auditor = (await secretsExist(client)) ? (await readAccess(client))?.auditor : undefined;
  if (auditor !== undefined && (await roleExists(client, auditor)))
    await client.query(`REVOKE ${auditor} FROM CURRENT_USER`);
}

async function secretsExist(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>(
    "SELECT to_regclass('service_secrets') IS NOT NULL AS exists",
  );
  return rows[0]?.exists === true;
}

async function roleExists(client: pg.ClientBase, role: string): Promise<boolean> {
  return (await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role])).rowCount === 1;
}

async function ensureReader(client: pg.ClientBase, { user, password }: Access['ask']): Promise<void> {
  if (!(await roleExists(client, user))) {
    // The server gets a verifier, so that no log of its statements holds the password.
    await client.query(`CREATE ROLE ${user} LOGIN NOINHERIT CONNECTION LIMIT 40 PASSWORD '${scramVerifier(password)}'`);
  }
  const settings = {
    default_transaction_read_only: 'on',
    statement_timeout: '30s',
    lock_timeout: '5s',
    idle_in_transaction_session_timeout: '60s',
  };
  for (const [name, value] of Object.entries(settings))
    await client.query(`ALTER ROLE ${user} SET ${name} = '${value}'`);
  // The owner hands the views over to the reader, and ends statements of both when their asker has gone.
  await client.query(`GRANT ${user} TO CURRENT_USER`);
}

/** What Postgres keeps of a password (RFC 5803). */
function scramVerifier(password: string): string {
  const iterations = 4096;
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest();
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored.toString('base64')}:${keyed('Server Key').toString('base64')}`;
}

/** Gives the audit log to the auditor and leaves the service the right to add to it and to read it. */
function handOver(auditor: string): string[] {
  const functions = ['audit_text(public.audit_log)', 'chain_audit_log()', 'refuse_change_of_audit_log()'];
  return [
    `GRANT ${auditor} TO CURRENT_USER`,
    `GRANT CREATE, USAGE ON SCHEMA public TO ${auditor}`,
    `ALTER TABLE public.audit_log OWNER TO ${auditor}`,
    ...functions.map((name) => `ALTER FUNCTION public.${name} OWNER TO ${auditor}`),
    `REVOKE CREATE ON SCHEMA public FROM ${auditor}`,
    'REVOKE ALL ON public.audit_log FROM PUBLIC',
    'GRANT SELECT, INSERT ON public.audit_log TO CURRENT_USER',
    'GRANT EXECUTE ON FUNCTION public.audit_text(public.audit_log) TO CURRENT_USER',
  ];
}

/** What each role may do, and no more. */
export function grants(access: Access, database: string): string[] {
  const { reader, ask } = { reader: access.reader.user, ask: access.ask.user };
  const tables = [...Object.keys(ROW_POLICIES), ...SHARED_TABLES].map((table) => `public.${table}`);
  const views = ASK_VIEWS.map(({ name }) => `ask.${name}`);
  return [
    `GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(database)} TO ${reader}, ${ask}`,
    `REVOKE TEMPORARY ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC`,
    'REVOKE ALL ON SCHEMA public FROM PUBLIC',
    `GRANT USAGE ON SCHEMA public, access TO ${reader}`,
    `GRANT USAGE ON SCHEMA ask, access TO ${ask}`,
    'REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public, access FROM PUBLIC',
    `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA access TO ${reader}, ${ask}`,
    // With it the owner reads facts of the whole estate in the state that a reader is in.
    `GRANT EXECUTE ON FUNCTION pg_export_snapshot() TO ${reader}`,
    `GRANT SELECT ON ${tables.join(', ')} TO ${reader}`,
    `GRANT USAGE, CREATE ON SCHEMA ask TO ${reader}`,
    ...views.map((view) => `ALTER VIEW ${view} OWNER TO ${reader}`),
    `REVOKE CREATE ON SCHEMA ask FROM ${reader}`,
    ...handOver(access.auditor),
    ...views.map((view) => `GRANT SELECT ON ${view} TO ${ask}`),
  ];
}
