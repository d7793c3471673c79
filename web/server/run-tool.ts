import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { PennyError } from '../../errors.ts';
import { redacted } from '../../redaction.ts';
import { tools as allTools } from '../../tools/registry.ts';
import type { CellValue, Tool } from '../../tools/tool.ts';
import type { ToolResponse } from '../contract.ts';
import { toCsv } from '../csv.ts';
import { untilDisconnect } from './disconnect.ts';
import type { ServerOptions } from './options.ts';

/**
 * A function that answers a request with what a tool found: the same `run()` that the assistant calls, so that an API
 * answer and a chat answer cannot disagree. `text/csv` gives the rows of the first table. The header `Link` leads to the next
 * page of a list.
 * @param toInput the tool's input from the request, for the tool's own schema to check
 * @param fieldOf the name the caller gave to a place in that input
 */
export function toolHandler<Request extends FastifyRequest>(
  options: ServerOptions,
  toolName: string,
  toInput: (request: Request) => Record<string, unknown>,
  fieldOf: (path: PropertyKey[], request: Request) => string = (path) => path.join('.'),
) {
  const tool = (options.tools ?? allTools).find(({ name }) => name === toolName);
  if (tool === undefined) throw new Error(`There is no tool ${toolName}`);
  return async function answerWithTool(request: Request, reply: FastifyReply): Promise<ToolResponse | string> {
    const parsed = tool.input.safeParse(toInput(request));
    if (!parsed.success) throw invalidInput(parsed.error, (path) => fieldOf(path, request));
    const response = await run(tool, parsed.data, options, request, reply);
    if (response.status === 'ok' && response.nextCursor !== undefined) linkToNext(request, reply, response.nextCursor);
    if (!request.headers.accept?.includes('text/csv')) return response;
    reply.type('text/csv; charset=utf-8');
    return response.status === 'ok' ? firstTableAsCsv(response) : '';
  };
}

/** CSV has no place for a cursor, so the address of the next page stands in a header. */
function linkToNext({ url }: FastifyRequest, reply: FastifyReply, cursor: string): void {
  const [path, query] = url.split('?', 2);
  const next = new URLSearchParams(query);
  next.set('cursor', cursor);
  reply.header('link', `<${path}?${next}>; rel="next"`);
}

async function run(
  tool: Tool,
  input: unknown,
  { db, log, now }: ServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<ToolResponse> {
  const signal = untilDisconnect(reply);
  const { principal, surface } = request;
  const context = { db, principal, now: now(), log, signal, origin: { surface, conversationId: null } };
  const result = redacted(await tool.run(context, input));
  if (result.status === 'denied') throw new PennyError('forbidden', result.message);
  if (result.status === 'error') throw new PennyError(result.code, result.message);
  return result;
}

function invalidInput(error: z.ZodError, fieldOf: (path: PropertyKey[]) => string): PennyError {
  const issues = error.issues.map(({ path, message }) => ({ field: fieldOf(path), message }));
  const message = `The input is not valid: query parameter \`${issues[0]?.field}\`: ${issues[0]?.message}`;
  return new PennyError('invalid_input', message, { details: { in: 'query parameter', issues } });
}

function firstTableAsCsv({ data }: ToolResponse & { status: 'ok' }): string {
  const [table] = data.tables;
  return table === undefined ? '' : toCsv(table.columns, table.rows satisfies CellValue[][]);
}
