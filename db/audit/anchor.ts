import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import { PennyError } from '../../errors.ts';

const anchorSchema = z.object({
  entryId: z.number().int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
});

/** The hash of an entry, written down outside of the database: proof of everything up to it. `at` is when, ISO 8601. */
export type Anchor = z.infer<typeof anchorSchema>;

/** The anchor of the newest entry; undefined when there is none. */
export async function newestAnchor(pool: pg.Pool, now: Date): Promise<Anchor | undefined> {
  const { rows } = await pool.query<{ entry_id: string; hash: string }>(
    'SELECT entry_id, hash FROM audit_log ORDER BY entry_id DESC LIMIT 1',
  );
  const [row] = rows;
  return row && { entryId: Number(row.entry_id), hash: row.hash, at: now.toISOString() };
}

/** Adds an anchor to a file of JSON Lines, unless it ends with the same one. */
export function appendAnchor(file: string, anchor: Anchor): boolean {
  const last = readAnchors(file).at(-1);
  if (last?.entryId === anchor.entryId && last.hash === anchor.hash) return false;
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(anchor)}\n`, { mode: 0o600 });
  return true;
}

/**
 * The anchors of a file, the oldest first; none when there is no such file.
 * @throws PennyError `value_invalid` naming the line that is no anchor
 */
export function readAnchors(file: string): Anchor[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line, index) => parseAnchor(line, `${file}, line ${index + 1}`));
}

function parseAnchor(line: string, place: string): Anchor {
  try {
    return anchorSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new PennyError('value_invalid', `${place} is no anchor of an audit log; restore the file from a copy.`, {
      cause,
    });
  }
}
