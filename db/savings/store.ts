import type pg from 'pg';
import { type Actor, recordAudit } from '../audit/record.ts';
import type { DueSaving } from './due.ts';
import { moveRecommendation } from './record.ts';

/** What was found out about a saving. */
export interface SavingFound {
  state: 'waiting' | 'measured' | 'holding' | 'regressed' | 'unmeasurable';
  changeDate: string;
  realizedSavings: string | null;
  confidence: 'low' | 'medium' | 'high' | null;
  /** How it was measured, or why it cannot be. */
  basis: string | null;
  baseline: { start: string; end: string } | null;
  measured: { start: string; end: string } | null;
  /** The numbers behind it; kept beside what was recorded of the change. */
  measurement: Record<string, unknown>;
  holdingChecks: Record<string, unknown>[];
}

/** Two changes within a few days may be found on the same day of the bill. */
const CHANGE_DATE = `CASE WHEN EXISTS (SELECT FROM savings AS other WHERE other.subject = savings.subject AND other.change_date = $3
  AND other.saving_id <> savings.saving_id) THEN change_date ELSE $3 END`;

/** The last of the checks; a recommendation whose saving held so long is done with. */
const LAST_CHECK_DAY = 90;

/**
 * Stores in the caller's transaction what was found, and moves the recommendation that asked for the change on: verified by a
 * saving, regressed without it, closed when it held to the last check. What people would call news is written to the audit log.
 */
export async function storeSaving(
  client: pg.ClientBase,
  due: DueSaving,
  found: SavingFound,
  about: { actor: Actor; now: Date },
): Promise<void> {
  const { state, realizedSavings, confidence, basis, baseline, measured, measurement, holdingChecks } = found;
  await client.query(
    `UPDATE savings SET state = $2, change_date = ${CHANGE_DATE}, realized_savings = $4, confidence = $5, basis = $6, baseline_start = $7, baseline_end = $8,
       measured_start = $9, measured_end = $10, measured_at = CASE WHEN $4::numeric IS NULL THEN NULL ELSE $11::timestamptz END,
       measurement = coalesce(measurement, '{}') || $12::jsonb, holding_checks = $13
     WHERE saving_id = $1`,
    [
      ...[due.savingId, state, found.changeDate, realizedSavings, confidence, basis],
      ...[baseline?.start ?? null, baseline?.end ?? null, measured?.start ?? null, measured?.end ?? null],
      ...[about.now, JSON.stringify(measurement), JSON.stringify(holdingChecks)],
    ],
  );
  const isNews =
    state !== due.state ||
    Number(realizedSavings) !== Number(due.realizedSavings) ||
    holdingChecks.length !== due.holdingChecks.length;
  if (!isNews) return;
  const { kind, currency } = due;
  await recordAudit(client, {
    ...about.actor,
    occurredAt: about.now,
    event: `saving.${state}`,
    subject: { type: 'saving', id: String(due.savingId) },
    details: {
      subject: due.subject,
      kind,
      realizedSavings,
      currency,
      confidence,
      basis,
      baseline,
      measured,
      ...checks(found),
    },
  });
  await moveOn(client, due, found, about);
}

function checks({ measurement, holdingChecks }: SavingFound) {
  const { regressedOn } = measurement;
  return { holdingChecks, ...(regressedOn ? { regressedOn } : {}) };
}

async function moveOn(
  client: pg.ClientBase,
  { recommendationId, subject }: DueSaving,
  { state, realizedSavings, holdingChecks }: SavingFound,
  about: { actor: Actor; now: Date },
): Promise<void> {
  if (recommendationId === null) return;
  if (state === 'regressed') await moveRecommendation(client, recommendationId, 'regressed', about);
  if ((state !== 'measured' && state !== 'holding') || Number(realizedSavings) <= 0) return;
  await moveRecommendation(client, recommendationId, 'verified', about);
  if (!holdingChecks.some(({ day, holds }) => day === LAST_CHECK_DAY && holds === true)) return;
  const reason = `It was done, and the saving held for ${LAST_CHECK_DAY} days.`;
  const { rowCount } = await client.query(
    `UPDATE recommendations SET state = 'closed', closed_at = $2, closed_reason = $3 WHERE recommendation_id = $1 AND state = 'verified'`,
    [recommendationId, about.now, reason],
  );
  if (rowCount === 0) return;
  await recordAudit(client, {
    ...about.actor,
    occurredAt: about.now,
    event: 'recommendation.closed',
    subject: { type: 'recommendation', id: String(recommendationId) },
    details: { subject, reason },
  });
}
