import type pg from 'pg';
import { PennyError } from '../../errors.ts';
import { type AuditEntry, recordAudit } from '../audit/record.ts';
import type { Db } from '../client.ts';
import { mayActAs, type Principal } from '../principal.ts';
import { inTransaction } from '../transaction.ts';
import { lock, requireVisible, rightsNow } from './decide.ts';
import type { Origin } from './propose.ts';
import { type Remediation, type RemediationState, SELECT_REMEDIATION } from './remediation.ts';

/** Who writes down what a job did. */
const JOB = { actorId: null, actor: 'apply-remediations', surface: 'job' } as const;

/** Returns what waits for a worker, the oldest decision first: what was approved, what is not seen to be true yet, what is to be undone. */
export async function remediationsToApply(client: pg.ClientBase | pg.Pool): Promise<Remediation[]> {
  const { rows } = await client.query<Remediation>(
    `${SELECT_REMEDIATION} WHERE remediation.state IN ('approved', 'applying', 'applied', 'undoing')
     ORDER BY remediation.decided_at, remediation.remediation_id`,
  );
  return rows;
}

/** Whether there is something left to do for a worker. */
export const isOpen = ({ state }: Remediation): boolean =>
  state === 'approved' || state === 'applying' || state === 'applied' || state === 'undoing';

/** Returns the ids of proposals whose time is over, which nobody can approve any more. */
export async function expireRemediations(client: pg.ClientBase, now: Date): Promise<string[]> {
  const { rows } = await client.query<{ id: string; action: string; resourceId: string }>(
    `UPDATE remediations SET state = 'expired' WHERE state = 'pending' AND expires_at <= $1
     RETURNING remediation_id AS id, action, resource_id AS "resourceId"`,
    [now],
  );
  for (const { id, ...details } of rows) await record(client, 'expired', id, details, now);
  return rows.map(({ id }) => id);
}

/** What a worker found or did; each is one step of a life that only goes forwards. */
export type Step =
  | { to: 'applying' }
  /** `outcome` is what the cloud answered and undoing needs. */
  | { to: 'applied'; outcome: Record<string, unknown> }
  | { to: 'verified' }
  | { to: 'failed'; failure: string; outcome?: Record<string, unknown> | undefined }
  /** `outcome` names what was made anew. */
  | { to: 'undone'; outcome?: Record<string, unknown> | undefined };

const FROM: Record<Step['to'], readonly RemediationState[]> = {
  applying: ['approved'],
  applied: ['applying'],
  verified: ['applied'],
  failed: ['approved', 'applying', 'applied', 'undoing'],
  undone: ['undoing'],
};

const INSTANT: Record<Step['to'], string> = {
  applying: 'started_at',
  applied: 'applied_at',
  verified: 'verified_at',
  failed: 'failed_at',
  undone: 'undone_at',
};

/**
 * Takes a remediation one step further, and into the audit log.
 * @throws PennyError `conflict` when it is not where the step begins
 */
export async function takeStep(client: pg.ClientBase, remediationId: string, step: Step, now: Date): Promise<void> {
  const outcome = 'outcome' in step ? step.outcome : undefined;
  const failure = 'failure' in step ? step.failure : null;
  const started = step.to === 'failed' ? ', started_at = coalesce(started_at, $2)' : '';
  const { rows } = await client.query<{ action: string; resourceId: string }>(
    `UPDATE remediations SET state = $3, ${INSTANT[step.to]} = $2${started}, failure = coalesce($4, failure),
       outcome = coalesce(outcome, '{}') || coalesce($5::jsonb, '{}')
     WHERE remediation_id = $1 AND state = ANY ($6) RETURNING action, resource_id AS "resourceId"`,
    [remediationId, now, step.to, failure, outcome === undefined ? null : JSON.stringify(outcome), FROM[step.to]],
  );
  if (rows[0] === undefined) throw new PennyError('conflict', `It is not where it can become ${step.to}.`);
  await record(
    client,
    step.to,
    remediationId,
    { ...rows[0], ...(outcome ?? {}), ...(failure ? { failure } : {}) },
    now,
  );
}

/** Keeps what undoing needs before the cloud is changed, such as the id of a snapshot; what is there under other names stays. */
export async function keepOutcome(
  client: pg.ClientBase,
  remediationId: string,
  outcome: Record<string, unknown>,
): Promise<void> {
  await client.query(
    "UPDATE remediations SET outcome = coalesce(outcome, '{}') || $2::jsonb WHERE remediation_id = $1",
    [remediationId, JSON.stringify(outcome)],
  );
}

/**
 * Takes back what one proposed, before anybody decided.
 * @throws PennyError `forbidden` (somebody else's), `not_found`, `conflict` (decided)
 */
