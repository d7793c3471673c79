import { z } from 'zod';
import { chainSoon } from '../audit/chain.ts';
import type { Db } from '../client.ts';
import type { Principal } from '../principal.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

/** A question as it is put into the log, before any model is called. */
export interface QuestionRecord {
  queryId: string;
  conversationId: string;
  principal: Principal;
  surface: string;
  question: string;
  model: string;
  startedAt: Date;
}

/** How a question ended. `askedBy` is the e-mail address. */
export interface OutcomeRecord {
  queryId: string;
  question: string;
  askedBy: string;
  status: string;
  answer: unknown;
  answerText: string;
  errorCode: string | null;
  model: string;
  modelCalls: number;
  inputTokens: number;
  outputTokens: number;
  finishedAt: Date;
  elapsedMs: number;
  toolCalls: ToolCallRecord[];
}

export interface ToolCallRecord {
  tool: string;
  arguments: unknown;
  status: string;
  sql: string | null;
  sqlFingerprint: string | null;
  rowCount: number | null;
  resultHash: string | null;
  errorCode: string | null;
  startedAt: Date;
  elapsedMs: number;
}

/**
 * The condition that a conversation is one of the token `token` or, without one, of its person: what a person was told may be more
 * than a token of theirs may see.
 */
const seenWith = (conversation: string, token: string): string =>
  `(${token}::uuid IS NULL OR ${conversation}.token_id = ${token}::uuid)`;

/**
 * Writes the question to the log, opening its conversation when it is the first. Returns false, and writes nothing, when
 * the conversation belongs to somebody else.
 */
export async function startQuery(db: Db, record: QuestionRecord): Promise<boolean> {
  const { rowCount } = await db.pool.query({
    name: 'ai_queries.start',
    text: `WITH opened AS (
  INSERT INTO conversations (conversation_id, user_id, token_id, surface, title, created_at, last_at)
  VALUES ($1, $2, $8, $3, left($4, 120), $5, $5)
  ON CONFLICT (conversation_id) DO UPDATE SET last_at = excluded.last_at
    WHERE conversations.user_id = $2 AND ${seenWith('conversations', '$8')}
  RETURNING conversation_id
)
INSERT INTO ai_queries (query_id, conversation_id, user_id, surface, question, model, started_at)
SELECT $6, conversation_id, $2, $3, $4, $7, $5 FROM opened`,
    values: [
      record.conversationId,
      record.principal.userId,
      record.surface,
      record.question,
      record.startedAt,
      record.queryId,
      record.model,
      record.principal.tokenId ?? null,
    ],
  });
  return rowCount === 1;
}

/** Completes a question's log entry with its answer and every tool call, and has it audited, in one statement. */
export async function finishQuery(db: Db, outcome: OutcomeRecord): Promise<void> {
  await db.pool.query({
    name: 'ai_queries.finish',
    text: `WITH finished AS (
  UPDATE ai_queries SET answer_status = $2, answer = $3, answer_text = $4, error_code = $5, model = $6, model_calls = $7,
    input_tokens = $8, output_tokens = $9, finished_at = $10, elapsed_ms = $11
  WHERE query_id = $1
  RETURNING query_id, user_id, surface
), audited AS (
  INSERT INTO audit_pending (occurred_at, actor_id, actor, surface, event, subject_type, subject_id, details)
  SELECT $10, user_id, $13, surface, 'question.answered', 'ai_query', query_id::text, $14::jsonb FROM finished
)
INSERT INTO ai_tool_calls (query_id, ordinal, tool, arguments, status, sql, sql_fingerprint, row_count, result_hash,
  error_code, started_at, elapsed_ms)
SELECT query_id, ordinal, call->>'tool', call->'arguments', call->>'status', call->>'sql', call->>'sqlFingerprint',
  (call->>'rowCount')::integer, call->>'resultHash', call->>'errorCode', (call->>'startedAt')::timestamptz,
  (call->>'elapsedMs')::double precision
FROM finished, jsonb_array_elements($12::jsonb) WITH ORDINALITY AS calls (call, ordinal)`,
    values: [
      outcome.queryId,
      outcome.status,
      JSON.stringify(outcome.answer),
      outcome.answerText,
      outcome.errorCode,
      outcome.model,
      outcome.modelCalls,
      outcome.inputTokens,
      outcome.outputTokens,
      outcome.finishedAt,
      outcome.elapsedMs,
      JSON.stringify(outcome.toolCalls),
      outcome.askedBy,
      JSON.stringify(auditedFacts(outcome)),
    ],
  });
  chainSoon(db.pool);
}

/** What was asked, what ran and what came back, by fingerprints and hashes: enough to prove an answer, without its rows. */
function auditedFacts({ question, status, errorCode, model, toolCalls }: OutcomeRecord): Record<string, unknown> {
  const calls = toolCalls.map(({ tool, status: outcome, sqlFingerprint, rowCount, resultHash }) => ({
    tool,
    status: outcome,
    sqlFingerprint,
    rowCount,
    resultHash,
  }));
  return { question, status, errorCode, model, calls };
}

export interface StoredTurn {
  queryId: string;
  question: string;
  askedAt: Date;
  status: string | null;
  answer: unknown;
  feedback: { score: 1 | -1; reason?: string } | undefined;
}

