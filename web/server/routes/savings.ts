import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody, pageQuery, toolResponse } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';
import { toolHandler } from '../run-tool.ts';

const savingsQuery = pageQuery.extend({
  state: z.string().optional().describe('`waiting`, `measured`, `holding`, `regressed` or `unmeasurable`.'),
  since: z.string().optional().describe('Only changes from this day on.'),
  until: z.string().optional().describe('Only changes before this day.'),
});

/** `/savings`: what changes saved, as the tool `show_savings` knows it. */
export const savingsRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  app.get(
    '/savings',
    {
      schema: {
        tags: ['data'],
        summary: 'What changes saved, measured on the bill, the newest change first',
        querystring: savingsQuery,
        response: {
          200: { content: { 'application/json': { schema: toolResponse }, 'text/csv': { schema: z.string() } } },
          400: errorBody,
        },
      },
    },
    toolHandler<FastifyRequest<{ Querystring: z.output<typeof savingsQuery> }>>(
      options,
      'show_savings',
      ({ query }) => query,
    ),
  );
};
