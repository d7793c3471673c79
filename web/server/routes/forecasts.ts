import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody, toolResponse } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';
import { toolHandler } from '../run-tool.ts';

const forecastsQuery = z.object({
  ahead: z
    .string()
    .optional()
    .describe(
      '`this month` (default), `this quarter`, `this year`, `next month`, `next quarter`, `next 30 days`, `next 90 days` or `next 180 days`.',
    ),
  account: z.string().optional().describe('One account, by id or name.'),
  service: z.string().optional().describe('One service, by its name on the bill.'),
  team: z.string().optional().describe('One value of the tag `team`.'),
});

/** `/forecasts`: what cost will come to, as the tool `forecast_costs` knows it. */
export const forecastRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  app.get(
    '/forecasts',
    {
      schema: {
        tags: ['data'],
        summary: 'What cost will come to, by month, with its range and past error',
        querystring: forecastsQuery,
        response: {
          200: { content: { 'application/json': { schema: toolResponse }, 'text/csv': { schema: z.string() } } },
          400: errorBody,
        },
      },
    },
    toolHandler<FastifyRequest<{ Querystring: z.output<typeof forecastsQuery> }>>(
      options,
      'forecast_costs',
      ({ query }) => query,
    ),
  );
};