/** The turns of a conversation of this person, oldest first, at most the last `limit`; null when there is no such conversation. */
export async function conversationTurns(
  db: Db,
  principal: Principal,
  conversationId: string,
  limit: number,
): Promise<StoredTurn[] | null> {
  const { rows } = await db.pool.query({
    name: 'conversations.turns',
    text: `SELECT c.conversation_id, q.query_id, q.question, q.started_at, q.answer_status, q.answer, q.feedback, q.feedback_reason
FROM conversations c
LEFT JOIN LATERAL (
  SELECT * FROM ai_queries WHERE conversation_id = c.conversation_id ORDER BY ordinal DESC LIMIT $3
) q ON true
WHERE c.conversation_id = $1 AND c.user_id = $2 AND ${seenWith('c', '$4')}
ORDER BY q.ordinal`,
    values: [conversationId, principal.userId, limit, principal.tokenId ?? null],
  });
  if (rows.length === 0) return null;
  return rows
    .filter((row) => row.query_id !== null)
    .map((row) => ({
      queryId: row.query_id,
      question: row.question,
      askedAt: row.started_at,
      status: row.answer_status,
      answer: row.answer,
      feedback:
        row.feedback === null
          ? undefined
          : { score: row.feedback, ...(row.feedback_reason ? { reason: row.feedback_reason } : {}) },
    }));
}

export interface ConversationRow {
  threadId: string;
  title: string;
  lastAt: string;
  turns: number;
}

/** This person's conversations, the most recent first. */
export async function listConversations(db: Db, principal: Principal, limit: number): Promise<ConversationRow[]> {
  const { rows } = await db.pool.query({
    name: 'conversations.list',
    text: `SELECT c.conversation_id, c.title, c.last_at,
  (SELECT count(*)::integer FROM ai_queries q WHERE q.conversation_id = c.conversation_id) AS turns
FROM conversations c WHERE c.user_id = $1 AND ${seenWith('c', '$3')} ORDER BY c.last_at DESC, c.conversation_id LIMIT $2`,
    values: [principal.userId, limit, principal.tokenId ?? null],
  });
  return rows.map((row) => ({
    threadId: row.conversation_id,
    title: row.title,
    lastAt: row.last_at.toISOString(),
    turns: row.turns,
  }));
}

export interface QueryRow {
  queryId: string;
  threadId: string;
  askedAt: string;
  askedBy: string;
  surface: string;
  question: string;
  status: string;
  model: string;
  toolCalls: number;
  rowCount: number;
  elapsedMs: number | null;
  feedback: { score: 1 | -1; reason?: string } | null;
}

const cursorSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/**
 * A page of the AI query log, newest first: everybody's for an admin, one's own otherwise. Rows without a status are
 * under way, or their process was ended in the middle; they show as `running`.
 */
export async function listQueries(
  db: Db,
  principal: Principal,
  page: { limit: number; cursor?: string },
): Promise<{ items: QueryRow[]; nextCursor?: string }> {
  const [before, beforeId] = page.cursor === undefined ? [null, null] : decodeCursor(cursorSchema, page.cursor);
  const { rows } = await db.pool.query<QueryDbRow>({
    name: 'ai_queries.list',
    text: `SELECT q.*, u.email, calls.count AS tool_calls, calls.rows AS tool_rows
FROM ai_queries q JOIN users u USING (user_id) JOIN conversations c USING (conversation_id)
CROSS JOIN LATERAL (
  SELECT count(*)::integer, coalesce(sum(row_count), 0)::integer AS rows FROM ai_tool_calls t WHERE t.query_id = q.query_id
) calls
WHERE ($1 OR q.user_id = $2 AND ${seenWith('c', '$6')}) AND ($3::timestamptz IS NULL OR (date_trunc('milliseconds', q.started_at), q.query_id) < ($3, $4::uuid))
ORDER BY date_trunc('milliseconds', q.started_at) DESC, q.query_id DESC LIMIT $5`,
    values: [principal.role === 'admin', principal.userId, before, beforeId, page.limit + 1, principal.tokenId ?? null],
  });
  const items = rows.slice(0, page.limit).map(toQueryRow);
  const last = items.at(-1);
  if (rows.length <= page.limit || last === undefined) return { items };
  return { items, nextCursor: encodeCursor([last.askedAt, last.queryId]) };
}

interface QueryDbRow {
  query_id: string;
  conversation_id: string;
  started_at: Date;
  email: string;
  surface: string;
  question: string;
  answer_status: string | null;
  model: string;
  tool_calls: number;
  tool_rows: number;
  elapsed_ms: number | null;
  feedback: 1 | -1 | null;
  feedback_reason: string | null;
}

function toQueryRow(row: QueryDbRow): QueryRow {
  return {
    queryId: row.query_id,
    threadId: row.conversation_id,
    askedAt: row.started_at.toISOString(),
    askedBy: row.email,
    surface: row.surface,
    question: row.question,
    status: row.answer_status ?? 'running',
    model: row.model,
    toolCalls: row.tool_calls,
    rowCount: row.tool_rows,
    elapsedMs: row.elapsed_ms,
    feedback:
      row.feedback === null
        ? null
        : { score: row.feedback, ...(row.feedback_reason ? { reason: row.feedback_reason } : {}) },
  };
}

/** Stores a thumb up or down on one's own question; a later one replaces it. Returns false when there is no such question. */
export async function storeFeedback(
  db: Db,
  principal: Principal,
  queryId: string,
  feedback: { score: 1 | -1; reason?: string; at: Date },
): Promise<boolean> {
  const { rowCount } = await db.pool.query({
    name: 'ai_queries.feedback',
    text: `UPDATE ai_queries SET feedback = $3, feedback_reason = $4, feedback_at = $5
FROM conversations c WHERE query_id = $1 AND ai_queries.user_id = $2 AND c.conversation_id = ai_queries.conversation_id AND ${seenWith('c', '$6')}`,
    values: [
      queryId,
      principal.userId,
      feedback.score,
      feedback.reason ?? null,
      feedback.at,
      principal.tokenId ?? null,
    ],
  });
  return rowCount === 1;
}
