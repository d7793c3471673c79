import { z } from 'zod';
import type { Config } from '../config.ts';
import { PennyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { closeDb, connect, type Db, databaseError } from './client.ts';
import { openEmbedded } from './embedded.ts';

/** An open database; `close` ends its connections and, when this process is its last user, the embedded server. */
export interface OpenDatabase {
  db: Db;
  url: string;
  close(): Promise<void>;
}

const OLDEST_VERSION = 150_000;

/**
 * Returns the database of the configuration: PENNY_DATABASE_URL, or else the embedded Postgres of PENNY_HOME. It runs no
 * migration. `exclusive` (for `penny serve`) refuses a second exclusive user of one PENNY_HOME; a Postgres of one's own
 * may have many.
 * @throws PennyError `database_unavailable`, `database_busy`, `database_schema` (Postgres older than 15)
 */
export async function openDatabase(
  config: Config,
  log: Log,
  options: { exclusive?: boolean; max?: number } = {},
): Promise<OpenDatabase> {
  const embedded =
    config.PENNY_DATABASE_URL === undefined
      ? await openEmbedded(config.PENNY_HOME, log, { exclusive: options.exclusive ?? false })
      : undefined;
  const address = embedded?.url ?? (() => config.PENNY_DATABASE_URL ?? '');
  const db = connect(address, options.max === undefined ? {} : { max: options.max });
  const close = async (): Promise<void> => {
    await closeDb(db);
    await embedded?.close();
  };
  try {
    await checkVersion(db);
  } catch (error) {
    await close();
    throw databaseError(error);
  }
  return { db, url: typeof address === 'string' ? address : address(), close };
}

const versionSchema = z.object({ number: z.coerce.number(), text: z.string() });

async function checkVersion(db: Db): Promise<void> {
  const { rows } = await db.pool.query(
    "SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS text",
  );
  const version = versionSchema.parse(rows[0]);
  if (version.number >= OLDEST_VERSION) return;
  throw new PennyError(
    'database_schema',
    `Penny needs Postgres 15 or newer; this one is ${version.text}. Set PENNY_DATABASE_URL to a newer one.`,
  );
}
