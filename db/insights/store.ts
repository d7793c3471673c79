import type pg from 'pg';
import { type Actor, recordAudit } from '../audit/record.ts';
import type { DateRange } from '../queries/dimensions.ts';
import type { Audience } from './material.ts';

/** A summary as it is stored. */
export interface NewInsight {
  audience: Audience;
  week: DateRange;
  title: string;
  text: string;
  /** The cells and receipts behind it. */
  answer: Record<string, unknown>;
}

/** Stores a weekly summary in the caller's transaction, in the place of the one written before for the same week and audience. */
export async function storeInsight(
  client: pg.ClientBase,
  { audience, week, title, text, answer }: NewInsight,
  { actor, now }: { actor: Actor; now: Date },
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO insights (kind, audience, dimensions, period_start, period_end, title, text, answer, created_at)
     VALUES ('weekly', $1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT ON CONSTRAINT insights_once DO UPDATE SET dimensions = excluded.dimensions, period_end = excluded.period_end, title = excluded.title,
       text = excluded.text, answer = excluded.answer, created_at = excluded.created_at RETURNING insight_id AS id`,
    [
      audience.name,
      JSON.stringify(audience.dimensions),
      week.start,
      week.end,
      title,
      text,
      JSON.stringify(answer),
      now,
    ],
  );
  await recordAudit(client, {
    ...actor,
    occurredAt: now,
    event: 'insight.written',
    subject: { type: 'insight', id: rows[0]?.id ?? '' },
    details: { audience: audience.name, week, title },
  });
}
