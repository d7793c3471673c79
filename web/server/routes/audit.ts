import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CellValue } from '../../../tools/tool.ts';
import { type AuditEntry, auditPage, auditQuery, errorBody } from '../../contract.ts';
import { toCsv } from '../../csv.ts';
import type { ServerOptions } from '../options.ts';

/** `/audit`: what happened, the newest first. For administrators; `penny audit verify` proves that nothing was changed. */
export const auditRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, { assistant }) => {
  app.get(
    '/audit',
    {
      schema: {
        tags: ['audit'],
        summary: 'The audit log, newest first',
        description: '`Accept: text/csv` answers CSV; its next page stands in the `Link` header.',
        querystring: auditQuery,
        response: {
          200: { content: { 'application/json': { schema: auditPage }, 'text/csv': { schema: z.string() } } },
          400: errorBody,
          403: errorBody,
        },
      },
    },
    async ({ principal, query, headers }, reply) => {
      const page = await assistant.listAudit(principal, query);
      if (page.nextCursor !== undefined) {
        const asked = Object.entries({ ...query, cursor: page.nextCursor }).map(([name, value]) => [
          name,
          String(value),
        ]);
        reply.header('link', `</api/v1/audit?${new URLSearchParams(asked)}>; rel="next"`);
      }
      if (!headers.accept?.includes('text/csv')) return page;
      reply.type('text/csv; charset=utf-8');
      return auditAsCsv(page.items);
    },
  );
};

function auditAsCsv(items: AuditEntry[]): string {
  const names = Object.keys(auditPage.shape.items.element.shape) as (keyof AuditEntry)[];
  const columns = names.map((name) => ({ name, kind: name === 'entryId' ? 'count' : 'text' }));
  const rows = items.map((item) =>
    names.map((name): CellValue => {
      const value = item[name];
      return value !== null && typeof value === 'object' ? JSON.stringify(value) : value;
    }),
  );
  return toCsv(columns, rows);
}
