import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One scripted reply of the endpoint, in the order of the requests. */
export type Reply =
  | { text: string }
  | { calls: { name: string; args: unknown | string; id?: string }[]; text?: string }
  | { status: number; headers?: Record<string, string>; body?: string }
  | { hang: 'before the first byte' | 'in the middle' }
  | { cut: true };

export interface ChatRequest {
  model: string;
  stream: boolean;
  messages: { role: string; content: unknown; tool_calls?: { id: string }[]; tool_call_id?: string }[];
  tools?: { function: { name: string; description: string; parameters: unknown } }[];
}

export interface RecordedEndpoint {
  baseUrl: string;
  requests: ChatRequest[];
  close(): Promise<void>;
}

/**
 * A server that speaks the chat-completions protocol, streamed as the real ones do (role first, arguments in pieces, usage
 * last), and refuses a history whose tool calls and tool messages do not pair, with the real ones' 400. Requests beyond
 * the script are answered 418, so that a runaway shows.
 */
export async function recordedEndpoint(script: Reply[]): Promise<RecordedEndpoint> {
  const requests: ChatRequest[] = [];
  const open = new Set<ServerResponse>();
  const server = createServer(async (request, response) => {
    open.add(response);
    response.on('close', () => open.delete(response));
    const body = JSON.parse(await readBody(request)) as ChatRequest;
    const reply = script[requests.length] ?? { status: 418 };
    requests.push(body);
    const problem = pairingProblem(body.messages);
    if (problem !== undefined)
      return sendJson(response, 400, { error: { message: problem, type: 'invalid_request_error' } });
    answer(response, reply, body.model);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    async close() {
      for (const response of open) response.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function answer(response: ServerResponse, reply: Reply, model: string): void {
  if ('status' in reply) {
    const body = reply.body ?? JSON.stringify({ error: { message: `status ${reply.status}`, type: 'server_error' } });
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(body);
    return;
  }
  if ('hang' in reply && reply.hang === 'before the first byte') return;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunks = chunksOf(reply, model);
  if ('hang' in reply || 'cut' in reply) {
    response.write(`data: ${JSON.stringify(chunks[0])}\n\n`, () => ('cut' in reply ? response.destroy() : undefined));
    return;
  }
  for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  response.end('data: [DONE]\n\n');
}

function chunksOf(reply: Reply, model: string): unknown[] {
  const frame = (delta: unknown, finish: string | null = null) => ({
    id: 'chatcmpl-recorded',
    object: 'chat.completion.chunk',
    created: 1_770_000_000,
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const text = 'text' in reply ? (reply.text ?? '') : '';
  const calls = 'calls' in reply ? reply.calls : [];
  const words = text.split(/(?<= )/).map((content) => frame({ content }));
  const pieces = calls.flatMap(({ name, args, id }, index) => {
    const json = typeof args === 'string' ? args : JSON.stringify(args);
    const half = Math.ceil(json.length / 2);
    const head = { index, id: id ?? `call_${index}`, type: 'function', function: { name, arguments: '' } };
    return [
      frame({ tool_calls: [head] }),
      frame({ tool_calls: [{ index, function: { arguments: json.slice(0, half) } }] }),
      frame({ tool_calls: [{ index, function: { arguments: json.slice(half) } }] }),
    ];
  });
  const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
  return [
    frame({ role: 'assistant', content: '' }),
    ...words,
    ...pieces,
    frame({}, calls.length > 0 ? 'tool_calls' : 'stop'),
    { ...frame({}), choices: [], usage },
  ];
}

/** The rule the real endpoints hold: every tool call is answered before anything else, and nothing else is answered. */
function pairingProblem(messages: ChatRequest['messages']): string | undefined {
  let waiting = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!waiting.delete(message.tool_call_id ?? '')) return 'a tool message answers no call before it';
      continue;
    }
    if (waiting.size > 0) return `tool calls without an answer: ${[...waiting].join(', ')}`;
    waiting = new Set(message.tool_calls?.map(({ id }) => id));
  }
  return waiting.size > 0 ? 'the history ends with unanswered tool calls' : undefined;
}
