import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { PennyError } from '../../errors.ts';
import { chainSoon } from '../audit/chain.ts';
import { type Actor, recordAudit } from '../audit/record.ts';
import type { Db } from '../client.ts';
import { mayActAs, type Principal } from '../principal.ts';
import { type FeedbackInForce, listFeedback } from '../queries/anomalies.ts';
import { runQuery } from '../queries/run.ts';
import { readSnapshot } from '../queries/snapshot.ts';
import type { anomalyFeedback } from '../schema/anomalies.ts';
import { inTransaction } from '../transaction.ts';

type Row = typeof anomalyFeedback.$inferSelect;

export type Feedback = Row['feedback'];

/** What was said, as a run uses it. */
export interface Said
  extends Pick<Row, 'feedbackId' | 'feedback' | 'anomalyId' | 'dimensions' | 'startDate' | 'fromDate' | 'untilDate'> {
  /** UTC day on which it was said. */
  givenDate: string;
}

/** Everything that was said and not taken back, the oldest first. */
export async function readFeedback(client: pg.ClientBase | pg.Pool): Promise<Said[]> {
  const rows = await runQuery<Said & pg.QueryResultRow>(
    client,
    sql`SELECT feedback_id AS "feedbackId", feedback, anomaly_id AS "anomalyId", dimensions, start_date AS "startDate", from_date AS "fromDate",
        until_date AS "untilDate", (given_at AT TIME ZONE 'UTC')::date AS "givenDate"
      FROM anomaly_feedback WHERE ended_at IS NULL ORDER BY feedback_id`,
  );
  return rows.map((row) => ({ ...row, anomalyId: row.anomalyId === null ? null : Number(row.anomalyId) }));
}

/** What somebody says of an anomaly. */
export interface FeedbackGiven {
  feedback: Feedback;
  reason?: string | undefined;
  /** The day after the last on which it holds; for planned and muted. */
  until?: string | undefined;
  /** Muted: not the whole series but what of it has such a usage type; a star stands for any text. */
  usageType?: string | undefined;
}

/**
 * Keeps what somebody says of an anomaly and shows it on the anomaly at once; detection heeds it from its next run on. Returns the number of
 * the entry.
 * @throws PennyError `forbidden` below engineer, `not_found` for an anomaly outside of what they may see, `invalid_input`
 */
async function giveFeedback(
  db: Db,
  principal: Principal,
  anomalyId: number,
  { feedback, reason, until, usageType }: FeedbackGiven,
  about: { now: Date; surface: Actor['surface'] },
): Promise<number> {
  requireEngineer(principal);
  if (feedback === 'planned' && until === undefined) {
    throw new PennyError('invalid_input', 'Say until which day it is planned: the first day on which it is over.');
  }
  if (until !== undefined && feedback !== 'planned' && feedback !== 'muted') {
    throw new PennyError('invalid_input', 'Only what is planned or muted ends on a day.');
  }
  const anomaly = await visibleAnomaly(db, principal, anomalyId);
  if (until !== undefined && until <= anomaly.startDate) {
    throw new PennyError('invalid_input', `The anomaly began on ${anomaly.startDate}; the day must be a later one.`);
  }
  const dimensions = { ...anomaly.dimensions, ...(usageType === undefined ? {} : { x_usage_type: usageType }) };
  const said = { feedback, dimensions, startDate: anomaly.startDate, fromDate: anomaly.startDate, untilDate: until };
  const feedbackId = await inTransaction(db, async (client) => {
    const id = await insert(client, principal, { ...said, anomalyId, reason }, about.now);
    const quiet = feedback === 'helpful' ? null : feedback;
    await runQuery(
      client,
      sql`UPDATE anomalies SET feedback = ${feedback}, feedback_reason = ${reason ?? null}, feedback_by = ${principal.userId}, feedback_at = ${about.now},
          muted_until = ${until ?? null}::date
        WHERE anomaly_id = ${anomalyId}`,
    );
    // The same cost in other series is no other problem.
    await runQuery(
      client,
      sql`WITH lead AS (SELECT CASE role WHEN 'view' THEN parent_id ELSE anomaly_id END AS id FROM anomalies WHERE anomaly_id = ${anomalyId})
        UPDATE anomalies SET quiet_because = ${quiet} FROM lead WHERE anomaly_id = lead.id OR parent_id = lead.id`,
    );
    const subject = { type: 'anomaly', id: String(anomalyId) };
    await recordAudit(client, entry(principal, about, 'anomaly.feedback', subject, { ...said, reason }));
    return id;
  });
  chainSoon(db.pool);
  return feedbackId;
}

/** What somebody says to expect of a part of the bill, before anything was found there. */
export interface Expectation {
  feedback: 'planned' | 'muted';
  /** What it holds for, by FOCUS names, `x_usage_type` and `tag:team`; a star stands for any text. Empty: everything, if planned. */
  dimensions: Record<string, string>;
  from: string;
  until?: string | undefined;
  reason?: string | undefined;
}

/**
 * Keeps what somebody says to expect. Returns the number of the entry.
 * @throws PennyError `forbidden` below engineer or for a part that is not wholly theirs, `invalid_input`
 */
