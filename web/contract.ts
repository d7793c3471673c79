import { z } from 'zod';
import { answerSchema, askEventSchema } from '../agent/answer.ts';
import { QUESTION_MAX_CHARS, REASON_MAX_CHARS } from './limits.ts';

/**
 * What the server and its clients say to each other, as zod: the server validates and documents with it, the page takes
 * its types from it. Instants are ISO 8601 in UTC.
 */
const id = z.string().min(1).max(100);
const text = z.string().trim();

export const errorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  })
  .meta({ id: 'Error' });

export const askBody = z.strictObject({
  question: text
    .min(1, 'Write a question.')
    .max(QUESTION_MAX_CHARS, `A question may have at most ${QUESTION_MAX_CHARS} characters.`),
  threadId: id.optional().describe('The conversation to go on with; without it a new one begins.'),
});

/** One event of `text/event-stream`: the steps of the turn, then the answer; `error` ends a turn that has none. */
export const streamEvent = z
  .discriminatedUnion('type', [...askEventSchema.options, z.object({ type: z.literal('error'), ...errorBody.shape })])
  .meta({ id: 'StreamEvent' });

export const feedback = z.object({ score: z.union([z.literal(1), z.literal(-1)]), reason: z.string().optional() });

export const feedbackBody = z.strictObject({
  score: feedback.shape.score.describe('1: it helped; -1: it did not.'),
  reason: text.max(REASON_MAX_CHARS).optional(),
});

export const queryParams = z.object({ queryId: id });
export const threadParams = z.object({ threadId: id });

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(500).optional().describe('`nextCursor` of the page before.'),
});

export const limitQuery = pageQuery.pick({ limit: true });

/** One line of the AI query log. */
export const querySummary = z
  .object({
    queryId: id,
    threadId: id,
    askedAt: z.string(),
    askedBy: z.string().describe('E-mail address of the person who asked.'),
    surface: z.string(),
    question: z.string(),
    status: z.string(),
    model: z.string(),
    toolCalls: z.number(),
    rowCount: z.number(),
    elapsedMs: z.number().nullable(),
    feedback: feedback.nullable(),
  })
  .meta({ id: 'AiQuerySummary' });

export const queryPage = z.object({ items: z.array(querySummary), nextCursor: z.string().optional() });

export const conversationSummary = z
  .object({ threadId: id, title: z.string(), lastAt: z.string(), turns: z.number() })
  .meta({ id: 'ConversationSummary' });

export const conversationList = z.object({ items: z.array(conversationSummary) });

export const conversation = z
  .object({
    threadId: id,
    turns: z.array(
      z.object({ question: z.string(), answer: answerSchema, askedAt: z.string(), feedback: feedback.optional() }),
    ),
  })
  .meta({ id: 'Conversation' });

export const suggestionList = z.object({ items: z.array(z.string()) });

export const modelInfo = z.object({
  kind: z
    .enum(['offline', 'openai'])
    .describe('`offline`: the built-in planner; `openai`: an OpenAI-compatible endpoint.'),
  name: z.string(),
});

const receipt = answerSchema.shape.receipts.element;
const cell = z.object({
  value: z.union([z.string(), z.number(), z.null()]),
  kind: z.string(),
  unit: z.string().nullable(),
});

/** What a tool found: the same facts, tables and receipt an answer is made of. */
export const toolResponse = z
  .discriminatedUnion('status', [
    z.object({
      status: z.literal('ok'),
      data: z.object({
        facts: z.record(z.string(), cell),
        tables: z.array(answerSchema.shape.tables.element.extend({ name: z.string() })),
        chart: answerSchema.shape.chart,
      }),
      receipt,
      nextCursor: z.string().optional().describe('Of a list that goes on: `cursor` of the next page.'),
    }),
    z.object({ status: z.literal('no_data'), searched: z.string(), suggestions: z.array(z.string()), receipt }),
  ])
  .meta({ id: 'ToolResponse' });

export type AskBody = z.input<typeof askBody>;
export type StreamEvent = z.infer<typeof streamEvent>;
export type Feedback = z.infer<typeof feedback>;
export type ErrorBody = z.infer<typeof errorBody>;
export type QuerySummary = z.infer<typeof querySummary>;
export type ConversationSummary = z.infer<typeof conversationSummary>;
export type Conversation = z.infer<typeof conversation>;
export type ModelInfo = z.infer<typeof modelInfo>;
export type ToolResponse = z.infer<typeof toolResponse>;
