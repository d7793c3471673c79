import pg from 'pg';
import { PennyError } from '../../errors.ts';
import { surviveLostConnections } from '../lost-connections.ts';
import { readAccess } from './roles.ts';

/** The pools that read on a person's behalf: `reader` with statements of ours, `ask` with statements of a model or a person. */
export interface OpenReaders {
  reader: pg.Pool;
  ask: pg.Pool;
  scopeKey: string;
}

/** Opens these pools when they are first asked for, and ends them. */
export interface Readers {
  /** @throws PennyError `database_schema` where the database was not set up for it */
  open(): Promise<OpenReaders>;
  end(): Promise<void>;
}

/** Free SQL gets few connections, so that it cannot take those of everything else. */
const ASK_CONNECTIONS = 4;

/** The readers of the database that `owner` is connected to with these options. */
export function makeReaders(owner: pg.Pool, options: pg.PoolConfig & { connectionString: string }): Readers {
  let opening: Promise<OpenReaders> | undefined;
  return {
    open() {
      opening ??= openReaders(owner, options).catch((error) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async end() {
      const opened = await opening?.catch(() => undefined);
      if (opened !== undefined) await Promise.all([opened.reader.end(), opened.ask.end()]);
    },
  };
}

async function openReaders(
  owner: pg.Pool,
  options: pg.PoolConfig & { connectionString: string },
): Promise<OpenReaders> {
  const access = await readAccess(owner);
  if (access === undefined) {
    throw new PennyError('database_schema', 'The database has no roles for reading yet. Run "penny migrate".');
  }
  const poolOf = (role: { user: string; password: string }, changes: pg.PoolConfig): pg.Pool => {
    const pool = new pg.Pool({ ...options, ...changes, connectionString: withRole(options.connectionString, role) });
    surviveLostConnections(pool);
    return pool;
  };
  // What free SQL returns is handed on as Postgres wrote it.
  const asText = { getTypeParser: () => (value: string) => value } as pg.CustomTypesConfig;
  return {
    reader: poolOf(access.reader, {}),
    ask: poolOf(access.ask, { max: ASK_CONNECTIONS, types: asText }),
    scopeKey: access.scopeKey,
  };
}

function withRole(connectionString: string, { user, password }: { user: string; password: string }): string {
  const url = new URL(connectionString);
  url.username = user;
  url.password = password;
  return url.href;
}
