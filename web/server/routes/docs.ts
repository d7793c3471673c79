import type { FastifyInstance } from 'fastify';
import { type OpenApi, renderDocs } from '../docs-page.ts';
import { PAGE_STYLE } from '../page.ts';

const hidden = { schema: { hide: true } };

/** `/api/openapi.json`, and `/api/docs`: the same document as a page, made here so that it needs no script and no CDN. */
export async function docsRoutes(app: FastifyInstance): Promise<void> {
  app.get('/api/openapi.json', hidden, async () => app.swagger());
  app.get('/api/docs', hidden, async (_request, reply) => {
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache');
    return renderDocs(app.swagger() as OpenApi);
  });
  app.get('/api/docs.css', hidden, async (_request, reply) => {
    reply.type('text/css; charset=utf-8').header('cache-control', 'no-cache');
    return PAGE_STYLE;
  });
}
