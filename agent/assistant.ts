import { z } from 'zod';
import { type AuditFilter, type AuditRecord, listAudit } from '../db/audit/list.ts';
import type { Principal } from '../db/principal.ts';
import {
  type ConversationRow,
  conversationTurns,
  listConversations,
  listQueries,
  type QueryRow,
  type StoredTurn,
  storeFeedback,
} from '../db/queries/ai-queries.ts';
import { loadCatalog } from '../db/queries/catalog.ts';
import { decodeCursor, encodeCursor } from '../db/queries/cursor.ts';
import { PennyError } from '../errors.ts';
import { feedbackGiven } from '../metrics.ts';
import { redact } from '../redaction.ts';
import { tools } from '../tools/registry.ts';
import { type Answer, answerSchema } from './answer.ts';
import { type AskOptions, type AskRequest, ask } from './ask.ts';
import { requireRole } from './identity/users.ts';
import { questionGate, withinBudget } from './limits.ts';
import { type ModelName, modelName } from './model.ts';
import { suggestQuestions } from './suggest.ts';
import { isUuid } from './uuid.ts';

export type { AskRequest } from './ask.ts';

export interface Feedback {
  score: 1 | -1;
  reason?: string | undefined;
}

export interface Conversation {
  threadId: string;
  turns: { question: string; answer: Answer; askedAt: string; feedback?: Feedback }[];
}

/** The agent behind every surface. */
/** Which entries of the audit log; instants in ISO 8601. */
export interface AuditPage extends Omit<AuditFilter, 'since' | 'until'> {
  limit: number;
  cursor?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

export interface Assistant {
  model: ModelName;
  /**
   * Answers one question. Model outages, loops and unreadable replies come back as an answer of status `failed`, or as an
   * answer of the offline model that says so; the question is in the log either way.
   * @throws PennyError `invalid_input`, `not_found` (the conversation), `rate_limited`, `database_unavailable`
   */
  ask(request: AskRequest): Promise<Answer>;
  /** A page of the AI query log: everybody's for an admin, one's own otherwise. */
  listQueries(
    principal: Principal,
    page: { limit: number; cursor?: string },
  ): Promise<{ items: QueryRow[]; nextCursor?: string }>;
  /** A page of the audit log, newest first. @throws PennyError `forbidden` for all but administrators */
  listAudit(principal: Principal, page: AuditPage): Promise<{ items: AuditRecord[]; nextCursor?: string }>;
  listConversations(principal: Principal, page: { limit: number }): Promise<ConversationRow[]>;
  /** A conversation of this person with its turns, oldest first; null when there is none. */
  getConversation(principal: Principal, threadId: string): Promise<Conversation | null>;
  /** @throws PennyError `forbidden` for viewers; `not_found` when this person asked no such question */
  giveFeedback(principal: Principal, queryId: string, feedback: Feedback): Promise<void>;
  /** Questions that this estate can answer, to start with. */
  suggestQuestions(principal: Principal): Promise<string[]>;
}

const TURNS_SHOWN = 200;

/** The assistant over a database; `tools` are all of them unless given. */
export function createAssistant(
  given: Omit<AskOptions, 'model' | 'tools'> & Partial<Pick<AskOptions, 'tools'>>,
): Assistant {
  const options: AskOptions = { tools, ...given, model: modelName(given.config) };
  const { db, model, now } = options;
  const letAsk = questionGate(given.config);
  return {
    model,
    async ask(request) {
      letAsk(request);
      return ask(await withinBudget(options, request), request);
    },
    listQueries: (principal, page) => listQueries(db, principal, page),
    async listAudit(principal, { limit, cursor, since, until, ...filter }) {
      requireRole(principal, 'admin');
      const found = await listAudit(
        db.pool,
        { ...filter, ...(since ? { since: new Date(since) } : {}), ...(until ? { until: new Date(until) } : {}) },
        { limit: limit + 1, ...(cursor ? { before: decodeCursor(z.number().int(), cursor) } : {}) },
      );
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, ...(found.length > limit && last ? { nextCursor: encodeCursor(last.entryId) } : {}) };
    },
    listConversations: (principal, { limit }) => listConversations(db, principal, limit),
    async getConversation(principal, threadId) {
      const turns = isUuid(threadId) ? await conversationTurns(db, principal, threadId, TURNS_SHOWN) : null;
      return turns === null ? null : { threadId, turns: turns.flatMap((turn) => shownTurn(turn)) };
    },
    async giveFeedback(principal, queryId, { score, reason }) {
      requireRole(principal, 'engineer');
      const feedback = { score, at: now(), ...(reason ? { reason: redact(reason) } : {}) };
      const stored = isUuid(queryId) && (await storeFeedback(db, principal, queryId, feedback));
      if (!stored) throw new PennyError('not_found', 'You have asked no such question.');
      feedbackGiven.inc({ score: score === 1 ? 'up' : 'down' });
    },
    suggestQuestions: async (principal) => suggestQuestions(await loadCatalog(db, principal)),
  };
}

/** A turn as it was shown; one whose answer never came (its process was ended) is left out. */
function shownTurn({ question, answer, askedAt, feedback }: StoredTurn): Conversation['turns'] {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return [];
  return [{ question, answer: parsed.data, askedAt: askedAt.toISOString(), ...(feedback ? { feedback } : {}) }];
}
