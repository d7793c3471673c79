import type pg from 'pg';

/** An entry of the audit log as it is shown and exported. Instants are ISO 8601 with microseconds. */
export interface AuditRecord {
  entryId: number;
  occurredAt: string;
  actorId: string | null;
  actor: string;
  surface: string;
  event: string;
  subjectType: string | null;
  subjectId: string | null;
  details: Record<string, unknown>;
  previousHash: string;
  hash: string;
}

export interface AuditFilter {
  actor?: string | undefined;
  event?: string | undefined;
  subjectType?: string | undefined;
  subjectId?: string | undefined;
  /** Instants, [since, until). */
  since?: Date;
  until?: Date;
}

/** Entries that match, the newest first, from before `before` on. */
export async function listAudit(
  pool: pg.Pool,
  filter: AuditFilter,
  { before, limit }: { before?: number; limit: number },
): Promise<AuditRecord[]> {
  const { actor, event, subjectType, subjectId, since, until } = filter;
  const { rows } = await pool.query(
    `SELECT entry_id, ${COLUMNS} FROM audit_log
     WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR event = $2) AND ($3::text IS NULL OR subject_type = $3)
       AND ($4::text IS NULL OR subject_id = $4) AND ($5::timestamptz IS NULL OR occurred_at >= $5)
       AND ($6::timestamptz IS NULL OR occurred_at < $6) AND ($7::bigint IS NULL OR entry_id < $7)
     ORDER BY entry_id DESC LIMIT $8`,
    [
      actor ?? null,
      event ?? null,
      subjectType ?? null,
      subjectId ?? null,
      since ?? null,
      until ?? null,
      before ?? null,
      limit,
    ],
  );
  return rows.map(toRecord);
}

/** Every entry, the oldest first, page by page. */
export async function* exportAudit(pool: pg.Pool): AsyncGenerator<AuditRecord[]> {
  for (let after = 0; ; ) {
    const { rows } = await pool.query(
      `SELECT entry_id, ${COLUMNS} FROM audit_log WHERE entry_id > $1 ORDER BY entry_id LIMIT 2000`,
      [after],
    );
    if (rows.length === 0) return;
    const page = rows.map(toRecord);
    yield page;
    after = page.at(-1)?.entryId ?? after;
  }
}

const COLUMNS = `to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS occurred_at, actor_id, actor, surface,
  event, subject_type, subject_id, details, previous_hash, hash`;

function toRecord(row: pg.QueryResultRow): AuditRecord {
  return {
    entryId: Number(row.entry_id),
    occurredAt: row.occurred_at,
    actorId: row.actor_id,
    actor: row.actor,
    surface: row.surface,
    event: row.event,
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    details: row.details,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}
