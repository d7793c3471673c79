import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody, toolResponse } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';
import { filterParameters, jsonParameter, listParameter, toFilters } from '../query-parameters.ts';
import { toolHandler } from '../run-tool.ts';

const tags = ['data'];

/** The inputs of `query_costs` by their names; the tool's own schema checks their values. */
const costsQuery = z
  .object({
    metric: z
      .string()
      .optional()
      .describe('`effective_cost` (default), `billed_cost`, `contracted_cost` or `list_cost`.'),
    period: z
      .string()
      .optional()
      .describe('`last 30 days` (default), `last month`, `2026-09`, `2026-09-01 to 2026-09-15`, ...'),
    compareTo: z.string().optional().describe('`previous period`, `same period last year`, or a period.'),
    groupBy: listParameter.optional().describe('Up to three dimensions: FOCUS column ids in snake_case, or `tag:KEY`.'),
    filters: jsonParameter
      .optional()
      .describe('JSON: `[{"dimension","operator","values"}]`; or name a dimension as a parameter.'),
    granularity: z.string().optional().describe('`none` (default), `day`, `week`, `month` or `quarter`.'),
    rankBy: z.string().optional().describe('`amount` (default), `change` or `percent change`.'),
    order: z.string().optional().describe('`descending` (default) or `ascending`.'),
    direction: z.string().optional().describe('`any` (default), `rising` or `falling`.'),
    limit: z.coerce.number().optional().describe('Rows, 1 to 500.'),
    minimum: z.string().optional().describe('Only rows of at least this amount.'),
    includeCredits: z.stringbool().optional().describe('Whether credits are in; by default they are out, shown apart.'),
  })
  .catchall(filterParameters);

type CostsRequest = FastifyRequest<{ Querystring: z.output<typeof costsQuery> }>;

const response = {
  200: { content: { 'application/json': { schema: toolResponse }, 'text/csv': { schema: z.string() } } },
  400: errorBody,
};

const reconciliationQuery = z.object({
  month: z.string().optional().describe('`2026-09`; by default the newest months.'),
});

/** `/billing/costs`, `/billing/freshness` and `/billing/reconciliation`: what `query_costs`, `describe_freshness` and `check_bill` find. */
export const billingRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, options) => {
  app.get(
    '/billing/costs',
    {
      schema: {
        tags,
        summary: 'Costs by any dimension, period and filter',
        description:
          'Any dimension may stand as a parameter and is then a filter: `?service_name=AWS Lambda&tag:team=search`; ' +
          'repeated, any of its values will do.',
        querystring: costsQuery,
        response,
      },
    },
    toolHandler<CostsRequest>(options, 'query_costs', ({ query }) => toInput(query), nameOf),
  );

  app.get(
    '/billing/freshness',
    { schema: { tags, summary: 'How far the data reaches and what was loaded', response } },
    toolHandler(options, 'describe_freshness', () => ({})),
  );

  app.get(
    '/billing/reconciliation',
    {
      schema: {
        tags,
        summary: 'Each month of the bill beside the invoice or Cost Explorer, as last compared',
        querystring: reconciliationQuery,
        response,
      },
    },
    toolHandler<FastifyRequest<{ Querystring: z.output<typeof reconciliationQuery> }>>(
      options,
      'check_bill',
      ({ query }) => query,
    ),
  );
};

function toInput(query: z.output<typeof costsQuery>): Record<string, unknown> {
  const [input, others] = split(query);
  const given = Array.isArray(input.filters) ? input.filters : [];
  const wrong = input.filters !== undefined && !Array.isArray(input.filters);
  return { ...input, filters: wrong ? input.filters : [...given, ...toFilters(others)] };
}

function split(query: z.output<typeof costsQuery>): [Record<string, unknown>, Record<string, unknown>] {
  const entries = Object.entries(query);
  const isInput = (name: string) => name in costsQuery.shape;
  return [
    Object.fromEntries(entries.filter(([name]) => isInput(name))),
    Object.fromEntries(entries.filter(([name]) => !isInput(name))),
  ];
}

/** A complaint about a filter names the parameter it came from. */
function nameOf(path: PropertyKey[], { query }: CostsRequest): string {
  const [field, index] = path;
  const explicit = Array.isArray(query.filters) ? query.filters.length : 0;
  const other =
    field === 'filters' && typeof index === 'number' ? toFilters(split(query)[1])[index - explicit] : undefined;
  return other?.dimension ?? path.join('.');
}
