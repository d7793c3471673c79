import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Answer, answerSchema } from '../../../agent/answer.ts';
import type { AskRequest } from '../../../agent/assistant.ts';
import { toErrorBody } from '../../../errors.ts';
import type { CellValue } from '../../../tools/tool.ts';
import {
  askBody,
  errorBody,
  feedbackBody,
  pageQuery,
  type QuerySummary,
  queryPage,
  queryParams,
  streamEvent,
} from '../../contract.ts';
import { toCsv } from '../../csv.ts';
import { untilDisconnect } from '../disconnect.ts';
import { logError, toPennyError } from '../errors.ts';
import type { ServerOptions } from '../options.ts';
import { openEventStream } from '../sse.ts';

const tags = ['ai'];
const CSV_COLUMNS = [
  'queryId',
  'threadId',
  'askedAt',
  'askedBy',
  'surface',
  'question',
  'status',
  'model',
  'toolCalls',
  'rowCount',
  'elapsedMs',
] as const satisfies (keyof QuerySummary)[];

/** `/ai/queries`: POST asks (one JSON answer, or a stream of events), GET lists the log, `/:queryId/feedback` rates. */
export const aiQueryRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, { assistant }) => {
  const { ask } = assistant;
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());

  app.post(
    '/ai/queries',
    {
      schema: {
        tags,
        summary: 'Ask a question',
        description:
          'One turn of the assistant. `Accept: text/event-stream` streams it: `started`, a `step` as each step starts ' +
          'and ends, `answer` last; `error` where there is no answer. Closing the connection stops the turn.',
        body: askBody,
        response: {
          200: {
            description: 'The answer, whatever its status.',
            content: { 'application/json': { schema: answerSchema }, 'text/event-stream': { schema: streamEvent } },
          },
          400: errorBody,
          429: errorBody,
        },
      },
    },
    async (request, reply) => {
      const turn: AskRequest = {
        ...request.body,
        principal: request.principal,
        surface: request.surface,
        signal: AbortSignal.any([untilDisconnect(reply), closing.signal]),
      };
      if (!request.headers.accept?.includes('text/event-stream')) return ask(turn);
      await streamTurn(ask, turn, request, reply);
      return reply;
    },
  );

  app.get(
    '/ai/queries',
    {
      schema: {
        tags,
        summary: 'The AI query log, newest first',
        description: '`Accept: text/csv` answers CSV; its next page stands in the `Link` header.',
        querystring: pageQuery,
        response: {
          200: { content: { 'application/json': { schema: queryPage }, 'text/csv': { schema: z.string() } } },
          400: errorBody,
        },
      },
    },
    async (request, reply) => {
      const page = await assistant.listQueries(request.principal, request.query);
      if (page.nextCursor !== undefined) {
        const next = new URLSearchParams({ limit: String(request.query.limit), cursor: page.nextCursor });
        reply.header('link', `</api/v1/ai/queries?${next}>; rel="next"`);
      }
      if (!request.headers.accept?.includes('text/csv')) return page;
      reply.type('text/csv; charset=utf-8');
      return logAsCsv(page.items);
    },
  );

  app.post(
    '/ai/queries/:queryId/feedback',
    {
      schema: {
        tags,
        summary: 'Rate an answer',
        params: queryParams,
        body: feedbackBody,
        response: {
          204: z.undefined().describe('Stored; a second rating by the same person replaces the first.'),
          404: errorBody,
        },
      },
    },
    async (request, reply) => {
      await assistant.giveFeedback(request.principal, request.params.queryId, request.body);
      return reply.status(204).send();
    },
  );
};

async function streamTurn(
  ask: (turn: AskRequest) => Promise<Answer>,
  turn: AskRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const stream = openEventStream(reply);
  let answered = false;
  try {
    const answer = await ask({
      ...turn,
      onEvent: (event) => {
        if (event.type === 'answer') return;
        stream.send(event);
      },
    });
    answered = true;
    stream.send({ type: 'answer', answer });
  } catch (error) {
    if (!turn.signal?.aborted) {
      const coded = toPennyError(error);
      logError(coded, request);
      stream.send({ type: 'error', ...toErrorBody(coded) });
    }
  } finally {
    request.log.debug({ answered }, 'Stream ended');
    stream.end();
  }
}

const CSV_NUMBERS = new Set(['toolCalls', 'rowCount', 'elapsedMs', 'feedbackScore']);

function logAsCsv(items: QuerySummary[]): string {
  const names = [...CSV_COLUMNS, 'feedbackScore', 'feedbackReason'];
  const columns = names.map((name) => ({ name, kind: CSV_NUMBERS.has(name) ? 'count' : 'text' }));
  const rows = items.map((item): CellValue[] => [
    ...CSV_COLUMNS.map((name) => item[name]),
    item.feedback?.score ?? null,
    item.feedback?.reason ?? null,
  ]);
  return toCsv(columns, rows);
}
