import type { Readable } from 'node:stream';
import type pg from 'pg';
import { type CsvFeed, copyInto, copyOut } from './copy.ts';

/**
 * Stores the sets of tags of a load that are new and returns the numbers of all of them, as CSV of content_hash, tag_set_id
 * and allocation_set_id. `allocationKeys` are the lower-cased keys of the allocation tags; of two keys that differ in case
 * the lower-cased one counts.
 */
export async function storeTagSets(
  client: pg.ClientBase,
  feed: CsvFeed,
  allocationKeys: readonly string[],
): Promise<Readable> {
  await client.query('CREATE TEMP TABLE load_tag_sets (content_hash text, tags jsonb) ON COMMIT DROP');
  await copyInto(client, 'load_tag_sets', feed);
  await client.query(
    `CREATE TEMP TABLE load_folded ON COMMIT DROP AS
     SELECT content_hash, tags, folded, coalesce(
       (SELECT jsonb_object_agg(key, value) FROM jsonb_each(folded) WHERE key = ANY ($1)), '{}') AS allocation
     FROM load_tag_sets, LATERAL (
       SELECT jsonb_object_agg(lower(key), value ORDER BY key = lower(key), key) AS folded FROM jsonb_each(tags)) AS lower_cased`,
    [allocationKeys],
  );
  await client.query(
    `INSERT INTO allocation_sets (tags) SELECT DISTINCT allocation FROM load_folded WHERE allocation <> '{}'
     ON CONFLICT (content_hash) DO NOTHING`,
  );
  await client.query(
    `INSERT INTO tag_sets (content_hash, tags, folded, allocation, allocation_set_id)
     SELECT load_folded.content_hash, load_folded.tags, folded, allocation, allocation_set_id
     FROM load_folded LEFT JOIN allocation_sets ON allocation_sets.content_hash = md5(allocation::text)
     ON CONFLICT (content_hash) DO UPDATE SET allocation = excluded.allocation, allocation_set_id = excluded.allocation_set_id
     WHERE tag_sets.allocation <> excluded.allocation`,
  );
  return copyOut(
    client,
    'SELECT content_hash, tag_set_id, allocation_set_id FROM tag_sets JOIN load_tag_sets USING (content_hash)',
  );
}
