import type pg from 'pg';
import type { Db } from './client.ts';
import { exclusively } from './transaction.ts';
import { USAGE_LOCK } from './usage.ts';

/** Forgets questions asked before an instant, with their answers and tool calls, and threads that are then empty. Returns how many questions. */
export async function forgetQuestionsBefore(client: pg.ClientBase, before: Date): Promise<number> {
  await client.query(
    'DELETE FROM ai_tool_calls USING ai_queries q WHERE q.query_id = ai_tool_calls.query_id AND q.started_at < $1',
    [before],
  );
  const { rowCount } = await client.query('DELETE FROM ai_queries WHERE started_at < $1', [before]);
  await client.query(
    `DELETE FROM conversations c WHERE last_at < $1 AND NOT EXISTS (SELECT FROM ai_queries q WHERE q.conversation_id = c.conversation_id)
       AND NOT EXISTS (SELECT FROM remediations r WHERE r.conversation_id = c.conversation_id)`,
    [before],
  );
  return rowCount ?? 0;
}

/** Forgets runs of jobs that were over before an instant, but of each job the newest that succeeded. Returns how many. */
export async function forgetRunsBefore(client: pg.ClientBase, before: Date): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM job_runs WHERE finished_at < $1
       AND run_id NOT IN (SELECT DISTINCT ON (job) run_id FROM job_runs WHERE state = 'done' ORDER BY job, finished_at DESC)`,
    [before],
  );
  return rowCount ?? 0;
}

/** Forgets what chat platforms sent before an instant: they repeat an event within hours, and what was asked stands in the query log. Returns how many. */
export async function forgetChatEventsBefore(client: pg.ClientBase, before: Date): Promise<number> {
  const { rowCount } = await client.query('DELETE FROM chat_events WHERE received_at < $1', [before]);
  return rowCount ?? 0;
}

/** Drops the partitions of months (UTC) that ended before an instant; of a month partly before it nothing. Returns how many rows. */
export function dropUsageBefore(db: Db, before: Date): Promise<number> {
  const month = before.toISOString().slice(0, 7).replace('-', '_');
  return exclusively(db, USAGE_LOCK, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT child.relname AS name FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
       WHERE inhparent = 'public.usage'::regclass AND child.relname ~ '^usage_[0-9]{4}_[0-9]{2}$' AND child.relname < $1 ORDER BY 1`,
      [`usage_${month}`],
    );
    let dropped = 0;
    for (const { name } of rows) {
      const counted = await client.query<{ count: string }>(`SELECT count(*) FROM ${name}`);
      dropped += Number(counted.rows[0]?.count ?? 0);
      await client.query(`DROP TABLE ${name}`);
    }
    return dropped;
  });
}
