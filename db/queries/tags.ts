import { type SQL, sql } from 'drizzle-orm';
import type { TagSource } from './relations.ts';

/** The condition that the charge carries the tag with one of these values, case aside. */
export function taggedWith(tags: TagSource, key: string, values: readonly string[]): SQL {
  const folded = values.map((value) => value.toLowerCase());
  return refersTo(tags, sql`lower(${spelling(tags, key)}) = ANY(${sql.param(folded)}::text[])`);
}

/** The condition that the charge carries the tag with none of these values, or not at all. */
export function notTaggedWith(tags: TagSource, key: string, values: readonly string[]): SQL {
  return sql`(${tags.reference} IS NULL OR NOT ${taggedWith(tags, key, values)})`;
}

/** The condition that the charge carries the tag with a value that holds one of these texts, case aside. */
export function taggedWithText(tags: TagSource, key: string, texts: readonly string[]): SQL {
  const folded = texts.map((text) => text.toLowerCase());
  return refersTo(
    tags,
    sql`EXISTS (SELECT FROM unnest(${sql.param(folded)}::text[]) AS part WHERE position(part IN lower(${spelling(tags, key)})) > 0)`,
  );
}

/** The condition that the charge carries the tag at all. */
export function tagged(tags: TagSource, key: string): SQL {
  return sql`(${tags.reference} IS NOT NULL AND ${refersTo(tags, sql`${spelling(tags, key)} IS NOT NULL`)})`;
}

/**
 * A query of `set_id` and `value`: what each set of tags says for the key. Values that differ in case only are one value,
 * shown in the spelling that most sets of tags have.
 */
export function valuesOfTag(tags: TagSource, key: string): SQL {
  const value = spelling(tags, key);
  return sql`SELECT set_id, first_value(value) OVER (PARTITION BY lower(value) ORDER BY sets DESC, value) AS value
    FROM (SELECT ${tags.id} AS set_id, ${value} AS value, count(*) OVER (PARTITION BY ${value}) AS sets
      FROM ${tags.table} WHERE ${value} IS NOT NULL) AS spelt`;
}

function refersTo(tags: TagSource, condition: SQL): SQL {
  return sql`${tags.reference} IN (SELECT ${tags.id} FROM ${tags.table} WHERE ${condition})`;
}

function spelling(tags: TagSource, key: string): SQL {
  return sql`(${tags.tags} ->> ${key.toLowerCase()})`;
}
