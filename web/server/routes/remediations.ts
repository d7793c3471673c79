import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Remediation } from '../../../agent/decide.ts';
import { errorBody } from '../../contract.ts';
import {
  approval,
  newRemediation,
  type RemediationBody,
  rejection,
  remediation,
  remediationPage,
  remediationParams,
  remediationsQuery,
  stop,
} from '../../contract-remediations.ts';
import type { ServerOptions } from '../options.ts';

const tags = ['remediations'];
const refusals = { 400: errorBody, 403: errorBody, 404: errorBody, 409: errorBody };
const person = ({ principal, surface }: FastifyRequest) => ({ principal, surface });

/** `/remediations`: what was proposed, for whoever sees the resource; decisions for approvers who did not propose it. */
export const remediationRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, { decisions }) => {
  app.get(
    '/remediations',
    {
      schema: {
        tags,
        summary: 'Changes that were proposed, newest first',
        querystring: remediationsQuery,
        response: { 200: remediationPage, 400: errorBody },
      },
    },
    async ({ principal, query }) => {
      const { items, nextCursor } = await decisions.list(principal, query);
      const stopped = await decisions.stopped();
      return {
        items: items.map(shown),
        ...(nextCursor === undefined ? {} : { nextCursor }),
        ...(stopped === undefined ? {} : { stopped }),
      };
    },
  );

  app.post(
    '/remediations',
    {
      schema: {
        tags,
        summary: 'Propose what a recommendation asks for',
        description: 'Asking again while it waits answers the same proposal.',
        body: newRemediation,
        response: { 201: remediation, ...refusals },
      },
    },
    async (request, reply) =>
      reply.status(201).send(shown(await decisions.propose(person(request), request.body.recommendationId))),
  );

  app.get(
    '/remediations/:remediationId',
    {
      schema: {
        tags,
        summary: 'One of them, with its evidence',
        params: remediationParams,
        response: { 200: remediation, 404: errorBody },
      },
    },
    async ({ principal, params }) => shown(await decisions.find(principal, params.remediationId)),
  );

  app.post(
    '/remediations/:remediationId/approve',
    {
      schema: {
        tags,
        summary: 'Approve it, for exactly what it says',
        description: 'Never what one proposed oneself. One of high risk takes two people.',
        params: remediationParams,
        body: approval,
        response: { 200: remediation, ...refusals },
      },
    },
    async (request) => {
      const given = { ...request.params, parametersHash: request.body?.parametersHash, decision: 'approve' as const };
      return shown(await decisions.decide(person(request), given));
    },
  );

  app.post(
    '/remediations/:remediationId/reject',
    {
      schema: {
        tags,
        summary: 'Reject it',
        params: remediationParams,
        body: rejection,
        response: { 200: remediation, ...refusals },
      },
    },
    async (request) =>
      shown(await decisions.decide(person(request), { ...request.params, ...request.body, decision: 'reject' })),
  );

  app.post(
    '/remediations/:remediationId/cancel',
    {
      schema: {
        tags,
        summary: 'Take back what one proposed',
        params: remediationParams,
        response: { 200: remediation, ...refusals },
      },
    },
    async (request) => shown(await decisions.cancel(person(request), request.params.remediationId)),
  );

  app.post(
    '/remediations/:remediationId/undo',
    {
      schema: {
        tags,
        summary: 'Have it undone',
        params: remediationParams,
        response: { 202: remediation, ...refusals },
      },
    },
    async (request, reply) =>
      reply.status(202).send(shown(await decisions.undo(person(request), request.params.remediationId))),
  );

  app.post(
    '/remediations/stop',
    {
      schema: {
        tags,
        summary: 'Stop every change of the cloud, what is approved included',
        body: stop,
        response: { 204: z.null(), ...refusals },
      },
    },
    async (request, reply) => {
      await decisions.stop(person(request), request.body.reason);
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/remediations/resume',
    { schema: { tags, summary: 'Let changes go on', response: { 204: z.null(), ...refusals } } },
    async (request, reply) => {
      await decisions.resume(person(request));
      return reply.status(204).send(null);
    },
  );
};

/** What is the cloud's and the queue's own business is left out by the contract. */
function shown(one: Remediation): RemediationBody {
  const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
  return {
    ...one,
    evidence: one.evidence,
    requestedAt: one.requestedAt.toISOString(),
    expiresAt: one.expiresAt.toISOString(),
    decidedAt: iso(one.decidedAt),
    appliedAt: iso(one.appliedAt),
    verifiedAt: iso(one.verifiedAt),
    undoneAt: iso(one.undoneAt),
    failedAt: iso(one.failedAt),
  };
}
