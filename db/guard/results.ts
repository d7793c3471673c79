import pg from 'pg';
import type { Db } from '../client.ts';
import type { SqlValue } from './execute.ts';

const { builtins } = pg.types;
const NUMBERS: ReadonlySet<number> = new Set([builtins.INT2, builtins.INT4, builtins.FLOAT4, builtins.FLOAT8]);
const JSONS: ReadonlySet<number> = new Set([builtins.JSON, builtins.JSONB]);

/** A value in the text Postgres wrote, as JSON carries it. Instants are ISO 8601; the session is in UTC. */
export function readValue(text: string | null, oid: number): SqlValue {
  if (text === null) return null;
  if (oid === builtins.BOOL) return text === 't';
  if (NUMBERS.has(oid)) return Number.isFinite(Number(text)) ? Number(text) : text;
  if (JSONS.has(oid)) return JSON.parse(text) as SqlValue;
  if (oid === builtins.TIMESTAMPTZ) return text.replace(' ', 'T').replace(/\+00$/, 'Z');
  return text;
}

const known = new Map<number, string>();

/** The names of types, as SQL writes them, in the order of their numbers. */
export async function typeNames(db: Db, oids: readonly number[]): Promise<string[]> {
  const missing = [...new Set(oids)].filter((oid) => !known.has(oid));
  if (missing.length > 0) {
    const { rows } = await db.pool.query<{ oid: number; name: string }>(
      'SELECT oid, format_type(oid, NULL) AS name FROM unnest($1::oid[]) AS oid',
      [missing],
    );
    for (const { oid, name } of rows) known.set(oid, name);
  }
  return oids.map((oid) => known.get(oid) ?? 'unknown');
}
