import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody, toolResponse } from '../../contract.ts';
import {
  anomaliesQuery,
  anomalyFeedbackBody,
  anomalyParams,
  anomalySaidList,
  expectationBody,
  feedbackNoted,
  feedbackParams,
} from '../../contract-anomalies.ts';
import type { ServerOptions } from '../options.ts';
import { filterParameters, toFilters } from '../query-parameters.ts';
import { toolHandler } from '../run-tool.ts';

const tags = ['anomalies'];
const refusals = { 400: errorBody, 403: errorBody, 404: errorBody };
const data = { content: { 'application/json': { schema: toolResponse }, 'text/csv': { schema: z.string() } } };

const listQuery = anomaliesQuery.catchall(filterParameters);

/** `/anomalies`: what the tool `find_anomalies` finds, and what people say of it. */
export const anomalyRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  const { anomalies } = options;
  app.get(
    '/anomalies',
    {
      schema: {
        tags,
        summary: 'Unexpected cost, a problem once, the largest first',
        description:
          'Any dimension may stand as a parameter and is a filter: `service_name=AWS%20Lambda`, `tag:team=search`.',
        querystring: listQuery,
        response: { 200: data, 400: errorBody },
      },
    },
    toolHandler<FastifyRequest<{ Querystring: z.output<typeof listQuery> }>>(options, 'find_anomalies', ({ query }) => {
      const { period, open, minimumImpact, includeQuiet, orderBy, limit, cursor, ...dimensions } = query;
      return {
        ...defined({ period, minimumImpact, orderBy, cursor }),
        ...{ openOnly: open === 'true', includeQuiet: includeQuiet === 'true', limit, filters: toFilters(dimensions) },
      };
    }),
  );

  app.get(
    '/anomalies/:anomalyId',
    {
      schema: {
        tags,
        summary: 'One anomaly with its cause and its days',
        params: anomalyParams,
        response: { 200: data, ...refusals },
      },
    },
    toolHandler<FastifyRequest<{ Params: z.output<typeof anomalyParams> }>>(
      options,
      'find_anomalies',
      ({ params }) => ({
        anomalyId: params.anomalyId,
      }),
    ),
  );

  app.post(
    '/anomalies/:anomalyId/feedback',
    {
      schema: {
        tags,
        summary: 'Say what an anomaly is',
        description: 'For engineers and above, of what they may see. Detection heeds it from its next run on.',
        params: anomalyParams,
        body: anomalyFeedbackBody,
        response: { 201: feedbackNoted, ...refusals },
      },
    },
    async ({ principal, params, body, surface }, reply) => {
      const feedbackId = await anomalies.say(principal, params.anomalyId, body, surface);
      return reply.status(201).send({ feedbackId });
    },
  );

  app.post(
    '/anomalies/expectations',
    {
      schema: {
        tags,
        summary: 'Say beforehand what is planned, or mute a part of the bill',
        description: 'For engineers and above; whoever does not see everything names one of their accounts or tags.',
        body: expectationBody,
        response: { 201: feedbackNoted, ...refusals },
      },
    },
    async ({ principal, body, surface }, reply) => {
      const from = body.from ?? options.now().toISOString().slice(0, 10);
      const feedbackId = await anomalies.expect(principal, { ...body, from }, surface);
      return reply.status(201).send({ feedbackId });
    },
  );

  app.get(
    '/anomalies/feedback',
    { schema: { tags, summary: 'What was said and holds, newest first', response: { 200: anomalySaidList } } },
    async ({ principal }) => ({
      items: (await anomalies.said(principal)).map((one) => ({ ...one, givenAt: one.givenAt.toISOString() })),
    }),
  );

  app.delete(
    '/anomalies/feedback/:feedbackId',
    {
      schema: {
        tags,
        summary: 'Take back what was said',
        params: feedbackParams,
        response: { 204: z.null(), ...refusals },
      },
    },
    async ({ principal, params, surface }, reply) => {
      await anomalies.takeBack(principal, params.feedbackId, surface);
      return reply.status(204).send(null);
    },
  );
};

const defined = (given: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
