import { z } from 'zod';
import type { Layout, UsedColumn } from './columns.ts';
import { DAILY, TAGS } from './daily.ts';
import { type Engine, query } from './engine.ts';
import { escapeGlob } from './files.ts';
import { FILE_LINES, LINE, TAG_KEY, tagValues } from './lines.ts';
import type { FileGroup } from './scan.ts';
import { literal, literals } from './sql.ts';

/**
 * Prepares the table `tag_sets`: what each `x__tag_key` stands for, as JSON with sorted keys and the hash of that; the same
 * with lower-cased keys, NULL where that is no different; and of those the allocation tags.
 */
export async function createTagSets(engine: Engine): Promise<void> {
  await engine.connection.run(
    `CREATE TABLE tag_sets (${TAG_KEY} UBIGINT, content_hash VARCHAR, tags VARCHAR, folded VARCHAR, allocation VARCHAR)`,
  );
}

/**
 * Adds the tags of a summed group of files to `tag_sets`. Lines without tags have no row there. Of two keys that differ in
 * case only, the lower-cased one counts where they are folded.
 */
export async function stageTags(
  engine: Engine,
  table: string,
  layout: Layout,
  group: FileGroup,
  allocationKeys: readonly string[],
): Promise<void> {
  const values = tagValues(layout);
  if (values.length === 0) return;
  const rows =
    group.files[0]?.format === 'parquet'
      ? await firstLines(engine, table, layout, group)
      : `SELECT ${[TAG_KEY, ...values].join(', ')} FROM ${table} WHERE kind = ${TAGS}`;
  const json = (filter: string) =>
    `CAST(to_json(map_from_entries(list_sort(list({'k': key, 'v': value}) ${filter}))) AS VARCHAR)`;
  const allocation = json(
    `FILTER (WHERE ${allocationKeys.length === 0 ? 'false' : `key IN (${literals(allocationKeys)})`})`,
  );
  await engine.connection.run(`CREATE OR REPLACE TABLE tag_rows AS ${rows}`);
  // Most sets have no capitals in their keys, and are folded as they are.
  await engine.connection.run(`
    INSERT INTO tag_sets
    WITH named AS MATERIALIZED (SELECT ${TAG_KEY}, key, max_by(value, ordinal) AS value FROM (${entries(layout)})
      WHERE key <> '' AND value IS NOT NULL GROUP BY ${TAG_KEY}, key),
    sets AS MATERIALIZED (SELECT ${TAG_KEY}, ${json('')} AS tags, ${allocation} AS allocation, bool_or(key <> lower(key)) AS has_capitals
      FROM named GROUP BY ${TAG_KEY}),
    lower_cased AS (SELECT ${TAG_KEY}, lower(key) AS key, max_by(value, (key = lower(key), key)) AS value FROM named
      WHERE ${TAG_KEY} IN (SELECT ${TAG_KEY} FROM sets WHERE has_capitals) GROUP BY ALL),
    folded_sets AS (SELECT ${TAG_KEY}, ${json('')} AS folded, ${allocation} AS allocation FROM lower_cased GROUP BY ${TAG_KEY})
    SELECT ${TAG_KEY}, md5(tags), tags, folded, CASE WHEN has_capitals THEN folded_sets.allocation ELSE sets.allocation END
    FROM sets LEFT JOIN folded_sets USING (${TAG_KEY}) WHERE ${TAG_KEY} NOT IN (SELECT ${TAG_KEY} FROM tag_sets)`);
  await engine.connection.run('DROP TABLE tag_rows');
}

const BUCKET_ROWS = 8192;
const MOST_RANGES = 100;

/** The tags where each set of them is first seen, so that of large maps only some parts are read a second time. */
async function firstLines(engine: Engine, table: string, layout: Layout, group: FileGroup): Promise<string> {
  const tags = layout.used.filter(({ value }) => tagValues(layout).includes(value));
  await engine.connection.run(
    `CREATE OR REPLACE TABLE first_lines AS SELECT ${LINE} // ${FILE_LINES} AS file, ${LINE} % ${FILE_LINES} AS line
     FROM (SELECT min(${LINE}) AS ${LINE} FROM ${table} WHERE kind = ${DAILY} GROUP BY ${TAG_KEY})`,
  );
  const buckets = await query(
    engine,
    `SELECT DISTINCT file, line // ${BUCKET_ROWS} AS bucket FROM first_lines ORDER BY file, bucket`,
    z.object({ file: z.coerce.number(), bucket: z.coerce.number() }),
  );
  const files = group.files.map(({ path }, index) => {
    const columns = tags.map(({ ref, value }) => `${ref} AS ${value}`);
    const ranges = rangesSql(buckets.filter(({ file }) => file === index).map(({ bucket }) => bucket));
    return `SELECT ${columns.join(', ')} FROM read_parquet(${literal(escapeGlob(path))}, file_row_number = true, hive_partitioning = false)
      WHERE ${ranges} AND file_row_number IN (SELECT line FROM first_lines WHERE file = ${index})`;
  });
  const values = tags.map(({ value }) => value).join(', ');
  return `SELECT DISTINCT ON (${TAG_KEY}) hash(${values}) AS ${TAG_KEY}, ${values} FROM (${files.join(' UNION ALL ')})`;
}

/** DuckDB skips the row groups of a file that none of these ranges of rows meets; too many of them cost more than they save. */
function rangesSql(buckets: readonly number[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const bucket of buckets) {
    const last = ranges.at(-1);
    if (last !== undefined && bucket <= last.to + 1) last.to = bucket;
    else ranges.push({ from: bucket, to: bucket });
  }
  if (ranges.length === 0) return 'false';
  if (ranges.length > MOST_RANGES) return 'true';
  const within = ranges.map(
    ({ from, to }) => `file_row_number BETWEEN ${from * BUCKET_ROWS} AND ${(to + 1) * BUCKET_ROWS - 1}`,
  );
  return `(${within.join(' OR ')})`;
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
          `SELECT ${TAG_KEY}, ${literal(tag.key)} AS key, CAST(${column.filled} AS VARCHAR) AS value, ${ordinal} AS ordinal FROM tag_rows ${where}`,
        ];
      }
      return [
        `SELECT ${TAG_KEY}, ${tag.keySql ?? 'k'} AS key, v AS value, ${ordinal} AS ordinal FROM (${pairs(column)} ${where})`,
      ];
    })
    .join(' UNION ALL ');
}

/** The keys (`k`) and values (`v`) of a map, whatever form it has. */
function pairs({ value, filled, type }: UsedColumn): string {
  if (type.startsWith('MAP(')) {
    return `SELECT *, entry.key AS k, CAST(entry.value AS VARCHAR) AS v FROM (SELECT *, unnest(map_entries(${value})) AS entry FROM tag_rows)`;
  }
  if (/^STRUCT\("?key"? VARCHAR, "?value"? VARCHAR\)\[\]$/i.test(type)) {
    return `SELECT *, entry.key AS k, entry.value AS v FROM (SELECT *, unnest(${value}) AS entry FROM tag_rows)`;
  }
  const json = type === 'VARCHAR' ? `CAST(${filled} AS JSON)` : `to_json(${value})`;
  // An object, or (Google Cloud) a list of objects with a key and a value.
  return `SELECT tag_rows.*, coalesce(entry.key, entry.value->>'key') AS k,
    CASE WHEN entry.key IS NULL THEN entry.value->>'value' ELSE entry.value->>'$' END AS v
    FROM tag_rows, LATERAL (SELECT CASE WHEN json_type(${json}) = 'ARRAY' THEN NULL ELSE key END AS key, value FROM json_each(${json})) AS entry`;
}
