import type { Readable } from 'node:stream';
import type pg from 'pg';
import { type CsvFeed, copyInto, copyOut } from './copy.ts';

/**
 * Stores the sets of tags of a load that are new and returns the numbers of all of them, as CSV of content_hash, tag_set_id
 * and allocation_set_id. The feed has the hash of each set, its tags, the folded ones (NULL for the same), and the allocation tags among these
 * (NULL for none), as JSON.
 */
export async function storeTagSets(client: pg.ClientBase, feed: CsvFeed): Promise<Readable> {
  await client.query(
    'CREATE TEMP TABLE load_tag_sets (content_hash text, tags jsonb, folded jsonb, allocation jsonb) ON COMMIT DROP',
  );
  await copyInto(client, 'load_tag_sets', feed);
  await client.query(
    `INSERT INTO allocation_sets (tags) SELECT DISTINCT allocation FROM load_tag_sets WHERE allocation IS NOT NULL
     ON CONFLICT (content_hash) DO NOTHING`,
  );
  await client.query(
    `INSERT INTO tag_sets (content_hash, tags, folded, allocation, allocation_set_id)
     SELECT load_tag_sets.content_hash, load_tag_sets.tags, coalesce(folded, load_tag_sets.tags), coalesce(allocation, '{}'), allocation_set_id
     FROM load_tag_sets LEFT JOIN allocation_sets ON allocation_sets.content_hash = md5(allocation::text)
     ON CONFLICT (content_hash) DO UPDATE SET allocation = excluded.allocation, allocation_set_id = excluded.allocation_set_id
     WHERE tag_sets.allocation <> excluded.allocation`,
  );
  return copyOut(
    client,
    'SELECT content_hash, tag_set_id, allocation_set_id FROM tag_sets JOIN load_tag_sets USING (content_hash)',
  );
}
