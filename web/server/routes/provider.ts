import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PennyError } from '../../../errors.ts';
import { errorBody, returnQuery } from '../../contract.ts';
import { clearCookie, readCookie, setCookie } from '../cookies.ts';
import { answerError, toPennyError } from '../errors.ts';
import type { ServerOptions } from '../options.ts';
import { type Attempt, attemptSchema, makeProvider } from '../provider.ts';
import { renderRefusal } from '../refusal-page.ts';
import { startSession } from '../start-session.ts';

const tags = ['sign-in'];
const response = { 302: z.undefined().describe('On the way.'), 401: errorBody, 403: errorBody, 503: errorBody };

const ATTEMPT_MINUTES = 10;

/** `/auth/sign-in` and `/auth/callback`: to the identity provider and back. Registered only where one is set up. */
export const providerRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  const { config, now, log } = options;
  const provider = makeProvider(config);

  app.setErrorHandler((error, request, reply) => {
    const coded = toPennyError(error);
    // The log has no other trace of why a sign-in failed.
    if (coded.status < 500) log.warn({ err: coded, route: request.routeOptions.url }, 'A sign-in failed');
    return wantsPage(request) ? answerPage(coded, request, reply) : answerError(coded, request, reply);
  });

  app.get(
    '/sign-in',
    { schema: { security: [], tags, summary: 'Go to the identity provider', querystring: returnQuery, response } },
    async (request, reply) => {
      const { address, attempt } = await provider.begin(safePath(request.query.return_to));
      const value = Buffer.from(JSON.stringify(attempt)).toString('base64url');
      const expires = new Date(now().getTime() + ATTEMPT_MINUTES * 60_000);
      setCookie(reply, 'attempt', value, expires, config);
      return reply.redirect(address.href, 302);
    },
  );

  app.get(
    '/callback',
    { schema: { security: [], tags, summary: 'Come back from the identity provider', response } },
    async (request, reply) => {
      const attempt = readAttempt(readCookie(request, 'attempt', config));
      // Whatever comes of it, this attempt is over.
      clearCookie(reply, 'attempt', config);
      if (attempt === undefined) {
        throw new PennyError(
          'unauthorized',
          'This sign-in was begun elsewhere, took too long or is over. Sign in again.',
        );
      }
      const account = await provider.complete(new URL(request.url, 'http://penny.invalid').search, attempt);
      await startSession({ method: 'oidc', account }, request, reply, options);
      return reply.redirect(safePath(attempt.returnTo), 302);
    },
  );
};

function readAttempt(cookie: string | undefined): Attempt | undefined {
  if (cookie === undefined) return undefined;
  try {
    return attemptSchema.safeParse(JSON.parse(Buffer.from(cookie, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}

/** Only addresses of the page itself: a link to us must not lead anywhere else (open redirect). */
export function safePath(given: string | undefined): string {
  return given !== undefined && /^\/(c\/[\w-]{1,100})?$/.test(given) ? given : '/';
}

const wantsPage = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('text/html') ?? false;

function answerPage(error: PennyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error.status >= 500) request.log.error({ err: error }, 'A sign-in failed');
  return reply.status(error.status).type('text/html; charset=utf-8').send(renderRefusal(error.message));
}
