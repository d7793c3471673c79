import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';

const state = z.object({ status: z.string() });
const tags = ['operation'];

/** `/healthz`: the process answers. `/readyz`: it can answer questions, that is, the database is there and migrated. */
export const healthRoutes: FastifyPluginAsyncZod<Pick<ServerOptions, 'ready'>> = async (app, { ready }) => {
  app.get(
    '/healthz',
    { schema: { security: [], tags, summary: 'The process answers', response: { 200: state } } },
    async () => ({
      status: 'alive',
    }),
  );

  app.get(
    '/readyz',
    { schema: { security: [], tags, summary: 'Questions can be answered', response: { 200: state, 503: errorBody } } },
    async () => {
      await ready();
      return { status: 'ready' };
    },
  );
};
