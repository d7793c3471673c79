import type { Answer, AskEvent } from '../../agent/answer.ts';
import type { ToolContext } from '../../tools/tool.ts';
import type { Conversation, ConversationSummary, Feedback, ModelInfo, QuerySummary } from '../contract.ts';

type Principal = ToolContext['principal'];

export interface AskRequest {
  question: string;
  threadId?: string;
  principal: Principal;
  surface: 'web' | 'api' | 'cli' | 'eval';
  signal?: AbortSignal;
  onEvent?: (event: AskEvent) => void;
}

/** The door of the agent that the web knocks at. */
export interface Assistant {
  ask(request: AskRequest): Promise<Answer>;
  listQueries(
    principal: Principal,
    page: { limit: number; cursor?: string },
  ): Promise<{ items: QuerySummary[]; nextCursor?: string }>;
  listConversations(principal: Principal, page: { limit: number }): Promise<ConversationSummary[]>;
  getConversation(principal: Principal, threadId: string): Promise<Conversation | null>;
  giveFeedback(principal: Principal, queryId: string, feedback: Feedback): Promise<void>;
  suggestQuestions(principal: Principal): Promise<string[]>;
  model: ModelInfo;
}
