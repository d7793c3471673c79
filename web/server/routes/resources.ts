import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody, toolResponse } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';
import { jsonParameter } from '../query-parameters.ts';
import { toolHandler } from '../run-tool.ts';

/** The inputs of `find_resources` by their names; the tool's own schema checks their values. */
const resourcesQuery = z.strictObject({
  text: z.string().optional().describe('Part of an id or name.'),
  service: z.string().optional(),
  type: z.string().optional(),
  account: z.string().optional().describe('Id or name of the sub-account.'),
  region: z.string().optional(),
  tags: jsonParameter.optional().describe('JSON: `[{"key","value"}]`, all of which must be there.'),
  untagged: z.string().optional().describe('Only resources without this tag.'),
  state: z.string().optional(),
  period: z.string().optional().describe('The period of the cost shown; `last 30 days` by default.'),
  minimumCost: z.string().optional().describe('Only resources that cost at least this.'),
  orderBy: z.string().optional().describe('`cost`, `name` or `first_seen`.'),
  limit: z.coerce.number().optional().describe('Rows of a page, 1 to 500; 20 by default.'),
  cursor: z.string().optional().describe('`nextCursor` of the page before.'),
});

/** `/resources`: what the tool `find_resources` finds. */
export const resourceRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  app.get(
    '/resources',
    {
      schema: {
        tags: ['data'],
        summary: 'Resources by name, service, account, tag or cost',
        querystring: resourcesQuery,
        response: {
          200: { content: { 'application/json': { schema: toolResponse }, 'text/csv': { schema: z.string() } } },
          400: errorBody,
        },
      },
    },
    toolHandler<FastifyRequest<{ Querystring: z.output<typeof resourcesQuery> }>>(
      options,
      'find_resources',
      ({ query }) => query,
    ),
  );
};
