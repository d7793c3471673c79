import { AIMessageChunk } from '@langchain/core/messages';
import type { ChatResult } from '@langchain/core/outputs';
import { ChatOpenAICompletions } from '@langchain/openai';
import type { Config } from '../config.ts';
import { PennyError } from '../errors.ts';
import { redacted } from '../redaction.ts';

export interface ModelName {
  kind: 'offline' | 'openai';
  name: string;
}

/** Which model answers: an OpenAI-compatible endpoint when a key or an endpoint is configured, else the offline model. */
export function modelName(config: Config): ModelName {
  const online = config.OPENAI_API_KEY !== undefined || config.OPENAI_BASE_URL !== undefined;
  return online ? { kind: 'openai', name: config.OPENAI_MODEL } : { kind: 'offline', name: 'offline' };
}

/**
 * Counting tokens beforehand would fetch a vocabulary from the internet at each reply. Four characters a token are near enough
 * for the estimate that is thrown away as soon as the endpoint reports its own count.
 */
class EndpointModel extends ChatOpenAICompletions {
  override async getNumTokens(content: unknown): Promise<number> {
    return Math.ceil((typeof content === 'string' ? content : JSON.stringify(content)).length / 4);
  }

  override async _generate(...input: Parameters<ChatOpenAICompletions['_generate']>): Promise<ChatResult> {
    const result = await super._generate(...input);
    for (const { message } of result.generations) if (AIMessageChunk.isInstance(message)) refuseCutCalls(message);
    return result;
  }
}

/**
 * Makes tool calls invalid whose streamed arguments are no whole JSON. The client completes cut-off JSON by guessing, which
 * would run a question for everything where a filter was meant.
 */
function refuseCutCalls(message: AIMessageChunk): void {
  const cut = (message.tool_call_chunks ?? []).filter(({ args }) => !isJsonObject(args || '{}'));
  if (cut.length === 0) return;
  message.tool_calls = [];
  message.invalid_tool_calls = cut.map(({ name, args, id }) => ({
    name,
    args,
    id,
    error: 'cut off',
    type: 'invalid_tool_call',
  }));
}

function isJsonObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/**
 * A chat-completions client of the configured endpoint. The address is always set: left open, the client could be sent
 * elsewhere by the environment. Endpoints on one's own machine often want no key, so a missing one is replaced by a word.
 */
export function openAiModel(config: Config): ChatOpenAICompletions {
  return new EndpointModel({
    model: config.OPENAI_MODEL,
    apiKey: config.OPENAI_API_KEY ?? 'none',
    streaming: true,
    maxRetries: 2,
    timeout: config.PENNY_MODEL_TIMEOUT_MS,
    configuration: { baseURL: config.OPENAI_BASE_URL ?? 'https://api.openai.com/v1', fetch: fetchRedacted },
  });
}

/**
 * Sends a request without the secrets that may stand in its body, wherever they came from: question, tags, errors, earlier turns.
 * The headers, with the key, go as they are.
 */
const fetchRedacted: typeof fetch = (input, init) => {
  if (typeof init?.body !== 'string') return fetch(input, init);
  return fetch(input, { ...init, body: JSON.stringify(redacted(JSON.parse(init.body))) });
};

/** A model's failure as one of our codes; the provider's own words, which can hold keys and addresses, stay in `cause`. */
export function toModelError(error: unknown): PennyError {
  if (error instanceof PennyError) return error;
  const { name = '', status, code } = (error ?? {}) as { name?: string; status?: number; code?: string };
  if (/timeout/i.test(name) || name === 'AbortError')
    return new PennyError('model_timeout', undefined, { cause: error });
  if (status === 429 || /rate_?limit|quota/i.test(`${name}${code ?? ''}`)) {
    return new PennyError('model_rate_limited', undefined, { cause: error });
  }
  return new PennyError('model_unavailable', undefined, { cause: error });
}
