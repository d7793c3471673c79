import type { Layout, UsedColumn } from './columns.ts';
import { DAILY, TAGS } from './daily.ts';
import type { Engine } from './engine.ts';
import { escapeGlob } from './files.ts';
import { LINE, TAG_KEY, tagValues } from './lines.ts';
import type { FileGroup } from './scan.ts';
import { literal } from './sql.ts';

/** Prepares the table `tag_sets`: what each `x__tag_key` stands for, as JSON with sorted keys, and the hash of that. */
export async function createTagSets(engine: Engine): Promise<void> {
  await engine.connection.run(`CREATE TEMP TABLE tag_sets (${TAG_KEY} UBIGINT, tags VARCHAR, content_hash VARCHAR)`);
}

/**
 * Adds the tags of a staged group of files to `tag_sets`. Lines without tags have no row there.
 */
export async function stageTags(engine: Engine, table: string, layout: Layout, group: FileGroup): Promise<void> {
  const values = tagValues(layout);
  if (values.length === 0) return;
  const rows =
    group.files[0]?.format === 'parquet'
      ? firstLines(table, layout, group)
      : `SELECT ${[TAG_KEY, ...values].join(', ')} FROM ${table} WHERE kind = ${TAGS}`;
  await engine.connection.run(`CREATE OR REPLACE TEMP TABLE tag_rows AS ${rows}`);
  await engine.connection.run(`
    INSERT INTO tag_sets
    WITH entries AS (${entries(layout)}),
    named AS (SELECT ${TAG_KEY}, key, max_by(value, ordinal) AS value FROM entries
      WHERE key <> '' AND value IS NOT NULL GROUP BY ${TAG_KEY}, key),
    sets AS (SELECT ${TAG_KEY}, CAST(to_json(map_from_entries(list({'k': key, 'v': value} ORDER BY key))) AS VARCHAR) AS tags
      FROM named GROUP BY ${TAG_KEY})
    SELECT ${TAG_KEY}, tags, md5(tags) FROM sets WHERE ${TAG_KEY} NOT IN (SELECT ${TAG_KEY} FROM tag_sets)`);
  await engine.connection.run('DROP TABLE tag_rows');
}

/** The tags where each set of them is first seen, so that of large maps only some are read a second time. */
function firstLines(table: string, layout: Layout, group: FileGroup): string {
  const tags = layout.used.filter(({ value }) => tagValues(layout).includes(value));
  const files = group.files.map(({ path }, index) => {
    const columns = tags.map(
      ({ ref, type, value }) => `${type === 'VARCHAR' ? `nullif(${ref}, '')` : ref} AS ${value}`,
    );
    return `SELECT ${columns.join(', ')} FROM read_parquet(${literal(escapeGlob(path))}, file_row_number = true, hive_partitioning = false)
      WHERE file_row_number IN (SELECT ${LINE} % 1099511627776 FROM firsts WHERE ${LINE} // 1099511627776 = ${index})`;
  });
  const values = tags.map(({ value }) => value).join(', ');
  return `WITH firsts AS (SELECT min(${LINE}) AS ${LINE} FROM ${table} WHERE kind = ${DAILY} GROUP BY ${TAG_KEY})
    SELECT DISTINCT ON (${TAG_KEY}) hash(${values}) AS ${TAG_KEY}, ${values} FROM (${files.join(' UNION ALL ')})`;
}

/** One row a tag. Of two that become the same key the later column's one stays. */
function entries(layout: Layout): string {
  return layout.tags
    .flatMap((tag, ordinal) => {
      const column = layout.used.find(({ name }) => name === tag.column);
      if (column === undefined) return [];
      const other = layout.used.find(({ name }) => name === tag.unless);
      const where = other === undefined ? '' : `WHERE ${other.value} IS NULL OR CAST(${other.value} AS VARCHAR) = '{}'`;
      if (tag.key !== undefined) {
        return [
          `SELECT ${TAG_KEY}, ${literal(tag.key)} AS key, CAST(${column.value} AS VARCHAR) AS value, ${ordinal} AS ordinal FROM tag_rows ${where}`,
        ];
      }
      return [
        `SELECT ${TAG_KEY}, ${tag.keySql ?? 'k'} AS key, v AS value, ${ordinal} AS ordinal FROM (${pairs(column)} ${where})`,
      ];
    })
    .join(' UNION ALL ');
}

/** The keys (`k`) and values (`v`) of a map, whatever form it has. */
function pairs({ value, type }: UsedColumn): string {
  if (type.startsWith('MAP(')) {
    return `SELECT *, entry.key AS k, CAST(entry.value AS VARCHAR) AS v FROM (SELECT *, unnest(map_entries(${value})) AS entry FROM tag_rows)`;
  }
  if (/^STRUCT\("?key"? VARCHAR, "?value"? VARCHAR\)\[\]$/i.test(type)) {
    return `SELECT *, entry.key AS k, entry.value AS v FROM (SELECT *, unnest(${value}) AS entry FROM tag_rows)`;
  }
  const json = type === 'VARCHAR' ? `CAST(${value} AS JSON)` : `to_json(${value})`;
  // An object, or (Google Cloud) a list of objects with a key and a value.
  return `SELECT tag_rows.*, coalesce(entry.key, entry.value->>'key') AS k,
    CASE WHEN entry.key IS NULL THEN entry.value->>'value' ELSE entry.value->>'$' END AS v
    FROM tag_rows, LATERAL (SELECT CASE WHEN json_type(${json}) = 'ARRAY' THEN NULL ELSE key END AS key, value FROM json_each(${json})) AS entry`;
}
