import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PennyError } from '../../errors.ts';

/** Built files carry their hash in the name, so they never change; everything else is asked for again each time. */
const FOREVER = 'public, max-age=31536000, immutable';

/** Serves the built page: its files, and `index.html` for every address the page itself understands. */
export async function serveClient(app: FastifyInstance, folder: string): Promise<void> {
  const built = existsSync(join(folder, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      index: false,
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const hashed = path.startsWith(join(folder, 'assets'));
        reply.setHeader('cache-control', hashed ? FOREVER : 'no-cache');
      },
    });
  }
  for (const url of ['/', '/c/:threadId', '/changes', '/jobs', '/sign-in']) {
    app.get(url, { schema: { hide: true } }, async (_request, reply) => {
      if (!built) throw new PennyError('not_found', 'The page is not built; run `npm run build` and start again.');
      return reply.sendFile('index.html');
    });
  }
}