async function expect(
  db: Db,
  principal: Principal,
  { feedback, dimensions, from, until, reason }: Expectation,
  about: { now: Date; surface: Actor['surface'] },
): Promise<number> {
  requireEngineer(principal);
  if (feedback === 'planned' && until === undefined) {
    throw new PennyError('invalid_input', 'Say until which day it is planned: the first day on which it is over.');
  }
  if (until !== undefined && until <= from) {
    throw new PennyError('invalid_input', 'It must end on a later day than it begins.');
  }
  if (feedback === 'muted' && Object.keys(dimensions).length === 0) {
    throw new PennyError('invalid_input', 'Say what is muted: an account, a service, a tag, a usage type.');
  }
  if (!isWithin(principal.scope, dimensions)) {
    throw new PennyError(
      'forbidden',
      'This reaches beyond what you may see. Name one of your accounts (sub_account_id) or tags (tag:team).',
    );
  }
  const said = { feedback, dimensions, startDate: null, fromDate: from, untilDate: until };
  const feedbackId = await inTransaction(db, async (client) => {
    const id = await insert(client, principal, { ...said, anomalyId: null, reason }, about.now);
    const subject = { type: 'anomaly_feedback', id: String(id) };
    await recordAudit(client, entry(principal, about, 'anomaly.expectation', subject, { ...said, reason }));
    return id;
  });
  chainSoon(db.pool);
  return feedbackId;
}

/** What people can say of anomalies, for the surfaces. */
export function createAnomalyDesk(db: Db, now: () => Date) {
  return {
    say: (principal: Principal, anomalyId: number, given: FeedbackGiven, surface: Actor['surface']): Promise<number> =>
      giveFeedback(db, principal, anomalyId, given, { now: now(), surface }),
    expect: (principal: Principal, expectation: Expectation, surface: Actor['surface']): Promise<number> =>
      expect(db, principal, expectation, { now: now(), surface }),
    takeBack: (principal: Principal, feedbackId: number, surface: Actor['surface']): Promise<void> =>
      takeBack(db, principal, feedbackId, { now: now(), surface }),
    /** What was said and holds, as far as one may see it, the newest first. */
    said: (principal: Principal): Promise<FeedbackInForce[]> =>
      readSnapshot(db, principal, undefined, (client) => listFeedback(client, now().toISOString().slice(0, 10))),
  };
}

/** Takes back what was said. @throws PennyError `forbidden` below engineer, `not_found` for what they may not see or is over */
async function takeBack(
  db: Db,
  principal: Principal,
  feedbackId: number,
  about: { now: Date; surface: Actor['surface'] },
): Promise<void> {
  requireEngineer(principal);
  const [seen] = await readSnapshot(db, principal, undefined, (client) =>
    runQuery<{ anomaly_id: string | null }>(
      client,
      sql`SELECT anomaly_id FROM anomaly_feedback WHERE feedback_id = ${feedbackId} AND ended_at IS NULL`,
    ),
  );
  if (seen === undefined) throw new PennyError('not_found', `There is no feedback ${feedbackId} that holds.`);
  await inTransaction(db, async (client) => {
    await runQuery(
      client,
      sql`UPDATE anomaly_feedback SET ended_at = ${about.now}, ended_by = ${principal.userId} WHERE feedback_id = ${feedbackId} AND ended_at IS NULL`,
    );
    await runQuery(
      client,
      sql`UPDATE anomalies SET feedback = NULL, feedback_reason = NULL, feedback_by = NULL, feedback_at = NULL, muted_until = NULL, quiet_because = NULL
        WHERE anomaly_id = ${seen.anomaly_id}::bigint`,
    );
    const subject = { type: 'anomaly_feedback', id: String(feedbackId) };
    await recordAudit(client, entry(principal, about, 'anomaly.feedback_taken_back', subject, {}));
  });
  chainSoon(db.pool);
}

function requireEngineer({ role }: Principal): void {
  if (mayActAs(role, 'engineer')) return;
  throw new PennyError('forbidden', 'To say something of anomalies one has to be an engineer. Ask an admin of Penny.');
}

/** Who sees one account or tag only may not quiet what others see. */
function isWithin(scope: Principal['scope'], dimensions: Record<string, string>): boolean {
  if (scope === 'all') return true;
  const account = dimensions.sub_account_id;
  if (account !== undefined && scope.subAccountIds.includes(account)) return true;
  return scope.tags.some(
    ({ key, value }) => dimensions[`tag:${key.toLowerCase()}`]?.toLowerCase() === value.toLowerCase(),
  );
}

async function visibleAnomaly(
  db: Db,
  principal: Principal,
  anomalyId: number,
): Promise<{ dimensions: Record<string, string>; startDate: string }> {
  const [anomaly] = await readSnapshot(db, principal, undefined, (client) =>
    runQuery<{ dimensions: Record<string, string>; startDate: string }>(
      client,
      sql`SELECT dimensions, start_date AS "startDate" FROM anomalies WHERE anomaly_id = ${anomalyId}`,
    ),
  );
  if (anomaly === undefined) throw new PennyError('not_found', `There is no anomaly ${anomalyId} that you may see.`);
  return anomaly;
}

type Entry = Pick<Row, 'feedback' | 'anomalyId' | 'dimensions' | 'startDate' | 'fromDate'> & {
  untilDate?: string | undefined;
  reason?: string | undefined;
};

async function insert(client: pg.ClientBase, { userId }: Principal, entry: Entry, now: Date): Promise<number> {
  const [row] = await runQuery<{ feedback_id: string }>(
    client,
    sql`INSERT INTO anomaly_feedback (feedback, anomaly_id, dimensions, start_date, from_date, until_date, reason, given_by, given_at)
      VALUES (${entry.feedback}, ${entry.anomalyId}, ${JSON.stringify(entry.dimensions)}::jsonb, ${entry.startDate}::date, ${entry.fromDate}::date,
        ${entry.untilDate ?? null}::date, ${entry.reason ?? null}, ${userId}, ${now}) RETURNING feedback_id`,
  );
  return Number(row?.feedback_id);
}

function entry(
  { userId, email }: Principal,
  { now, surface }: { now: Date; surface: Actor['surface'] },
  event: string,
  subject: { type: string; id: string },
  details: Record<string, unknown>,
) {
  return { occurredAt: now, actorId: userId, actor: email, surface, event, subject, details };
}
