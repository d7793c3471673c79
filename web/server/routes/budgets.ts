import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PennyError } from '../../../errors.ts';
import { budget, budgetChanges, budgetParams, errorBody, newBudget, pageQuery, toolResponse } from '../../contract.ts';
import type { Budget, ServerOptions } from '../options.ts';
import { toolHandler } from '../run-tool.ts';

const tags = ['budgets'];
const refusals = { 400: errorBody, 403: errorBody, 404: errorBody, 409: errorBody };

const budgetsQuery = pageQuery.extend({
  name: z.string().optional().describe('Only budgets with this in their name.'),
});

/** `/budgets`: how budgets stand, as the tool `show_budgets` knows it, for everybody; to make and change them, for administrators. */
export const budgetRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  const { budgets } = options;
  app.get(
    '/budgets',
    {
      schema: {
        tags,
        summary: 'How budgets stand in their present period, by name',
        querystring: budgetsQuery,
        response: {
          200: { content: { 'application/json': { schema: toolResponse }, 'text/csv': { schema: z.string() } } },
          400: errorBody,
        },
      },
    },
    toolHandler<FastifyRequest<{ Querystring: z.output<typeof budgetsQuery> }>>(
      options,
      'show_budgets',
      ({ query }) => query,
    ),
  );

  app.post(
    '/budgets',
    {
      schema: {
        tags,
        summary: 'Make a budget',
        description: 'Without an amount it follows the forecast. Without an owner who makes it answers for it.',
        body: newBudget,
        response: { 201: budget, ...refusals },
      },
    },
    async (request, reply) => {
      const { amount = null, endDate = null, owner = null, ...given } = request.body;
      const startDate = given.startDate ?? options.now().toISOString().slice(0, 10);
      const made = await budgets.add({ ...given, amount, endDate, owner, startDate }, administrator(request));
      return reply.status(201).send(shown(made));
    },
  );

  app.patch(
    '/budgets/:budgetId',
    {
      schema: {
        tags,
        summary: 'Change a budget',
        description: 'What it crossed in the present period is not told again.',
        params: budgetParams,
        body: budgetChanges,
        response: { 200: budget, ...refusals },
      },
    },
    async (request) => shown(await budgets.change(request.params.budgetId, request.body, administrator(request))),
  );

  app.delete(
    '/budgets/:budgetId',
    {
      schema: {
        tags,
        summary: 'Put a budget away',
        description: 'What it crossed stays on record.',
        params: budgetParams,
        response: { 200: budget, ...refusals },
      },
    },
    async (request) => shown(await budgets.archive(request.params.budgetId, administrator(request))),
  );
};

function administrator({ principal, surface }: FastifyRequest) {
  if (principal.role !== 'admin') throw new PennyError('forbidden', 'Only an administrator makes and changes budgets.');
  return { actorId: principal.userId, actor: principal.email, surface };
}

function shown(found: Budget): z.output<typeof budget> {
  const { ownerId: _, createdBy: __, createdAt, archivedAt, ...told } = found;
  return { ...told, createdAt: createdAt.toISOString(), archivedAt: archivedAt?.toISOString() ?? null };
}
