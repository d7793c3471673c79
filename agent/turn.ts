import { randomUUID } from 'node:crypto';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { createAgent, createMiddleware } from 'langchain';
import { z } from 'zod';
import { PennyError } from '../errors.ts';
import { redacted } from '../redaction.ts';
import { dimensionWord } from '../tools/dimension-words.ts';
import type { Tool, ToolContext, ToolResult } from '../tools/tool.ts';
import type { AskEvent } from './answer.ts';
import { unsupportedNumbers } from './grounding.ts';
import { toModelError } from './model.ts';
import { renderPlaceholders, type TurnResult, toModelText } from './results.ts';

export interface TurnInput {
  model: BaseChatModel;
  tools: Tool[];
  context: ToolContext;
  systemPrompt: string;
  /** Earlier turns as messages, oldest first, and their results, which the text may refer back to. */
  history: { messages: BaseMessage[]; results: TurnResult[] };
  question: string;
  maxModelCalls: number;
  /** Filled while the turn runs, so that a turn that fails half-way still leaves what it did. */
  record: TurnRecord;
  onEvent: (event: AskEvent) => void;
}

export interface TurnRecord {
  results: TurnResult[];
  usage: Usage;
}

export function newTurnRecord(): TurnRecord {
  return { results: [], usage: { modelCalls: 0, inputTokens: 0, outputTokens: 0 } };
}

export interface TurnOutcome {
  /** The model's last message; its text still holds placeholders. */
  message: AIMessage;
  text: string;
  /** Numbers left in the text that no cell supports, after one repair. Empty: the text may be shown. */
  unsupported: string[];
}

export interface Usage {
  modelCalls: number;
  inputTokens: number;
  outputTokens: number;
}

const MAX_TOOL_CALLS = 24;
const MAX_UNREADABLE_REPLIES = 2;

/** Runs one question through the agent loop: model, tools, grounding check with one repair. Throws PennyError on outages. */
export async function runTurn(input: TurnInput): Promise<TurnOutcome> {
  const { results, usage } = input.record;
  const agent = createAgent({
    model: input.model,
    tools: input.tools.map(declaration),
    systemPrompt: input.systemPrompt,
    middleware: [modelCalls(input, usage), toolCalls(input, results), grounding(input, results)],
  });
  const { signal } = input.context;
  try {
    const running = agent.invoke(
      { messages: [...input.history.messages, new HumanMessage(input.question)] },
      { signal, recursionLimit: 10 + 6 * input.maxModelCalls },
    );
    const state = await untilAborted(running, signal);
    const message = state.messages.at(-1);
    if (!AIMessage.isInstance(message)) throw new PennyError('model_unavailable', 'The language model gave no answer.');
    return { message, ...check(message.text, input, results) };
  } catch (error) {
    if (signal.aborted) throw toModelError(signal.reason ?? error);
    throw unwrap(error);
  }
}

