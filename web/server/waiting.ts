import Fastify, { type FastifyInstance } from 'fastify';
import { type PennyError, toErrorBody } from '../../errors.ts';

/**
 * A server, not listening yet, that stands in while the service cannot start for `reason`: it is alive and not ready, and
 * answers everything else with the reason.
 */
export function buildWaitingServer(reason: PennyError): FastifyInstance {
  const app: FastifyInstance = Fastify({ forceCloseConnections: true });
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.setNotFoundHandler((_request, reply) =>
    reply.status(reason.status).header('retry-after', '5').send(toErrorBody(reason)),
  );
  return app;
}
