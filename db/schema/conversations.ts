import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';
import { identities, users } from './users.ts';

export const SURFACES = ['web', 'api', 'cli', 'eval', 'slack', 'teams', 'mcp'] as const;
export const ANSWER_STATUSES = ['answered', 'clarify', 'refused', 'no_data', 'failed'] as const;
export const TOOL_STATUSES = ['ok', 'no_data', 'denied', 'error'] as const;

export const conversations = describe(
  pgTable(
    'conversations',
    {
      conversationId: uuid().primaryKey().defaultRandom(),
      userId: uuid()
        .notNull()
        .references(() => users.userId),
      tokenId: uuid().references(() => identities.identityId),
      surface: text({ enum: SURFACES }).notNull(),
      externalThread: text(),
      title: text().notNull(),
      createdAt: instant().notNull().defaultNow(),
      lastAt: instant().notNull().defaultNow(),
    },
    (table) => [
      oneOf('conversations_surface', table.surface, SURFACES),
      unique('conversations_external_thread').on(table.surface, table.externalThread),
      index('conversations_user').on(table.userId, table.lastAt),
    ],
  ),
  'Threads of questions and answers.',
  {
    conversationId: 'Number of the thread.',
    userId: 'Who started it.',
    tokenId: 'The API token it was started with, which sees no other threads of its person; NULL for the person.',
    surface: 'Where it takes place: web, api, cli, eval, slack, teams or mcp.',
    externalThread: "The chat platform's own id of the thread; NULL elsewhere.",
    title: 'The first question, shortened.',
    createdAt: 'When the first question was asked.',
    lastAt: 'When the last question was asked.',
  },
);

export const aiQueries = describe(
  pgTable(
    'ai_queries',
    {
      queryId: uuid().primaryKey().defaultRandom(),
      ordinal: bigint({ mode: 'bigint' }).notNull().generatedAlwaysAsIdentity(),
      conversationId: uuid()
        .notNull()
        .references(() => conversations.conversationId),
      userId: uuid()
        .notNull()
        .references(() => users.userId),
      surface: text({ enum: SURFACES }).notNull(),
      question: text().notNull(),
      answerStatus: text({ enum: ANSWER_STATUSES }),
      answer: jsonb().$type<unknown>(),
      answerText: text(),
      errorCode: text(),
      model: text().notNull(),
      modelCalls: integer().notNull().default(0),
      inputTokens: integer().notNull().default(0),
      outputTokens: integer().notNull().default(0),
      startedAt: instant().notNull().defaultNow(),
      finishedAt: instant(),
      elapsedMs: doublePrecision(),
      feedback: smallint().$type<1 | -1>(),
      feedbackReason: text(),
      feedbackAt: instant(),
    },
    (table) => [
      oneOf('ai_queries_surface', table.surface, SURFACES),
      oneOf('ai_queries_answer_status', table.answerStatus, ANSWER_STATUSES),
      check(
        'ai_queries_finished',
        sql`num_nulls(${table.answerStatus}, ${table.finishedAt}, ${table.elapsedMs}, ${table.answerText}) IN (0, 4)`,
      ),
      check('ai_queries_elapsed', sql`${table.elapsedMs} >= 0`),
      check('ai_queries_failed', sql`${table.errorCode} IS NULL OR ${table.answerStatus} IS NOT NULL`),
      check('ai_queries_tokens', sql`least(${table.modelCalls}, ${table.inputTokens}, ${table.outputTokens}) >= 0`),
      check('ai_queries_feedback', sql`${table.feedback} IN (-1, 1)`),
      check(
        'ai_queries_feedback_at',
        sql`(${table.feedback} IS NULL) = (${table.feedbackAt} IS NULL) AND (${table.feedbackReason} IS NULL OR ${table.feedback} IS NOT NULL)`,
      ),
      index('ai_queries_conversation').on(table.conversationId, table.startedAt),
      index('ai_queries_started').on(table.startedAt, table.queryId),
      index('ai_queries_user').on(table.userId, table.startedAt),
    ],
  ),
  'The AI query log: every question, written before the model is called and completed with its answer, so that a question whose answer failed stands here too.',
  {
    queryId: 'Number of the question.',
    ordinal: 'Counts up with every question: their order where the clock shows the same instant.',
    conversationId: 'The thread.',
    userId: 'Who asked.',
    surface: 'Where it was asked.',
    question: 'The question as it was written, secrets removed.',
    answerStatus: 'answered, clarify (a question back), refused, no_data or failed; NULL while under way or cut off.',
    answer: 'The whole answer as every surface shows it: text, tables, chart, receipts.',
    answerText: 'The text of the answer.',
    errorCode: 'What went wrong (docs/errors.md); NULL when nothing did.',
    model: 'The model that answered.',
    modelCalls: 'How often the model was called.',
    inputTokens: 'Tokens sent to the model.',
    outputTokens: 'Tokens received from it.',
    startedAt: 'When the question came.',
    finishedAt: 'When the answer was complete.',
    elapsedMs: 'Time from question to answer, in milliseconds.',
    feedback: "The asker's thumb: 1 up, -1 down; NULL for none.",
    feedbackReason: "Why, in the asker's words.",
    feedbackAt: 'When the thumb was given.',
  },
);

export const aiToolCalls = describe(
  pgTable(
    'ai_tool_calls',
    {
      queryId: uuid()
        .notNull()
        .references(() => aiQueries.queryId),
      ordinal: integer().notNull(),
      tool: text().notNull(),
      arguments: jsonb().$type<unknown>().notNull(),
      status: text({ enum: TOOL_STATUSES }).notNull(),
      sql: text(),
      sqlFingerprint: text(),
      rowCount: integer(),
      resultHash: text(),
      startedAt: instant().notNull(),
      elapsedMs: doublePrecision().notNull(),
      errorCode: text(),
    },
    (table) => [
      primaryKey({ name: 'ai_tool_calls_pkey', columns: [table.queryId, table.ordinal] }),
      oneOf('ai_tool_calls_status', table.status, TOOL_STATUSES),
      check('ai_tool_calls_counts', sql`${table.ordinal} > 0 AND ${table.rowCount} >= 0 AND ${table.elapsedMs} >= 0`),
      check('ai_tool_calls_error', sql`(${table.errorCode} IS NOT NULL) = (${table.status} = 'error')`),
    ],
  ),
  'What was called to answer a question, in order.',
  {
    queryId: 'The question.',
    ordinal: 'Position among the calls of the question, from 1.',
    tool: 'Name of the tool.',
    arguments: 'What it was called with.',
    status: 'ok, no_data, denied or error.',
    sql: 'The statement that ran; NULL when none did.',
    sqlFingerprint: 'Hash of the statement without its constants: equal for statements of the same shape.',
    rowCount: 'Rows returned.',
    resultHash: 'Hash of what came back, so that a number in the answer can be traced to it.',
    startedAt: 'When the call started.',
    elapsedMs: 'How long it took, in milliseconds.',
    errorCode: 'What went wrong (docs/errors.md), when status is error.',
  },
);
