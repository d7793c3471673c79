import { PennyError } from '../../errors.ts';
import type { Db } from '../client.ts';
import { mayActAs, type Principal } from '../principal.ts';
import { type PrincipalRow, toPrincipal } from '../queries/users.ts';
import { requireVisible } from './decide.ts';

/** As many people hear of a proposal by themselves; whoever else may decide finds it in the list. */
const MOST_TOLD = 20;

/**
 * Returns who of a workspace or tenant may decide on a remediation, by the platform's own ids: an approver or administrator, in whose scope the
 * resource lies, and who did not ask for it.
 */
export async function approversOf(
  db: Db,
  { platform, tenant }: { platform: 'slack' | 'teams'; tenant: string },
  remediationId: string,
  now: Date,
): Promise<string[]> {
  const { rows } = await db.pool.query<PrincipalRow & { subject: string }>(
    `SELECT person.user_id, email, name, person.role, person.scope, identity.role AS most_role, identity.scope AS most_scope, subject
     FROM identities AS identity JOIN users AS person USING (user_id)
     WHERE platform = $1 AND tenant = $2 AND person.role IN ('approver', 'admin') AND disabled_at IS NULL AND revoked_at IS NULL
       AND coalesce(expires_at > $4, true)
       AND person.user_id <> (SELECT requested_by FROM remediations WHERE remediation_id = $3)
     ORDER BY person.role DESC, email`,
    [platform, tenant, remediationId, now],
  );
  const found: string[] = [];
  for (const row of rows) {
    if (found.length === MOST_TOLD) break;
    const principal = toPrincipal(row);
    if (mayActAs(principal.role, 'approver') && (await sees(db, principal, remediationId))) found.push(row.subject);
  }
  return found;
}

async function sees(db: Db, principal: Principal, remediationId: string): Promise<boolean> {
  try {
    await requireVisible(db, principal, remediationId);
    return true;
  } catch (error) {
    if (error instanceof PennyError && error.code === 'not_found') return false;
    throw error;
  }
}
