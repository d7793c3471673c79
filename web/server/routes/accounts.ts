import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody, pageQuery, toolResponse } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';
import { toolHandler } from '../run-tool.ts';

/** `/accounts`: the accounts of the bill, as the tool `describe_data` knows them. */
export const accountRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  app.get(
    '/accounts',
    {
      schema: {
        tags: ['data'],
        summary: 'The accounts of the bill, in the order of their ids',
        querystring: pageQuery,
        response: {
          200: { content: { 'application/json': { schema: toolResponse }, 'text/csv': { schema: z.string() } } },
          400: errorBody,
        },
      },
    },
    toolHandler<FastifyRequest<{ Querystring: z.output<typeof pageQuery> }>>(options, 'describe_data', ({ query }) => ({
      topic: 'accounts',
      ...query,
    })),
  );
};
