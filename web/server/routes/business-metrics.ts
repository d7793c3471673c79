import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PennyError } from '../../../errors.ts';
import { errorBody, givenMetrics, storedMetrics, toolResponse, unitCostsQuery } from '../../contract.ts';
import type { Principal, ServerOptions } from '../options.ts';
import { toolHandler } from '../run-tool.ts';

const tags = ['data'];

/** `/unit-costs`: cost over numbers of the business, as the tool `unit_costs` knows it; `/business-metrics` takes such numbers. */
export const businessMetricRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  app.get(
    '/unit-costs',
    {
      schema: {
        tags,
        summary: 'What one order, customer or request costs',
        querystring: unitCostsQuery,
        response: {
          200: { content: { 'application/json': { schema: toolResponse }, 'text/csv': { schema: z.string() } } },
          400: errorBody,
        },
      },
    },
    toolHandler<FastifyRequest<{ Querystring: z.output<typeof unitCostsQuery> }>>(
      options,
      'unit_costs',
      ({ query }) => query,
    ),
  );

  app.post(
    '/business-metrics',
    {
      schema: {
        tags,
        summary: 'Give numbers of the business',
        description:
          'Each replaces the one known of its metric, part and day. Takes the role engineer, and the part must lie in their scope.',
        body: givenMetrics,
        response: { 200: storedMetrics, 400: errorBody, 403: errorBody },
      },
    },
    async ({ principal, surface, body }) => {
      if (principal.role === 'viewer')
        throw new PennyError('forbidden', 'That takes the role engineer; yours is viewer.');
      const { values, name, unit = null, dimensions } = body;
      if (!coversPart(principal.scope, dimensions)) {
        throw new PennyError('forbidden', 'You give numbers of the accounts and tag values you may see.');
      }
      const given = values.map(({ date, value }) => ({ name, dimensions, unit, date, value }));
      const actor = { actorId: principal.userId, actor: principal.email, surface };
      return { stored: await options.businessMetrics.give(given, actor) };
    },
  );
};

function coversPart(scope: Principal['scope'], dimensions: Record<string, string>): boolean {
  if (scope === 'all') return true;
  const account = dimensions.sub_account_id;
  if (account !== undefined && scope.subAccountIds.includes(account)) return true;
  return scope.tags.some(({ key, value }) =>
    Object.entries(dimensions).some(
      ([name, of]) => name.toLowerCase() === `tag:${key.toLowerCase()}` && of.toLowerCase() === value.toLowerCase(),
    ),
  );
}
