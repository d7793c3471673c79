import type { Db } from '../client.ts';

/** Prices of a model in USD per million tokens, and what may be spent in a month; decimal text. */
export interface SpendLimit {
  budgetUsd: string;
  inputUsdPerMillion: string;
  outputUsdPerMillion: string;
}

/**
 * Tokens that a person has used since the day (UTC) of `now` began, and whether everybody together has used up the month's (UTC) budget.
 * Both are counted from the AI query log, so restarts and several processes do not matter.
 */
export async function modelUse(
  db: Db,
  userId: string,
  limit: SpendLimit | undefined,
  now: Date,
): Promise<{ tokensToday: number; monthIsSpent: boolean }> {
  const { rows } = await db.pool.query<{ tokens: string; spent: boolean }>({
    name: 'ai_queries.model_use',
    text: `SELECT
  (SELECT coalesce(sum(input_tokens::bigint + output_tokens), 0) FROM ai_queries
    WHERE user_id = $1 AND started_at >= date_trunc('day', $2::timestamptz, 'UTC')) AS tokens,
  $3::numeric IS NOT NULL AND
    (SELECT coalesce(sum(input_tokens), 0) * $4::numeric + coalesce(sum(output_tokens), 0) * $5::numeric FROM ai_queries
      WHERE started_at >= date_trunc('month', $2::timestamptz, 'UTC')) >= $3::numeric * 1000000 AS spent`,
    values: [
      userId,
      now,
      limit?.budgetUsd ?? null,
      limit?.inputUsdPerMillion ?? null,
      limit?.outputUsdPerMillion ?? null,
    ],
  });
  return { tokensToday: Number(rows[0]?.tokens), monthIsSpent: rows[0]?.spent === true };
}
