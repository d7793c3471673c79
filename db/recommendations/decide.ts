import { PennyError } from '../../errors.ts';
import { chainSoon } from '../audit/chain.ts';
import { type Actor, recordAudit } from '../audit/record.ts';
import type { Db } from '../client.ts';
import { mayActAs, type Principal } from '../principal.ts';
import { listRecommendations, type Recommendation } from '../queries/recommendations.ts';
import { readSnapshot } from '../queries/snapshot.ts';
import { RECOMMENDATION_STATES } from '../schema/recommendations.ts';
import { inTransaction } from '../transaction.ts';
import type { RecommendationState } from './store.ts';

/** What a person decides about a recommendation. */
export type Decision =
  | { decision: 'dismiss'; reason: string; until?: string | undefined }
  | { decision: 'accept' | 'reopen'; reason?: string | undefined };

/** What people can do with recommendations. */
export interface RecommendationDesk {
  /** Returns one with everything it rests on. @throws PennyError `not_found`, also for what the person may not see */
  find(principal: Principal, recommendationId: number): Promise<Recommendation>;
  /**
   * Decides, from the role engineer on, and returns it as it is then.
   * @throws PennyError `forbidden`, `not_found`, `conflict` (its state does not allow that), `invalid_input`
   */
  decide(
    principal: Principal,
    recommendationId: number,
    decision: Decision,
    surface: Actor['surface'],
  ): Promise<Recommendation>;
}

/** Which states a decision leads from, and where to. */
const STEPS = {
  dismiss: { from: ['open', 'accepted', 'regressed', 'dismissed'], to: 'dismissed', event: 'recommendation.dismissed' },
  accept: { from: ['open', 'dismissed', 'regressed'], to: 'accepted', event: 'recommendation.accepted' },
  reopen: { from: ['dismissed', 'accepted'], to: 'open', event: 'recommendation.reopened' },
} as const satisfies Record<
  Decision['decision'],
  { from: RecommendationState[]; to: RecommendationState; event: string }
>;

export function createRecommendationDesk(db: Db, now: () => Date): RecommendationDesk {
  const find: RecommendationDesk['find'] = async (principal, recommendationId) => {
    const request = { recommendationId, states: RECOMMENDATION_STATES, withAlternatives: true, limit: 1 };
    const { recommendations } = await readSnapshot(db, principal, undefined, (client) =>
      listRecommendations(client, request),
    );
    const [found] = recommendations;
    if (found === undefined)
      throw new PennyError('not_found', `There is no recommendation ${recommendationId} for you.`);
    return found;
  };
  return {
    find,
    async decide(principal, recommendationId, given, surface) {
      if (!mayActAs(principal.role, 'engineer')) {
        throw new PennyError('forbidden', `Deciding takes the role engineer; yours is ${principal.role}.`);
      }
      const until = given.decision === 'dismiss' ? (given.until ?? null) : null;
      if (until !== null && until <= now().toISOString().slice(0, 10)) {
        throw new PennyError('invalid_input', `It can be dismissed until a day to come, not until ${until}.`);
      }
      const found = await find(principal, recommendationId);
      await decideOnce(db, found, given, { until, principal, surface, at: now() });
      return find(principal, recommendationId);
    },
  };
}

/** One conditional update, so that of two decisions at once the second is told what the first one was. */
async function decideOnce(
  db: Db,
  { recommendationId, checkId, resourceId, state }: Recommendation,
  { decision, ...given }: Decision,
  {
    until,
    principal,
    surface,
    at,
  }: { until: string | null; principal: Principal; surface: Actor['surface']; at: Date },
): Promise<void> {
  const { from, to, event } = STEPS[decision];
  const reason = given.reason ?? null;
  await inTransaction(db, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE recommendations SET state = $2, decided_at = $3, decided_by = $4, decision_reason = $5, dismissed_until = $6
       WHERE recommendation_id = $1 AND state = ANY($7)`,
      [recommendationId, to, at, principal.userId, reason, until, from],
    );
    if (rowCount === 0) {
      throw new PennyError(
        'conflict',
        `Recommendation ${recommendationId} is ${state}: it cannot become ${to} from there.`,
      );
    }
    await recordAudit(client, {
      ...{ actorId: principal.userId, actor: principal.email, surface, occurredAt: at, event },
      subject: { type: 'recommendation', id: String(recommendationId) },
      details: { checkId, resourceId, before: state, reason, until },
    });
  });
  chainSoon(db.pool);
}
