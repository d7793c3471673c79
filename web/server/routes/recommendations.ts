import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody, toolResponse } from '../../contract.ts';
import { acceptance, dismissal, recommendation, recommendationParams } from '../../contract-recommendations.ts';
import type { FoundRecommendation, ServerOptions } from '../options.ts';
import { jsonParameter } from '../query-parameters.ts';
import { toolHandler } from '../run-tool.ts';

const tags = ['recommendations'];
const refusals = { 400: errorBody, 403: errorBody, 404: errorBody, 409: errorBody };

const list = z.string().transform((value) => value.split(','));
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** The inputs of `find_recommendations` by their names; the tool's own schema checks their values. */
const recommendationsQuery = z.strictObject({
  checks: z
    .string()
    .transform((value) => value.split(','))
    .optional()
    .describe('Only what these checks found, comma separated; recommendations.md lists them.'),
  text: z.string().optional().describe('Part of the id or name of the resource.'),
  service: z.string().optional(),
  account: z.string().optional().describe('Id or name of the sub-account.'),
  region: z.string().optional(),
  environment: z.string().optional().describe('As the tags name it.'),
  owner: z.string().optional().describe('Owner or team, as the tags name it.'),
  tags: jsonParameter.optional().describe('JSON: `[{"key","value"}]`, all of which must be there.'),
  states: list.optional().describe('Comma separated; `open,accepted,regressed` by default.'),
  kind: z.string().optional().describe('`usage` or `rate`.'),
  risk: z.string().optional().describe('`low`, `medium` or `high`.'),
  minimumSavings: z.string().optional().describe('Only those that save at least this much a month.'),
  withAlternatives: flag.optional().describe('Also those that overlap a larger saving.'),
  limit: z.coerce.number().optional().describe('Rows of a page, 1 to 500; 20 by default.'),
  cursor: z.string().optional().describe('`nextCursor` of the page before.'),
});

/** `/recommendations`: what the tool `find_recommendations` finds; one with its evidence; decisions, for engineers. */
export const recommendationRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  const { recommendations } = options;
  app.get(
    '/recommendations',
    {
      schema: {
        tags,
        summary: 'What would save money, the largest saving first',
        querystring: recommendationsQuery,
        response: {
          200: { content: { 'application/json': { schema: toolResponse }, 'text/csv': { schema: z.string() } } },
          400: errorBody,
        },
      },
    },
    toolHandler<FastifyRequest<{ Querystring: z.output<typeof recommendationsQuery> }>>(
      options,
      'find_recommendations',
      ({ query }) => query,
    ),
  );

  app.get(
    '/recommendations/:recommendationId',
    {
      schema: {
        tags,
        summary: 'One of them, with its evidence',
        params: recommendationParams,
        response: { 200: recommendation, 404: errorBody },
      },
    },
    async ({ principal, params }) => shown(await recommendations.find(principal, params.recommendationId)),
  );

  app.post(
    '/recommendations/:recommendationId/dismiss',
    {
      schema: {
        tags,
        summary: 'Say no to it, with a reason',
        description: 'It does not come back before `until`, or at all without one, unless it is reopened.',
        params: recommendationParams,
        body: dismissal,
        response: { 200: recommendation, ...refusals },
      },
    },
    async ({ principal, surface, params, body }) =>
      shown(
        await recommendations.decide(principal, params.recommendationId, { decision: 'dismiss', ...body }, surface),
      ),
  );

  for (const decision of ['accept', 'reopen'] as const) {
    app.post(
      `/recommendations/:recommendationId/${decision}`,
      {
        schema: {
          tags,
          summary: SUMMARIES[decision],
          params: recommendationParams,
          body: acceptance,
          response: { 200: recommendation, ...refusals },
        },
      },
      async ({ principal, surface, params, body }) =>
        shown(
          await recommendations.decide(principal, params.recommendationId, { decision, reason: body?.reason }, surface),
        ),
    );
  }
};

const SUMMARIES = { accept: 'Say that it will be done', reopen: 'Take a decision about it back' };

function shown({ decidedBy: _, ...found }: FoundRecommendation): z.output<typeof recommendation> {
  const { foundAt, lastFoundAt, decidedAt, closedAt } = found;
  return {
    ...found,
    foundAt: foundAt.toISOString(),
    lastFoundAt: lastFoundAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    closedAt: closedAt?.toISOString() ?? null,
  };
}
