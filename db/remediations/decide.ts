import type pg from 'pg';
import { PennyError } from '../../errors.ts';
import { recordAudit } from '../audit/record.ts';
import type { Db } from '../client.ts';
import { commonScope, lowerRole, mayActAs, type Principal } from '../principal.ts';
import { readSnapshot } from '../queries/snapshot.ts';
import { principalByEmail } from '../queries/users.ts';
import { inTransaction } from '../transaction.ts';
import { hashOfAction } from './canonical.ts';
import type { Origin } from './propose.ts';
import { findRemediation, isRemediationId, type Remediation } from './remediation.ts';

/** What somebody decides. A rejection has its reason. */
export interface Decision {
  remediationId: string;
  /** What they have read, where the surface showed it: a decision about anything else is refused. */
  parametersHash?: string | undefined;
  decision: 'approve' | 'reject';
  reason?: string | undefined;
}

/**
 * Writes down a decision and returns the remediation as it stands then: approved once as many people as it takes have approved, rejected with
 * the first who rejects. One conditional UPDATE decides: pending, not expired, parameters as they were proposed; one person decides once
 * and never on their own proposal. Rights are read anew, so a role that was taken meanwhile counts.
 * @throws PennyError `forbidden` (role, one's own), `not_found` (none, or out of scope), `conflict` (decided, expired, changed),
 *   `invalid_input` (no reason)
 */
export async function decideRemediation(
  db: Db,
  principal: Principal,
  given: Decision,
  origin: Origin,
): Promise<Remediation> {
  const reason = given.reason?.trim() || null;
  if (given.decision === 'reject' && reason === null)
    throw new PennyError('invalid_input', 'Say why you reject it; the one who asked will read it.');
  const rights = await rightsNow(db, principal);
  if (!mayActAs(rights.role, 'approver'))
    throw new PennyError('forbidden', `Deciding takes the role approver; yours is ${rights.role}.`);
  await requireVisible(db, rights, given.remediationId);
  return inTransaction(db, async (client) => {
    const before = await lock(client, given.remediationId);
    refuse(before, rights, given, origin.now);
    await insertApproval(client, before, rights, { ...given, reason: reason ?? undefined }, origin);
    await settle(client, given.remediationId, origin.now);
    const after = (await findRemediation(client, given.remediationId)) as Remediation;
    await recordAudit(client, auditOf(after, rights, { ...given, reason: reason ?? undefined }, origin));
    return after;
  });
}

/** What a person may do at this moment, and never more than what they came with. */
export async function rightsNow(db: Db, principal: Principal): Promise<Principal> {
  const now = await principalByEmail(db, principal.email);
  if (now === null || now.userId !== principal.userId)
    throw new PennyError('unauthorized', 'You may not sign in any more.');
  return { ...principal, role: lowerRole(now.role, principal.role), scope: commonScope(now.scope, principal.scope) };
}

/** A remediation that somebody sees because they proposed it is not thereby in their scope, so the resource is asked for. */
export async function requireVisible(db: Db, principal: Principal, remediationId: string): Promise<void> {
  const visible =
    isRemediationId(remediationId) &&
    (await readSnapshot(db, principal, undefined, async (client) => {
      const { rows } = await client.query(
        `SELECT FROM remediations AS remediation JOIN resources AS resource ON resource.resource_id = remediation.resource_id
       WHERE remediation.remediation_id = $1`,
        [remediationId],
      );
      return rows.length > 0;
    }));
  if (!visible) throw new PennyError('not_found', 'There is no such remediation for you.');
}

/** @throws PennyError `not_found` */
export async function lock(client: pg.ClientBase, remediationId: string): Promise<Remediation> {
  if (isRemediationId(remediationId))
    await client.query('SELECT FROM remediations WHERE remediation_id = $1 FOR UPDATE', [remediationId]);
  const found = await findRemediation(client, remediationId);
  if (found === undefined) throw new PennyError('not_found', 'There is no such remediation for you.');
  return found;
}

function refuse(before: Remediation, rights: Principal, given: Decision, now: Date): void {
  if (before.requestedById === rights.userId)
    throw new PennyError('forbidden', 'You proposed it; somebody else has to decide.');
  if (before.state !== 'pending') throw new PennyError('conflict', `It is ${before.state} already.`);
  if (before.expiresAt <= now) throw new PennyError('conflict', 'It has expired; propose it anew.');
  const hash = hashOfAction(before);
  if (hash !== before.parametersHash || (given.parametersHash !== undefined && given.parametersHash !== hash))
    throw new PennyError('conflict', 'It is not what you were shown; look at it again.');
  if (before.approvedBy.includes(rights.email))
    throw new PennyError('conflict', 'You have approved it already; it takes somebody else besides.');
}

async function insertApproval(
  client: pg.ClientBase,
  { remediationId, requestedById, parametersHash }: Remediation,
  { userId }: Principal,
  { decision, reason }: Decision,
  { surface, now }: Origin,
): Promise<void> {
  await client.query(
    `INSERT INTO approvals (remediation_id, requested_by, parameters_hash, decided_by, decision, reason, surface, decided_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [remediationId, requestedById, parametersHash, userId, decision, reason ?? null, surface, now],
  );
}

/** The one UPDATE that decides: what does not hold at this very moment is left as it is. */
async function settle(client: pg.ClientBase, remediationId: string, now: Date): Promise<void> {
  await client.query(
    `UPDATE remediations AS remediation SET decided_at = $2, state = CASE WHEN given.rejections > 0 THEN 'rejected' ELSE 'approved' END
     FROM (SELECT count(*) FILTER (WHERE decision = 'reject') AS rejections, count(*) FILTER (WHERE decision = 'approve') AS approvals
       FROM approvals WHERE remediation_id = $1) AS given
     WHERE remediation.remediation_id = $1 AND remediation.state = 'pending' AND remediation.expires_at > $2
       AND (given.rejections > 0 OR given.approvals >= remediation.required_approvals)`,
    [remediationId, now],
  );
}

function auditOf(after: Remediation, rights: Principal, { decision, reason }: Decision, { surface, now }: Origin) {
  return {
    occurredAt: now,
    actorId: rights.userId,
    actor: rights.email,
    surface: surface === 'mcp' ? ('api' as const) : surface,
    event: decision === 'approve' ? 'remediation.approved' : 'remediation.rejected',
    subject: { type: 'remediation', id: after.remediationId },
    details: {
      action: after.action,
      resourceId: after.resourceId,
      parametersHash: after.parametersHash,
      requiredApprovals: after.requiredApprovals,
      approvals: after.approvedBy.length,
      state: after.state,
      ...(reason === undefined ? {} : { reason }),
    },
  };
}
