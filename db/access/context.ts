import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Principal } from '../principal.ts';

/** On whose behalf a query runs. */
export type Person = Pick<Principal, 'userId' | 'scope'>;

/**
 * The statement that tells Postgres, for the transaction under way on the connection with server process `pid`, what `person` may
 * see. It is signed with a key that only the service and the checking function know (functions.ts), and good for that
 * connection alone: SQL that a model wrote can neither make one up nor bring one along from elsewhere.
 */
export function scopeStatement(person: Person, pid: number, scopeKey: string): string {
  const { userId, scope } = person;
  const payload = JSON.stringify({
    pid,
    user: userId,
    all: scope === 'all',
    subAccountIds: scope === 'all' ? [] : scope.subAccountIds,
    tags: scope === 'all' ? [] : scope.tags,
  });
  const key = Buffer.from(scopeKey, 'hex');
  const inner = createHash('sha256').update(key).update(payload).digest();
  const signature = createHash('sha256').update(key).update(inner).digest('hex');
  return `SET LOCAL penny.scope = ${pg.escapeLiteral(`${payload}|${signature}`)}`;
}
