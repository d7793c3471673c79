import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { PennyError } from '../errors.ts';
import { makeReaders, type Readers } from './access/readers.ts';
import { surviveLostConnections } from './lost-connections.ts';
import { rotatingPool } from './rotation.ts';
import * as schema from './schema/index.ts';

/** A pool of connections and the typed query builder on top of it. */
export interface Db {
  pool: pg.Pool;
  orm: NodePgDatabase<typeof schema>;
  /** The connections that read on a person's behalf; made when they are first needed. */
  readers: Readers;
}

/**
 * Returns a pool for `address`, a function where user and password change (rotation.ts); nothing is connected until the first query. In
 * what comes back `numeric` and `bigint` are text (money never passes through a float), `date` is text 'YYYY-MM-DD',
 * `timestamptz` is a Date. Every session is in UTC, so that a day is the same day everywhere.
 */
export function connect(
  address: string | (() => string),
  options: { max?: number; applicationName?: string } = {},
): Db {
  const settings = {
    connectionString: withUtc(typeof address === 'string' ? address : address()),
    max: options.max ?? 10,
    application_name: options.applicationName ?? `penny ${process.pid}`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types: { getTypeParser },
  };
  const pool = typeof address === 'string' ? new pg.Pool(settings) : rotatingPool(settings, () => withUtc(address()));
  surviveLostConnections(pool);
  return { pool, orm: drizzle({ client: pool, schema, casing: 'snake_case' }), readers: makeReaders(pool, settings) };
}

/** Ends the pools once the queries under way are done. */
export async function closeDb(db: Db): Promise<void> {
  await db.readers.end();
  await db.pool.end();
}

/**
 * Returns what to show for an error of the driver: `database_unavailable` when the server cannot be reached, refuses the
 * log-in or goes away, `query_timeout` when it stopped the query, and any other error unchanged.
 */
export function databaseError(error: unknown): unknown {
  if (error instanceof PennyError) return error;
  const found = codeOf(error);
  if (found === '57014') return new PennyError('query_timeout', undefined, { cause: error });
  const reason = unavailableReason(found, messageOf(error));
  if (reason === undefined) return error;
  return new PennyError('database_unavailable', `The database cannot be reached: ${reason}`, { cause: error });
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens at that address. Start Postgres or correct PENNY_DATABASE_URL.',
  ECONNRESET: 'it closed the connection. Try again in a moment.',
  EPIPE: 'it closed the connection. Try again in a moment.',
  ENOTFOUND: 'its host name is unknown. Correct PENNY_DATABASE_URL.',
  EAI_AGAIN: 'its host name could not be looked up. Check the network and PENNY_DATABASE_URL.',
  EHOSTUNREACH: 'there is no way to its host. Check the network and PENNY_DATABASE_URL.',
  ETIMEDOUT: 'it does not answer. Check the network and PENNY_DATABASE_URL.',
  '28000': 'it does not accept this user. Correct PENNY_DATABASE_URL.',
  '28P01': 'the password is wrong. Correct PENNY_DATABASE_URL.',
  '3D000': 'there is no such database. Create it or correct PENNY_DATABASE_URL.',
  '53300': 'it has no connection left. Try again in a moment or raise max_connections.',
  '57P01': 'it is being shut down. Try again in a moment.',
  '57P02': 'it is restarting after a crash. Try again in a moment.',
  '57P03': 'it is starting or stopping. Try again in a moment.',
};

function unavailableReason(code: string | undefined, message: string): string | undefined {
  if (code !== undefined && REASONS[code] !== undefined) return REASONS[code];
  // The driver has no codes for these.
  if (/timeout exceeded when trying to connect|connection timeout/i.test(message)) return REASONS.ETIMEDOUT;
  if (/connection terminated|not queryable/i.test(message)) return REASONS.ECONNRESET;
  if (/does not support SSL/i.test(message)) return 'it offers no TLS. Change sslmode in PENNY_DATABASE_URL.';
  return undefined;
}

/** Returns the SQLSTATE or system code of an error, also when drizzle or Node wrapped it. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return 'cause' in error ? codeOf(error.cause) : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${messageOf(error.cause)}` : '';
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: never) => unknown {
  if (oid === pg.types.builtins.DATE && format !== 'binary') return (value: string) => value;
  return pg.types.getTypeParser(oid, format as 'text') as (value: never) => unknown;
}

function withUtc(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new PennyError('invalid_config', 'PENNY_DATABASE_URL is not a URL such as postgres://user@host:5432/penny.', {
      cause,
    });
  }
  const options = parsed.searchParams.get('options');
  parsed.searchParams.set('options', `${options === null ? '' : `${options} `}-c TimeZone=UTC`);
  return parsed.href;
}
