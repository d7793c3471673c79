import { type SQL, sql } from 'drizzle-orm';
import type { ColumnDimension, CostFilter } from './dimensions.ts';
import type { TagSource } from './relations.ts';
import { notTaggedWith, tagged, taggedWith, taggedWithText } from './tags.ts';

/**
 * The condition that a charge passes a filter. A charge without the column or tag passes 'not in' and 'is null' and fails
 * the rest, so that 'in' and 'not in' of the same values always add up to everything.
 */
export function passes(filter: CostFilter, tags: TagSource | null): SQL {
  if (filter.dimension.kind === 'column') return columnPasses(filter.dimension.column, filter);
  // The relation was chosen for the tags of the request, so this is a mistake of ours.
  if (tags === null) throw new Error(`the relation has no tags to filter by ${filter.dimension.key}`);
  return tagPasses(tags, filter.dimension.key, filter);
}

function columnPasses(name: ColumnDimension, { operator, values }: CostFilter): SQL {
  const column = sql`charge.${sql.identifier(name)}`;
  const list = sql`${sql.param(values)}::text[]`;
  switch (operator) {
    case 'in':
      return sql`${column} = ANY(${list})`;
    case 'not in':
      return sql`(${column} IS NULL OR ${column} <> ALL(${list}))`;
    case 'contains':
      return sql`EXISTS (SELECT FROM unnest(${list}) AS part WHERE position(lower(part) IN lower(${column})) > 0)`;
    case 'is null':
      return sql`${column} IS NULL`;
    case 'is not null':
      return sql`${column} IS NOT NULL`;
  }
}

function tagPasses(tags: TagSource, key: string, { operator, values }: CostFilter): SQL {
  switch (operator) {
    case 'in':
      return taggedWith(tags, key, values);
    case 'not in':
      return notTaggedWith(tags, key, values);
    case 'contains':
      return taggedWithText(tags, key, values);
    case 'is null':
      return sql`NOT ${tagged(tags, key)}`;
    case 'is not null':
      return tagged(tags, key);
  }
}
