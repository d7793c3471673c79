import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { PennyError, toErrorBody } from '../../errors.ts';
import { answerError } from './errors.ts';
import type { ServerOptions } from './options.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';

/** What a process that only runs jobs answers: whether it lives, whether it can work, and its metrics. */
export async function buildWorkerServer(options: Pick<ServerOptions, 'ready'>): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({ forceCloseConnections: true });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError);
  const elsewhere = new PennyError('not_found', 'This process only runs jobs; the page and the API are elsewhere.');
  app.setNotFoundHandler((_request, reply) => reply.status(elsewhere.status).send(toErrorBody(elsewhere)));
  const typed = app.withTypeProvider<ZodTypeProvider>();
  await typed.register(healthRoutes, options);
  await typed.register(metricsRoutes);
  return app;
}
