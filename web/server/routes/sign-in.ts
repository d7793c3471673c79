import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PennyError } from '../../../errors.ts';
import { errorBody, signInOptions, signOutBody, tokenSignInBody } from '../../contract.ts';
import { clearCookie, readCookie } from '../cookies.ts';
import { isFromThisMachine } from '../local.ts';
import type { ServerOptions } from '../options.ts';
import { startSession } from '../start-session.ts';

const tags = ['sign-in'];

/** `/auth/options`, `/auth/token` and `/auth/sign-out`, which there are everywhere. */
export const signInRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  const { config, people } = options;

  app.get(
    '/options',
    { schema: { security: [], tags, summary: 'The ways to sign in', response: { 200: signInOptions } } },
    async (request) => {
      const oneMachine = isFromThisMachine(request, config);
      return {
        provider: config.PENNY_OIDC_ISSUER !== undefined,
        oneMachine,
        personas: oneMachine ? await people.personas() : [],
      };
    },
  );

  app.post(
    '/token',
    {
      schema: {
        security: [],
        tags,
        summary: 'Sign in with an API token',
        description: 'The session may do what the token may, and ends with it.',
        body: tokenSignInBody,
        response: { 204: z.undefined().describe('Signed in; the session is in a cookie.'), 401: errorBody },
      },
    },
    async (request, reply) => {
      await startSession({ method: 'token', token: request.body.token.trim() }, request, reply, options);
      return reply.status(204).send();
    },
  );

  app.post(
    '/sign-out',
    {
      schema: {
        security: [],
        tags,
        summary: 'Sign out',
        body: signOutBody.nullish(),
        response: { 204: z.undefined().describe('Signed out, also when nobody was signed in.') },
      },
    },
    async (request, reply) => {
      const secret = readCookie(request, 'session', config);
      clearCookie(reply, 'session', config);
      if (secret !== undefined) await signOut(secret, request.body?.everywhere ?? false);
      return reply.status(204).send();
    },
  );

  async function signOut(secret: string, everywhere: boolean): Promise<void> {
    try {
      // Wherever it is asked from: taking a session away needs less than going on with it.
      const { principal } = await people.resume({ secret, local: true });
      await people.signOut({ principal, secret, everywhere });
    } catch (error) {
      if (!(error instanceof PennyError && error.code === 'unauthorized')) throw error;
    }
  }
};
