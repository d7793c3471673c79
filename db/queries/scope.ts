import { type SQL, sql } from 'drizzle-orm';
import type { Principal } from '../principal.ts';
import type { ColumnDimension } from './dimensions.ts';
import type { TagSource } from './relations.ts';
import { taggedWith } from './tags.ts';

type Scope = Principal['scope'];

/** What a scope needs of the relation it is laid on. */
export function scopeNeeds(scope: Scope): { columns: ColumnDimension[]; tagKeys: string[] } {
  if (scope === 'all') return { columns: [], tagKeys: [] };
  return {
    columns: scope.subAccountIds.length > 0 ? ['sub_account_id'] : [],
    tagKeys: [...new Set(scope.tags.map(({ key }) => key.toLowerCase()))],
  };
}

/**
 * The condition that a charge may be seen: it lies in one of the sub-accounts or carries one of the tag values of the
 * scope. Undefined for a scope of everything; a scope of nothing lets nothing through. Every query of cost uses this.
 */
export function visibleCharges(scope: Scope, tags: TagSource | null): SQL | undefined {
  if (scope === 'all') return undefined;
  const ways = scope.tags.map(({ key, value }) => {
    // Without tags the relation cannot tell, and what cannot be told is not shown.
    return tags === null ? sql`FALSE` : taggedWith(tags, key, [value]);
  });
  if (scope.subAccountIds.length > 0) {
    ways.unshift(sql`charge.sub_account_id = ANY(${sql.param(scope.subAccountIds)}::text[])`);
  }
  return anyOf(ways);
}

/** The condition that a row of resources, under the alias `resource`, may be seen; as for charges. */
export function visibleResources(scope: Scope): SQL | undefined {
  if (scope === 'all') return undefined;
  const ways = scope.tags.map(
    ({ key, value }) => sql`EXISTS (
      SELECT FROM jsonb_each_text(resource.tags) AS tag
      WHERE lower(tag.key) = ${key.toLowerCase()} AND lower(tag.value) = ${value.toLowerCase()})`,
  );
  if (scope.subAccountIds.length > 0) {
    ways.unshift(sql`resource.sub_account_id = ANY(${sql.param(scope.subAccountIds)}::text[])`);
  }
  return anyOf(ways);
}

/** Whether a scope lets nothing through, so that there is no point in asking. */
export function seesNothing(scope: Scope): boolean {
  return scope !== 'all' && scope.subAccountIds.length === 0 && scope.tags.length === 0;
}

function anyOf(ways: SQL[]): SQL {
  return ways.length === 0 ? sql`FALSE` : sql`(${sql.join(ways, sql` OR `)})`;
}
