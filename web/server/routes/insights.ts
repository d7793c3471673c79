import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody, pageQuery, toolResponse } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';
import { toolHandler } from '../run-tool.ts';

const insightsQuery = pageQuery.extend({
  limit: z.coerce.number().int().min(1).max(100).default(10),
  audience: z.string().optional().describe('`organisation`, or a team by its name.'),
});

/** `/insights`: the written summaries, as the tool `show_insights` knows them. */
export const insightRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  app.get(
    '/insights',
    {
      schema: {
        tags: ['data'],
        summary: 'Written summaries of the organisation and each team, the newest week first',
        querystring: insightsQuery,
        response: {
          200: { content: { 'application/json': { schema: toolResponse }, 'text/csv': { schema: z.string() } } },
          400: errorBody,
        },
      },
    },
    toolHandler<FastifyRequest<{ Querystring: z.output<typeof insightsQuery> }>>(
      options,
      'show_insights',
      ({ query }) => query,
    ),
  );
};
