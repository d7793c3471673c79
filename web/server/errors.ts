import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { type ErrorCode, PennyError, toErrorBody } from '../../errors.ts';

const BY_STATUS: Record<number, ErrorCode> = {
  404: 'not_found',
  413: 'too_large',
  415: 'unsupported_type',
  429: 'rate_limited',
};

const PART_NAMES: Record<string, string> = { querystring: 'query parameter', params: 'path', headers: 'header' };

/**
 * The coded error for whatever a route or Fastify itself threw: the schema's complaints name their field, the framework's
 * refusals get their code from the table, and the rest is `internal`, with its cause kept for the log.
 */
export function toPennyError(error: unknown): PennyError {
  if (error instanceof PennyError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return invalidInput(error);
  const { statusCode, message, code } = error as Partial<FastifyError>;
  if (statusCode === undefined || statusCode >= 500) return new PennyError('internal', undefined, { cause: error });
  const known = BY_STATUS[statusCode];
  if (known !== undefined) return new PennyError(known, undefined, { cause: error });
  // Fastify's own 4xx messages speak of the request's form ("Body is not valid JSON ...") and hold no data.
  return new PennyError('invalid_input', code?.startsWith('FST_') ? message : undefined, { cause: error });
}

function invalidInput(error: { validation: { instancePath: string; message?: string }[]; validationContext?: string }) {
  const issues = error.validation.map(({ instancePath, message }) => ({
    field: instancePath.split('/').filter(Boolean).join('.'),
    message: message ?? 'Not valid.',
  }));
  const part = PART_NAMES[error.validationContext ?? ''] ?? 'body';
  const first = issues[0];
  const where = first?.field ? `${part === 'body' ? 'field' : part} \`${first.field}\`` : `the ${part}`;
  return new PennyError('invalid_input', `The input is not valid: ${where}: ${first?.message}`, {
    details: { in: part, issues },
  });
}

/** Answers with the one error shape; what is our own fault is logged with its cause and shown without it. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const coded = toPennyError(error);
  logError(coded, request);
  const wait = coded.details?.retryAfterSeconds;
  if (typeof wait === 'number') reply.header('retry-after', String(wait));
  return reply.status(coded.status).type('application/json; charset=utf-8').send(toErrorBody(coded));
}

/** Writes a failure of ours to the log; what the caller did wrong is theirs to read. */
export function logError(error: PennyError, request: FastifyRequest): void {
  if (error.status < 500) return;
  const { method } = request;
  request.log.error({ err: error, method, route: request.routeOptions.url }, 'Request failed');
}

/** Answers bytes that are no HTTP request in the same shape; there is no request to hang the answer on. */
export function refuseMalformed(error: { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const body = JSON.stringify(
    toErrorBody(new PennyError('invalid_input', 'This is no HTTP request that can be read.')),
  );
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  if (socket.writable) socket.write(`${head}\r\nconnection: close\r\n\r\n${body}`);
  socket.destroy();
}
