import type pg from 'pg';
import { PennyError } from '../../errors.ts';
import { recordAudit } from '../audit/record.ts';
import type { Db } from '../client.ts';
import { mayActAs, type Principal } from '../principal.ts';
import { readSnapshot } from '../queries/snapshot.ts';
import type { SURFACES } from '../schema/conversations.ts';
import { inTransaction } from '../transaction.ts';
import { hashOfAction } from './canonical.ts';
import type { Remediation } from './remediation.ts';
import { findRemediation } from './remediation.ts';

export type Surface = (typeof SURFACES)[number];

/** Where something was asked for. */
export interface Origin {
  surface: Surface;
  conversationId?: string | null;
  now: Date;
}

/**
 * The actions that Penny itself can apply, with how each is undone in words (null where nothing brings it back), and whether it is of high risk
 * whatever the recommendation says.
 */
export type KnownActions = ReadonlyMap<string, { undo: string | null; isHighRisk?: true }>;

/** For how long a proposal may be decided on: machines change, and what was measured of them ages. */
export const OPEN_HOURS = 72;

interface Proposable {
  recommendationId: string;
  resourceId: string | null;
  action: { action: string; parameters: Record<string, unknown> };
  evidence: unknown;
  risk: 'low' | 'medium' | 'high';
  billingCurrency: string;
  estimatedMonthlySavings: string;
  basis: string;
  isProtected: boolean;
  state: string;
  title: string;
  resourceState: string | null;
  configuration: Record<string, unknown> | null;
}

/**
 * Proposes what a recommendation asks for and returns the proposal, which waits for its approvers. Only recommendations that `principal` may see
 * can be proposed, so no parameter ever comes from text. Asking again while it waits returns the same proposal.
 * @throws PennyError `forbidden` (role, protected), `not_found`, `conflict` (dismissed, done, or another change of the resource waits)
 */
export async function proposeRemediation(
  db: Db,
  principal: Principal,
  recommendationId: number,
  origin: Origin,
  known: KnownActions,
): Promise<Remediation> {
  if (!mayActAs(principal.role, 'engineer'))
    throw new PennyError('forbidden', `Proposing takes the role engineer; yours is ${principal.role}.`);
  const found = await readSnapshot(db, principal, undefined, (client) => readRecommendation(client, recommendationId));
  if (found === undefined) throw new PennyError('not_found', `There is no recommendation ${recommendationId} for you.`);
  refuse(found, known);
  return inTransaction(db, async (client) => {
    const remediationId = await insert(client, principal, found, origin, known);
    const remediation = await findRemediation(client, remediationId);
    if (remediation === undefined) throw new Error('the proposal that was just written is not there');
    return remediation;
  });
}

function refuse({ state, isProtected, resourceId, title, action }: Proposable, known: KnownActions): void {
  if (resourceId === null || !known.has(action.action))
    throw new PennyError('conflict', `"${title}" is work for people: Penny has no action for it.`);
  if (isProtected) throw new PennyError('forbidden', 'A tag protects that resource from changes by Penny.');
  if (state !== 'open' && state !== 'accepted')
    throw new PennyError('conflict', `That recommendation is ${state}; only open ones can be proposed.`);
}

async function readRecommendation(client: pg.ClientBase, recommendationId: number): Promise<Proposable | undefined> {
  const { rows } = await client.query<Proposable>(
    `SELECT recommendation.recommendation_id AS "recommendationId", recommendation.resource_id AS "resourceId", action, evidence, risk,
       billing_currency AS "billingCurrency", estimated_monthly_savings::text AS "estimatedMonthlySavings", basis,
       is_protected AS "isProtected", recommendation.state, title, resource.state AS "resourceState", resource.configuration
     FROM recommendations AS recommendation LEFT JOIN resources AS resource ON resource.resource_id = recommendation.resource_id
     WHERE recommendation.recommendation_id = $1`,
    [recommendationId],
  );
  return rows[0];
}

/** High risk takes two people besides the one who asks. */
export const approvalsNeeded = (risk: Proposable['risk']): number => (risk === 'high' ? 2 : 1);

async function insert(
  client: pg.ClientBase,
  principal: Principal,
  found: Proposable,
  { surface, conversationId = null, now }: Origin,
  known: KnownActions,
): Promise<string> {
  const { action, parameters } = found.action;
  const parametersHash = hashOfAction({ action, parameters });
  const { undo = null, isHighRisk = false } = known.get(action) ?? {};
  const risk = isHighRisk ? 'high' : found.risk;
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO remediations (recommendation_id, resource_id, action, parameters, parameters_hash, observed_state, evidence, risk,
       billing_currency, estimated_monthly_savings, basis, required_approvals, requested_by, requested_at, expires_at, surface, conversation_id,
       undo_plan)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
     ON CONFLICT (resource_id, action) WHERE state IN ('pending', 'approved', 'applying', 'undoing') DO NOTHING
     RETURNING remediation_id AS id`,
    [
      found.recommendationId,
      found.resourceId,
      action,
      JSON.stringify(parameters),
      parametersHash,
      JSON.stringify({ state: found.resourceState, configuration: found.configuration }),
      JSON.stringify(found.evidence),
      risk,
      found.billingCurrency,
      found.estimatedMonthlySavings,
      found.basis,
      approvalsNeeded(risk),
      principal.userId,
      now,
      new Date(now.getTime() + OPEN_HOURS * 3_600_000),
      surface,
      conversationId,
      undo === null ? null : JSON.stringify({ text: undo }),
    ],
  );
  if (rows[0] === undefined) return underWay(client, found, parametersHash);
  await recordAudit(client, {
    occurredAt: now,
    actorId: principal.userId,
    actor: principal.email,
    surface: surface === 'mcp' ? 'api' : surface,
    event: 'remediation.proposed',
    subject: { type: 'remediation', id: rows[0].id },
    details: {
      recommendationId: Number(found.recommendationId),
      resourceId: found.resourceId,
      action,
      parameters,
      parametersHash,
    },
  });
  return rows[0].id;
}

/** The proposal that waits already, if it is this very one. */
async function underWay(client: pg.ClientBase, found: Proposable, parametersHash: string): Promise<string> {
  const { rows } = await client.query<{ id: string; state: string; hash: string }>(
    `SELECT remediation_id AS id, state, parameters_hash AS hash FROM remediations
     WHERE resource_id = $1 AND action = $2 AND state IN ('pending', 'approved', 'applying', 'undoing')`,
    [found.resourceId, found.action.action],
  );
  const [other] = rows;
  if (other?.state === 'pending' && other.hash === parametersHash) return other.id;
  throw new PennyError(
    'conflict',
    'That change of the resource is under way already, with other parameters or beyond a proposal.',
  );
}
