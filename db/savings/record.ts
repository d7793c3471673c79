import type pg from 'pg';
import { z } from 'zod';
import { type Actor, recordAudit } from '../audit/record.ts';

/** A change whose saving will be measured. */
export interface NewSaving {
  /** The resource id, or another key where it is no resource. */
  subject: string;
  resourceId: string | null;
  recommendationId: number | null;
  origin: 'penny' | 'outside';
  /** 'removed', 'stopped', 'scheduled', 'scaled', 'resized' or 'upgraded'. */
  kind: string;
  /** Day (UTC) of the change; of one that an inventory noticed, the day it did. */
  changeDate: string;
  /** The change of the inventory (resource_changes) that shows it; its day is then looked for on the bill. */
  changeId: number | null;
  currency: string;
  /** A month, decimal text; null when nobody estimated it. */
  estimatedMonthlySavings: string | null;
  /** Whose charges the change touches besides those of the resource, such as the volumes deleted with a machine. */
  alsoTouched?: readonly string[];
}

const row = z.object({ saving_id: z.coerce.number() });

/**
 * Records in the caller's transaction that something was changed which should save money, and returns the number of the record, or
 * null when it is known. The job `track-savings` measures it. The recommendation that asked for it counts as applied.
 */
export async function recordSaving(
  client: pg.ClientBase,
  saving: NewSaving,
  { actor, now }: { actor: Actor; now: Date },
): Promise<number | null> {
  const { subject, resourceId, recommendationId, origin, kind, changeDate, changeId, currency } = saving;
  const about = { kind, changeId, resourceIds: saving.alsoTouched ?? [] };
  const { rows } = await client.query(
    `INSERT INTO savings (recommendation_id, resource_id, subject, origin, change_date, billing_currency, estimated_monthly_savings, measurement, created_at)
     VALUES ($1, (SELECT resource_id FROM resources WHERE resource_id = $2), $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT ON CONSTRAINT savings_once DO NOTHING RETURNING saving_id`,
    [
      ...[recommendationId, resourceId, subject, origin, changeDate, currency, saving.estimatedMonthlySavings],
      ...[JSON.stringify(about), now],
    ],
  );
  if (rows[0] === undefined) return null;
  const savingId = row.parse(rows[0]).saving_id;
  const details = {
    subject,
    origin,
    kind,
    changeDate,
    recommendationId,
    estimated: saving.estimatedMonthlySavings,
    currency,
  };
  await recordAudit(client, {
    ...actor,
    occurredAt: now,
    event: 'saving.recorded',
    subject: { type: 'saving', id: String(savingId) },
    details,
  });
  if (recommendationId !== null) await moveRecommendation(client, recommendationId, 'applied', { actor, now });
  return savingId;
}

/** From which states a recommendation goes to another by what the bill or the inventory shows. */
const FROM: Record<'applied' | 'verified' | 'regressed', string[]> = {
  applied: ['open', 'accepted'],
  verified: ['open', 'accepted', 'applied', 'regressed'],
  regressed: ['applied', 'verified'],
};

/** Moves a recommendation on, if it is in a state to move from; one that is closed or was dismissed stays so. */
export async function moveRecommendation(
  client: pg.ClientBase,
  recommendationId: number,
  state: keyof typeof FROM,
  { actor, now }: { actor: Actor; now: Date },
): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE recommendations SET state = $2, applied_at = coalesce(applied_at, $4) WHERE recommendation_id = $1 AND state = ANY ($3)`,
    [recommendationId, state, FROM[state], now],
  );
  if (rowCount === 0) return;
  const subject = { type: 'recommendation', id: String(recommendationId) };
  await recordAudit(client, { ...actor, occurredAt: now, event: `recommendation.${state}`, subject });
}
