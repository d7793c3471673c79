import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import { BaseChatModel, type BaseChatModelParams } from '@langchain/core/language_models/chat_models';
import { AIMessage, AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import { type Words, wordsOfPlan, wordsOfResults } from './answer.ts';
import type { Catalog, KnownResource } from './catalog.ts';
import { type Turn, turnsOf } from './history.ts';
import type { Plan, PlannedCall } from './plan.ts';
import { planTurn } from './talk.ts';
import { wordsOf } from './words.ts';

export interface OfflineModelFields extends BaseChatModelParams {
  catalog: Catalog;
  now: Date;
}

interface Reply {
  text: string;
  calls: { id: string; name: string; args: Record<string, unknown> }[];
  extras: { answerStatus?: string; followUps?: string[] };
}

/**
 * The model that works without a network or a key: a planner over the field's vocabulary behind the interface of a chat
 * model, so that the agent loop, the tools and the checks are those of any other. The same conversation, catalog and clock
 * give the same reply. It answers with tool calls, or with text whose numbers are placeholders such as `{{r1.total}}`;
 * `additional_kwargs` hold `followUps` and, where the words decide it, `answerStatus`.
 */
export class OfflineModel extends BaseChatModel {
  private readonly catalog: Catalog;
  private readonly now: Date;

  constructor(fields: OfflineModelFields) {
    super(fields);
    this.catalog = fields.catalog;
    this.now = fields.now;
  }

  override _llmType(): string {
    return 'offline';
  }

  /** It knows the tools it calls; which are bound makes no difference. */
  override bindTools(): OfflineModel {
    return this;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const { text, calls, extras } = await this.reply(messages);
    const message = new AIMessage({
      content: text,
      tool_calls: calls.map((call) => ({ ...call, type: 'tool_call' as const })),
      additional_kwargs: extras,
      usage_metadata: NO_TOKENS,
    });
    return { generations: [{ text, message }] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    _options: this['ParsedCallOptions'],
    run?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const { text, calls, extras } = await this.reply(messages);
    const tools = calls.map(({ id, name, args }, index) => ({
      id,
      name,
      args: JSON.stringify(args),
      index,
      type: 'tool_call_chunk' as const,
    }));
    const first = new AIMessageChunk({
      content: '',
      tool_call_chunks: tools,
      additional_kwargs: extras,
      usage_metadata: NO_TOKENS,
    });
    yield new ChatGenerationChunk({ text: '', message: first });
    for (const piece of text.match(/\S+\s*/g) ?? []) {
      const chunk = new ChatGenerationChunk({ text: piece, message: new AIMessageChunk({ content: piece }) });
      yield chunk;
      await run?.handleLLMNewToken(piece, undefined, undefined, undefined, undefined, { chunk });
    }
  }

  private async reply(messages: BaseMessage[]): Promise<Reply> {
    const turns = turnsOf(messages);
    const turn = turns.at(-1);
    if (turn === undefined)
      return { text: 'Ask me about your cloud bill.', calls: [], extras: { answerStatus: 'clarify' } };
    const plan = await this.plan(turn.question, turns.slice(0, -1));
    if (plan.kind !== 'call') return spoken(wordsOfPlan(plan));
    if (turn.calls.length === 0) return { text: '', calls: plan.calls.map(toCall), extras: {} };
    const results = turn.calls.slice(0, plan.calls.length).flatMap((call) => call.result ?? []);
    return spoken(wordsOfResults(plan, results));
  }

  /** The plan; names nobody knows are looked up among the resources first, which the catalog does not list. */
  private async plan(question: string, history: Turn[]): Promise<Plan> {
    const context = { catalog: this.catalog, now: this.now };
    const plan = planTurn(question, history, { ...context, resources: [] });
    if (plan.kind !== 'decline' || (plan.reason !== 'not understood' && plan.reason !== 'not in the data')) return plan;
    const resources = await this.lookUp(question);
    return resources.length === 0 ? plan : planTurn(question, history, { ...context, resources });
  }

  private async lookUp(question: string): Promise<KnownResource[]> {
    const found = await Promise.all(nameLike(question).map((text) => this.catalog.findResources(text)));
    return found.flatMap((resources) => resources.slice(0, 1));
  }
}

const NO_TOKENS = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };

const LOOKUPS = 6;

/** Words of a question that could be the name of a resource: joined by hyphens, dots or the like, or with digits in them. */
function nameLike(question: string): string[] {
  const pieces = question.split(/[\s,;?!"'`()]+/).map((piece) => piece.replace(/[.:]+$/, ''));
  const joined = pieces.filter((piece) => piece.length >= 4 && /[\p{L}]/u.test(piece) && /[-_./:\d]/.test(piece));
  return [...new Set(joined)].filter((piece) => wordsOf(piece).length > 0).slice(0, LOOKUPS);
}

const toCall = (call: PlannedCall, index: number) => ({
  id: `call_${index + 1}`,
  name: call.tool,
  args: { ...call.input } as Record<string, unknown>,
});

const spoken = ({ text, status, followUps }: Words): Reply => ({
  text,
  calls: [],
  extras: { followUps, ...(status ? { answerStatus: status } : {}) },
});