export async function cancelRemediation(
  db: Db,
  principal: Principal,
  remediationId: string,
  origin: Origin,
): Promise<Remediation> {
  return inTransaction(db, async (client) => {
    const before = await lock(client, remediationId);
    if (before.requestedById !== principal.userId)
      throw new PennyError('not_found', 'You proposed no such remediation.');
    if (before.state !== 'pending') throw new PennyError('conflict', `It is ${before.state} already.`);
    await client.query("UPDATE remediations SET state = 'cancelled' WHERE remediation_id = $1", [remediationId]);
    await recordAudit(client, byPerson(principal, 'remediation.cancelled', before, origin));
    return { ...before, state: 'cancelled' };
  });
}

/**
 * Has what was applied undone by the next worker.
 * @throws PennyError `forbidden` (role), `not_found` (none, or out of scope), `conflict` (not applied, or nothing brings it back)
 */
export async function requestUndo(
  db: Db,
  principal: Principal,
  remediationId: string,
  origin: Origin,
): Promise<Remediation> {
  const rights = await rightsNow(db, principal);
  if (!mayActAs(rights.role, 'approver'))
    throw new PennyError('forbidden', `Undoing takes the role approver; yours is ${rights.role}.`);
  await requireVisible(db, rights, remediationId);
  return inTransaction(db, async (client) => {
    const before = await lock(client, remediationId);
    if (before.state !== 'applied' && before.state !== 'verified')
      throw new PennyError('conflict', `It is ${before.state}; only what was applied can be undone.`);
    if (before.undoPlan === null) throw new PennyError('conflict', 'Nothing brings it back.');
    await client.query("UPDATE remediations SET state = 'undoing' WHERE remediation_id = $1", [remediationId]);
    await recordAudit(client, byPerson(rights, 'remediation.undo_requested', before, origin));
    return { ...before, state: 'undoing' };
  });
}

/** Why nothing is applied or undone at the moment; undefined while it is. */
export async function stoppedBecause(
  client: pg.ClientBase | pg.Pool,
): Promise<{ reason: string; by: string } | undefined> {
  const { rows } = await client.query<{ reason: string; by: string }>(
    `SELECT reason, person.email AS by FROM stop_switches JOIN users AS person ON person.user_id = stopped_by
     WHERE stop_switches.name = 'remediations'`,
  );
  return rows[0];
}

/** Stops every change of the clouds, what was approved included, until an administrator lets them go on. @throws PennyError `forbidden` */
export async function stopRemediations(db: Db, principal: Principal, reason: string, origin: Origin): Promise<void> {
  const rights = await rightsNow(db, principal);
  if (!mayActAs(rights.role, 'approver')) throw new PennyError('forbidden', 'Stopping takes the role approver.');
  await inTransaction(db, async (client) => {
    await client.query(
      `INSERT INTO stop_switches (name, stopped_at, stopped_by, reason) VALUES ('remediations', $1, $2, $3)
       ON CONFLICT (name) DO UPDATE SET stopped_at = excluded.stopped_at, stopped_by = excluded.stopped_by, reason = excluded.reason`,
      [origin.now, rights.userId, reason],
    );
    await recordAudit(client, { ...personal(rights, origin), event: 'remediations.stopped', details: { reason } });
  });
}

/** Lets changes go on. @throws PennyError `forbidden`, `conflict` (not stopped) */
export async function resumeRemediations(db: Db, principal: Principal, origin: Origin): Promise<void> {
  const rights = await rightsNow(db, principal);
  if (!mayActAs(rights.role, 'admin')) throw new PennyError('forbidden', 'Going on takes an administrator.');
  await inTransaction(db, async (client) => {
    const { rowCount } = await client.query("DELETE FROM stop_switches WHERE name = 'remediations'");
    if (rowCount === 0) throw new PennyError('conflict', 'Nothing is stopped.');
    await recordAudit(client, { ...personal(rights, origin), event: 'remediations.resumed' });
  });
}

function record(
  client: pg.ClientBase,
  what: string,
  id: string,
  details: Record<string, unknown>,
  now: Date,
): Promise<void> {
  const subject = { type: 'remediation', id };
  return recordAudit(client, { ...JOB, occurredAt: now, event: `remediation.${what}`, subject, details });
}

function personal({ userId, email }: Principal, { surface, now }: Origin) {
  return { actorId: userId, actor: email, surface: surface === 'mcp' ? ('api' as const) : surface, occurredAt: now };
}

function byPerson(
  principal: Principal,
  event: string,
  { remediationId, action, resourceId }: Remediation,
  origin: Origin,
): AuditEntry {
  return {
    ...personal(principal, origin),
    event,
    subject: { type: 'remediation', id: remediationId },
    details: { action, resourceId },
  };
}
