import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Anchor } from './anchor.ts';

/** Whether the chain holds. `broken` names the first entry that does not fit, and what is wrong with it. */
export interface Verification {
  entries: number;
  /** Of the last entry; null for an empty log. */
  lastHash: string | null;
  /** Entries that were not chained yet. */
  pending: number;
  /** How many anchors the log was compared with. */
  anchors: number;
  broken: { entryId: number; reason: string } | null;
}

interface Row extends pg.QueryResultRow {
  entry_id: string;
  previous_hash: string;
  hash: string;
  text: string;
}

const PAGE = 5_000;
const START = '0'.repeat(64);

/**
 * Walks the whole chain and compares it with anchors, which were written outside of the database. An edited, deleted, reordered or
 * inserted entry breaks the chain where it stands. Whoever can rewrite the database can chain everything after it anew, or cut the end
 * off: that breaks the first anchor after it.
 */
export async function verifyAudit(pool: pg.Pool, anchors: readonly Anchor[]): Promise<Verification> {
  const expected = new Map(anchors.map(({ entryId, hash }) => [entryId, hash]));
  const { rows: pending } = await pool.query<{ count: string }>('SELECT count(*) FROM audit_pending');
  const found: Verification = {
    entries: 0,
    lastHash: null,
    pending: Number(pending[0]?.count),
    anchors: anchors.length,
    broken: null,
  };
  for await (const row of entries(pool)) {
    const reason = flawOf(row, found.entries + 1, found.lastHash ?? START) ?? anchorFlaw(row, expected);
    if (reason !== undefined) return { ...found, broken: { entryId: Number(row.entry_id), reason } };
    found.entries += 1;
    found.lastHash = row.hash;
  }
  const beyond = Math.max(0, ...expected.keys());
  if (beyond <= found.entries) return found;
  const reason = `An anchor names entry ${beyond}, but the log ends with entry ${found.entries}: its end was cut off.`;
  return { ...found, broken: { entryId: found.entries + 1, reason } };
}

async function* entries(pool: pg.Pool): AsyncGenerator<Row> {
  for (let after = '0'; ; ) {
    const { rows } = await pool.query<Row>(
      `SELECT entry_id, previous_hash, hash, audit_text(entry) AS text FROM audit_log AS entry
       WHERE entry_id > $1 ORDER BY entry_id LIMIT ${PAGE}`,
      [after],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.entry_id;
  }
}

function flawOf(row: Row, place: number, previous: string): string | undefined {
  if (Number(row.entry_id) !== place) return `Entry ${place} is missing: it was deleted or moved.`;
  if (row.previous_hash !== previous)
    return 'It does not follow the entry before it: one of them was replaced or moved.';
  const hash = createHash('sha256').update(row.text).digest('hex');
  return hash === row.hash ? undefined : 'Its hash is not that of its contents: it was changed.';
}

function anchorFlaw(row: Row, expected: ReadonlyMap<number, string>): string | undefined {
  const hash = expected.get(Number(row.entry_id));
  if (hash === undefined || hash === row.hash) return undefined;
  return 'An anchor written at the time holds another hash: this entry or one before it was rewritten.';
}
