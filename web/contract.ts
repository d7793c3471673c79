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

export const auditQuery = pageQuery.extend({
  actor: text.optional().describe('E-mail address of a person, or the name of a job.'),
  event: text.optional().describe('For example `bill.loaded`.'),
  subjectType: text.optional(),
  subjectId: text.optional(),
  since: z.iso.datetime({ offset: true }).optional().describe('Instant, inclusive.'),
  until: z.iso.datetime({ offset: true }).optional().describe('Instant, exclusive.'),
});

/** An entry of the audit log. */
export const auditEntry = z
  .object({
    entryId: z.number().int(),
    occurredAt: z.string().describe('ISO 8601 with microseconds.'),
    actorId: id.nullable(),
    actor: z.string(),
    surface: z.string(),
    event: z.string(),
    subjectType: z.string().nullable(),
    subjectId: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    previousHash: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' });

export type AuditEntry = z.infer<typeof auditEntry>;

export const auditPage = z.object({ items: z.array(auditEntry), nextCursor: z.string().optional() });

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

export const role = z.enum(['viewer', 'engineer', 'approver', 'admin']);

const scopeName = text.min(1).max(256);

export const scope = z
  .union([
    z.literal('all'),
    z.strictObject({
      subAccountIds: z.array(scopeName).max(1000),
      tags: z.array(z.strictObject({ key: scopeName, value: scopeName })).max(1000),
    }),
  ])
  .describe('A union: what lies in one of the sub-accounts or carries one of the tag values; or `all`.')
  .meta({ id: 'Scope' });

/** Who one is here, and what one may see. */
export const me = z
  .object({
    email: z.string(),
    name: z.string(),
    role,
    scope,
    sees: z.string().describe('The scope in words: "Everything", "Nothing yet", or accounts and tag values by name.'),
  })
  .meta({ id: 'Me' });

export const persona = z.object({ id, title: z.string(), description: z.string() });

/** The ways to sign in here. A token always works. */
export const signInOptions = z
  .object({
    provider: z.boolean().describe('Whether `/auth/sign-in` leads to an identity provider.'),
    oneMachine: z.boolean().describe('Whether a one-time link of the terminal signs in.'),
    personas: z
      .array(persona)
      .describe('Whom one can be with one click; only beside the demo estate, on its own machine.'),
  })
  .meta({ id: 'SignInOptions' });

const secret = z.string().min(1).max(200);
export const personaBody = z.strictObject({ persona: id });
export const linkBody = z.strictObject({ code: secret });
export const tokenSignInBody = z.strictObject({ token: secret });
export const signOutBody = z.strictObject({
  everywhere: z.boolean().optional().describe('Also in every other browser.'),
});
export const returnQuery = z.object({
  return_to: z.string().max(500).optional().describe('Path of the page to come back to.'),
});

export const user = z
  .object({
    userId: id,
    email: z.string(),
    name: z.string(),
    role,
    scope,
    disabled: z.boolean(),
    createdAt: z.string(),
  })
  .meta({ id: 'User' });

export const userList = z.object({ items: z.array(user) });
export const userParams = z.object({ userId: z.string().min(1).max(320).describe('Number or e-mail address.') });
const userName = text.min(1).max(200);
export const newUser = z.strictObject({
  email: z.email().max(320),
  name: userName.optional(),
  role,
  scope: scope.optional(),
});
export const userChanges = z
  .strictObject({ name: userName, role, scope, disabled: z.boolean() })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'Say what to change.');

export const apiToken = z
  .object({
    tokenId: id,
    name: z.string().nullable(),
    email: z.string().describe('Whose it is.'),
    role: role.describe('The most it may do; it never does more than its person may.'),
    scope: scope.nullable().describe('The most it may see; null: as its person.'),
    createdAt: z.string(),
    lastUsedAt: z.string().nullable(),
    expiresAt: z.string(),
    revokedAt: z.string().nullable(),
  })
  .meta({ id: 'ApiToken' });

export const tokenList = z.object({ items: z.array(apiToken) });
export const tokenParams = z.object({ tokenId: id });
export const newToken = z.strictObject({
  role,
  email: z.email().max(320).optional().describe('Whose it is; administrators only. Default: your own.'),
  scope: scope.optional(),
  days: z.int().min(1).max(365).optional().describe('Days until it expires; default 90.'),
  name: text.min(1).max(100).optional(),
});
export const createdToken = apiToken.extend({ token: z.string().describe('The secret. It is shown this once.') });

const jobState = z.enum(['due', 'running', 'failed', 'done', 'cancelled', 'dead']);

/** One run of a job, for one due time. */
export const jobRun = z
  .object({
    runId: z.number(),
    job: z.string(),
    dueAt: z.string(),
    state: jobState.describe('`failed` will be tried again, at `retryAt`; `dead` was given up.'),
    attempt: z.number(),
    requestedBy: z.string().nullable().describe('Who ran it by hand; null when the schedule did.'),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
    retryAt: z.string().nullable(),
    stopping: z.boolean().describe('It was told to stop and has not yet.'),
    elapsedMs: z.number().nullable(),
    progress: z
      .object({ done: z.number(), total: z.number().optional(), text: z.string().optional() })
      .nullable()
      .describe('How far it is; without `total` nobody knows how much there is.'),
    rowCount: z.number().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'JobRun' });

export const job = z
  .object({
    name: z.string(),
    title: z.string(),
    schedule: z.string().describe('A cron pattern, UTC.'),
    nextDueAt: z.string().nullable(),
    missing: z.string().nullable().describe('What has to be set before it runs.'),
    lastRun: jobRun.nullable(),
    lastSuccessAt: z.string().nullable(),
  })
  .meta({ id: 'Job' });

export const jobList = z.object({ items: z.array(job) });
export const jobRunPage = z.object({ items: z.array(jobRun), nextCursor: z.string().optional() });
export const jobRunsQuery = pageQuery.extend({ job: text.min(1).max(100).optional(), state: jobState.optional() });
export const jobParams = z.object({ name: text.min(1).max(100) });
export const jobRunParams = z.object({ runId: z.coerce.number().int().positive() });
export const newJobRun = z
  .strictObject({
    dueAt: z.iso.datetime({ offset: true }).optional().describe('The due time it runs for; default: now.'),
  })
  .nullish();

const amountText = text.regex(
  /^\d{1,15}(\.\d{1,6})?$/,
  'An amount is a decimal number as text, such as "2500" or "99.50".',
);
const positive = amountText.refine((amount) => Number(amount) > 0, 'It must be above 0.');

const budgetFields = z.strictObject({
  name: text.min(1).max(200),
  dimensions: z
    .record(z.string().min(1).max(200), text.min(1).max(500))
    .default({})
    .describe(
      'Whose cost: `{"tag:team": "checkout"}`, `{"sub_account_id": "..."}`, `{"service_name": "..."}`; `{}` for everything.',
    ),
  metric: z.enum(['effective_cost', 'billed_cost', 'contracted_cost', 'list_cost']).default('effective_cost'),
  period: z.enum(['month', 'quarter', 'year']),
  amount: positive.nullable().optional().describe('What one period allows; null follows the forecast.'),
  currency: text.regex(/^[A-Z]{3}$/, 'A currency is like USD.'),
  thresholdPercents: z
    .array(positive)
    .min(1)
    .max(20)
    .default(['80', '100'])
    .describe('At which shares people are told.'),
  startDate: z.iso.date().optional().describe('First day it holds; default: today.'),
  endDate: z.iso.date().nullable().optional().describe('First day it no longer holds.'),
  owner: z.email().nullable().optional().describe('Who answers for it.'),
});

export const newBudget = budgetFields;
export const budgetChanges = z.strictObject({
  name: budgetFields.shape.name.optional(),
  amount: budgetFields.shape.amount,
  thresholdPercents: z.array(positive).min(1).max(20).optional(),
  endDate: budgetFields.shape.endDate,
  owner: budgetFields.shape.owner,
});
export const budgetParams = z.object({ budgetId: z.coerce.number().int().positive() });

export const budget = z
  .object({
    budgetId: z.number(),
    name: z.string(),
    dimensions: z.record(z.string(), z.string()),
    metric: z.string(),
    period: z.enum(['month', 'quarter', 'year']),
    kind: z.enum(['fixed', 'forecast']),
    amount: z.string().nullable(),
    currency: z.string(),
    thresholdPercents: z.array(z.string()),
    startDate: z.string(),
    endDate: z.string().nullable(),
    createdAt: z.string(),
    archivedAt: z.string().nullable(),
  })
  .meta({ id: 'Budget' });

/** Numbers of one metric of the business. */
export const givenMetrics = z.strictObject({
  name: text.min(1).max(200).describe('What is counted, such as `orders`.'),
  unit: text.min(1).max(100).optional().describe('What one of it is called.'),
  dimensions: budgetFields.shape.dimensions.describe(
    'Whose number it is: `{"tag:team": "checkout"}`; `{}` for everything.',
  ),
  values: z
    .array(
      z.strictObject({
        date: z.iso.date(),
        value: text
          .regex(/^-?\d{1,15}(\.\d{1,6})?$/, 'A number is decimal text.')
          .nullable()
          .describe('null: not known, which is not 0.'),
      }),
    )
    .min(1)
    .max(400),
});
export const storedMetrics = z.object({ stored: z.number().int() });
export const unitCostsQuery = z.object({
  name: z.string().optional().describe('The business metric; not needed when there is one.'),
  part: z.string().optional().describe('Of which part, such as `tag:team=checkout`.'),
  metric: z.string().optional(),
  period: z.string().optional().describe('`last 30 days` (default), `last month`, ...'),
  compareTo: z.string().optional(),
  granularity: z.string().optional().describe('`none` (default), `day`, `week` or `month`.'),
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
export type Me = z.infer<typeof me>;
export type SignInOptions = z.infer<typeof signInOptions>;
export type Persona = z.infer<typeof persona>;
export type Job = z.infer<typeof job>;
export type JobRun = z.infer<typeof jobRun>;
export type ToolResponse = z.infer<typeof toolResponse>;
