import type { Principal } from '../principal.ts';
import type { ColumnDimension } from './dimensions.ts';

type Scope = Principal['scope'];

/**
 * What a relation must have so that Postgres can tell which of its rows lie in a scope: in one without, rows that may be seen would
 * be left out. The condition itself is in db/access/policies.ts.
 */
export function scopeNeeds(scope: Scope): { columns: ColumnDimension[]; tagKeys: string[] } {
  if (scope === 'all') return { columns: [], tagKeys: [] };
  return {
    columns: scope.subAccountIds.length > 0 ? ['sub_account_id'] : [],
    tagKeys: [...new Set(scope.tags.map(({ key }) => key.toLowerCase()))],
  };
}

/** What somebody is told whose scope lets nothing through: it is no empty bill. */
export const NO_ACCESS = 'You have no access to any account yet. Ask an admin of Penny to grant it.';

/** Whether a scope lets nothing through, so that there is no point in asking. */
export function seesNothing(scope: Scope): boolean {
  return scope !== 'all' && scope.subAccountIds.length === 0 && scope.tags.length === 0;
}
