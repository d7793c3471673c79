import type { Db } from '../client.ts';

/**
 * Returns whether just these files are loaded and in force, each with the mapping that its source has now (`mappings`, by the id of the
 * source): each of them, and none beside them in the loads they came with. `uris` name files with what tells their contents apart.
 * @throws PennyError `database_unavailable`
 */
export async function isDelivered(
  db: Db,
  uris: readonly string[],
  mappings: Readonly<Record<string, string>>,
): Promise<boolean> {
  const { rows } = await db.pool.query<{ same: boolean }>(
    `WITH loaded AS (
       SELECT DISTINCT unnest(load.uris) AS uri FROM billing_loads AS load
       WHERE load.is_current AND load.mapping_version = $2::jsonb ->> load.source_id AND load.uris && $1::text[] AND NOT EXISTS (
         SELECT FROM billing_load_periods AS period WHERE period.load_id = load.load_id AND NOT period.is_current)
     )
     SELECT NOT EXISTS (SELECT FROM loaded FULL JOIN (SELECT DISTINCT unnest($1::text[]) AS uri) AS wanted USING (uri)
       WHERE loaded.uri IS NULL OR wanted.uri IS NULL) AS same`,
    [uris, JSON.stringify(mappings)],
  );
  return rows[0]?.same ?? false;
}

/** Records where the files of a load came from, in place of where they lay while it was loaded. */
export async function nameFiles(db: Db, loadId: number, uris: readonly string[]): Promise<void> {
  await db.pool.query('UPDATE billing_loads SET uris = $2 WHERE load_id = $1 AND uris IS DISTINCT FROM $2', [
    loadId,
    uris,
  ]);
}
