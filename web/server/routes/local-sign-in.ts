import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PennyError } from '../../../errors.ts';
import { errorBody, linkBody, personaBody } from '../../contract.ts';
import { isFromThisMachine } from '../local.ts';
import type { ServerOptions } from '../options.ts';
import { startSession } from '../start-session.ts';

const tags = ['sign-in'];
const response = {
  204: z.undefined().describe('Signed in; the session is in a cookie.'),
  401: errorBody,
  404: errorBody,
};

/** `/auth/persona` and `/auth/link`: for whoever sits at the machine. Registered only where Penny serves that machine alone. */
export const localSignInRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  app.addHook('onRequest', async (request) => {
    if (!isFromThisMachine(request, options.config)) throw new PennyError('not_found');
  });

  app.post(
    '/persona',
    {
      schema: {
        security: [],
        tags,
        summary: 'Become a persona of the demo estate',
        description: 'On the own machine only, and only while nothing but the demo estate is loaded.',
        body: personaBody,
        response,
      },
    },
    async (request, reply) => {
      await startSession({ method: 'persona', ...request.body }, request, reply, options);
      return reply.status(204).send();
    },
  );

  app.post(
    '/link',
    {
      schema: {
        security: [],
        tags,
        summary: 'Sign in with the code of a one-time link',
        description: 'On the own machine only. `penny serve` and `penny user link` print such links.',
        body: linkBody,
        response,
      },
    },
    async (request, reply) => {
      await startSession({ method: 'link', ...request.body }, request, reply, options);
      return reply.status(204).send();
    },
  );
};