/** The result, or the abort as soon as it comes: a client that is waiting between retries would hold the turn up. */
async function untilAborted<Result>(running: Promise<Result>, signal: AbortSignal): Promise<Result> {
  running.catch(() => {});
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([running, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

type Declaration = ReturnType<typeof declare>;

// A tool's schema is the same in every turn, and writing them out would be a twelfth of a turn.
const declared = new WeakMap<Tool, Declaration>();

/** What the model is told of a tool. The call itself runs in `toolCalls`, which checks the input with the tool's own schema. */
function declaration(tool: Tool): Declaration {
  const known = declared.get(tool) ?? declare(tool);
  declared.set(tool, known);
  return known;
}

function declare(tool: Tool) {
  const unreachable = () => {
    throw new PennyError('internal');
  };
  return langchainTool(unreachable, {
    name: tool.name,
    description: tool.description,
    schema: z.toJSONSchema(tool.input, { io: 'input' }) as Record<string, unknown>,
  });
}

function modelCalls({ maxModelCalls }: TurnInput, usage: Usage) {
  return createMiddleware({
    name: 'model-calls',
    wrapModelCall: async (request, handler) => {
      let { messages } = request;
      for (let unreadable = 0; ; unreadable++) {
        if (usage.modelCalls >= maxModelCalls) {
          throw new PennyError(
            'model_unavailable',
            `The language model did not come to an answer in ${maxModelCalls} steps.`,
          );
        }
        usage.modelCalls += 1;
        const reply = await callModel(() => handler({ ...request, messages }));
        // Messages are told apart by id, and some endpoints give every reply the same one: the later would replace the earlier.
        reply.id = randomUUID();
        usage.inputTokens += reply.usage_metadata?.input_tokens ?? 0;
        usage.outputTokens += reply.usage_metadata?.output_tokens ?? 0;
        // A call whose arguments are no JSON must not stay in the history: endpoints refuse it on every later request.
        if (!reply.invalid_tool_calls?.length) return reply;
        if (unreadable >= MAX_UNREADABLE_REPLIES) {
          throw new PennyError('model_unavailable', 'The language model called tools in a form that cannot be read.');
        }
        messages = [
          ...request.messages,
          new HumanMessage('Your last tool call was not valid JSON and was dropped. Send it again as valid JSON.'),
        ];
      }
    },
  });
}

async function callModel<Reply>(call: () => Reply | Promise<Reply>): Promise<Reply> {
  try {
    return await call();
  } catch (error) {
    throw toModelError(error);
  }
}

function toolCalls(input: TurnInput, results: TurnResult[]) {
  return createMiddleware({
    name: 'tool-calls',
    wrapToolCall: async ({ toolCall }) => {
      const startedAt = new Date();
      const began = performance.now();
      const ref = `r${results.length + 1}`;
      const entry: TurnResult = {
        ref,
        tool: toolCall.name,
        arguments: toolCall.args,
        startedAt,
        elapsedMs: 0,
        result: BUSY,
      };
      results.push(entry);
      const tool = input.tools.find((candidate) => candidate.name === toolCall.name);
      const title = tool === undefined ? toolCall.name : `${tool.title}${brief(redacted(toolCall.args))}`;
      input.onEvent({ type: 'step', id: ref, title, state: 'running' });
      entry.result =
        results.length > MAX_TOOL_CALLS
          ? {
              status: 'error',
              code: 'rate_limited',
              message: 'No more tool calls this turn: answer from what you have.',
            }
          : await runTool(tool, input, toolCall.args, results);
      entry.elapsedMs = performance.now() - began;
      const failed = entry.result.status === 'error' || entry.result.status === 'denied';
      input.onEvent({ type: 'step', id: ref, title, state: failed ? 'failed' : 'done' });
      return new ToolMessage({
        tool_call_id: toolCall.id ?? ref,
        name: toolCall.name,
        content: toModelText(ref, entry.result),
        status: failed ? 'error' : 'success',
      });
    },
  });
}

const BUSY: ToolResult = { status: 'error', code: 'internal', message: 'The call did not finish.' };

/** The edge where a tool's failures become results: bad input tells the model what to fix, an outage shows no detail. */
async function runTool(
  tool: Tool | undefined,
  { tools, context, history }: TurnInput,
  args: unknown,
  results: TurnResult[],
): Promise<ToolResult> {
  if (tool === undefined) {
    const names = tools.map(({ name }) => name).join(', ');
    return { status: 'error', code: 'invalid_input', message: `There is no such tool. The tools are: ${names}.` };
  }
  const parsed = tool.input.safeParse(args);
  if (!parsed.success) {
    return { status: 'error', code: 'invalid_input', message: z.prettifyError(parsed.error) };
  }
  const unfound = tool.access === 'propose' ? unfoundIds(parsed.data, [...history.results, ...results]) : [];
  if (unfound.length > 0) {
    const message = `No result of this conversation holds ${unfound.join(', ')}; find what to propose first.`;
    return { status: 'error', code: 'invalid_input', message };
  }
  try {
    return await tool.run(context, parsed.data);
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.log.error({ err: error, tool: tool.name }, 'a tool failed');
    if (error instanceof PennyError) return { status: 'error', code: error.code, message: error.message };
    return { status: 'error', code: 'internal', message: 'The tool failed; the cause is in the log.' };
  }
}

/** Ids in a proposal that no result holds in a column of that name: what to propose comes from what code found, never from text. */
function unfoundIds(input: unknown, results: readonly TurnResult[]): string[] {
  const named = Object.entries(input as Record<string, unknown>).flatMap(([key, value]) => {
    const column = key.replace(/Ids?$/, '_id').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return /Ids?$/.test(key) ? [value].flat().map((id) => ({ column, id: String(id) })) : [];
  });
  const isFound = ({ column, id }: { column: string; id: string }): boolean =>
    results.some(
      ({ result }) =>
        result.status === 'ok' &&
        result.data.tables.some(({ columns, rows }) => {
          const at = columns.findIndex(({ name }) => name === column);
          return at >= 0 && rows.some((row) => String(row[at]) === id);
        }),
    );
  return named.filter((one) => !isFound(one)).map(({ id }) => id);
}

function grounding(input: TurnInput, results: TurnResult[]) {
  let repaired = false;
  return createMiddleware({
    name: 'grounding',
    afterModel: {
      canJumpTo: ['model'],
      hook: ({ messages }) => {
        const last = messages.at(-1);
        if (repaired || !AIMessage.isInstance(last) || last.tool_calls?.length) return;
        const { unsupported } = check(last.text, input, results);
        if (unsupported.length === 0) return;
        repaired = true;
        const repair = `These numbers stand in no result: ${unsupported.join(', ')}. Write the answer again with placeholders such as {{r1.total}} for every number, and leave out what no cell holds.`;
        return { messages: [new HumanMessage(repair)], jumpTo: 'model' as const };
      },
    },
  });
}

function check(template: string, input: TurnInput, results: TurnResult[]): { text: string; unsupported: string[] } {
  const { text, grounded, unresolved } = renderPlaceholders(template, results);
  const visible = [...input.history.results, ...results];
  const unsupported = unsupportedNumbers({
    text,
    grounded,
    question: input.question,
    results: visible,
    now: input.context.now,
  });
  return { text, unsupported: [...unresolved, ...unsupported] };
}

function unwrap(error: unknown): PennyError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof PennyError) return cause;
    if (cause.name === 'GraphRecursionError') {
      return new PennyError('model_unavailable', 'The language model went round in circles and was stopped.', {
        cause: error,
      });
    }
  }
  return new PennyError('internal', undefined, { cause: error });
}

/** The few arguments a person recognises in a step's title: what is grouped, and over which period. */
function brief(args: Record<string, unknown>): string {
  const groups = Array.isArray(args.groupBy) ? args.groupBy.filter((group) => typeof group === 'string') : [];
  const parts = [
    groups.length > 0 ? `by ${groups.map((group) => dimensionWord(group)).join(' and ')}` : '',
    typeof args.period === 'string'
      ? args.period.replace(/^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/, '$1 to $2')
      : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}
