import type pg from 'pg';
import { type Actor, recordAudit } from '../audit/record.ts';
import type { Budget } from '../queries/budgets.ts';

/** A threshold that a budget crossed in a period. Money is decimal text. */
export interface NewAlert {
  kind: 'actual' | 'forecast' | 'burn rate';
  thresholdPercent: string;
  amount: string;
  limitAmount: string;
  inputs: Record<string, unknown>;
}

/**
 * Stores the thresholds crossed that were not crossed before in the period, and returns those. Its owner, or else who made it, is to be
 * told of the highest new one of each kind; the lower ones say nothing more.
 */
export async function storeAlerts(
  client: pg.ClientBase,
  budget: Budget,
  periodStart: string,
  alerts: readonly NewAlert[],
  { actor, now }: { actor: Actor; now: Date },
): Promise<NewAlert[]> {
  const added: NewAlert[] = [];
  // The highest first: it is the one that is told.
  const told = new Set<string>();
  for (const alert of alerts.toSorted((one, other) => Number(other.thresholdPercent) - Number(one.thresholdPercent))) {
    const toldId = told.has(alert.kind) ? null : (budget.ownerId ?? budget.createdBy);
    if (!(await insert(client, budget, periodStart, alert, toldId, now))) continue;
    told.add(alert.kind);
    added.push(alert);
    await recordAudit(client, {
      ...actor,
      occurredAt: now,
      event: 'budget.crossed',
      subject: { type: 'budget', id: String(budget.budgetId) },
      details: { name: budget.name, periodStart, toldId, currency: budget.currency, ...alert },
    });
  }
  return added;
}

async function insert(
  client: pg.ClientBase,
  { budgetId }: Budget,
  periodStart: string,
  { kind, thresholdPercent, amount, limitAmount, inputs }: NewAlert,
  toldId: string | null,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO budget_alerts (budget_id, period_start, kind, threshold_percent, amount, limit_amount, told_id, inputs, raised_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
    [budgetId, periodStart, kind, thresholdPercent, amount, limitAmount, toldId, JSON.stringify(inputs), now],
  );
  return rowCount === 1;
}
