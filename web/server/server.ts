import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { packageRoot } from '../../config.ts';
import { PennyError } from '../../errors.ts';
import { httpSeconds } from '../../metrics.ts';
import { authenticate } from './authenticate.ts';
import { serveClient } from './client-files.ts';
import { answerError, refuseMalformed } from './errors.ts';
import { servesOneMachine } from './local.ts';
import { describeApi } from './openapi.ts';
import type { ServerOptions } from './options.ts';
import { limitPerson, limitSignIn } from './rate-limit.ts';
import { accountRoutes } from './routes/accounts.ts';
import { aiAssistantRoutes } from './routes/ai-assistant.ts';
import { aiConversationRoutes } from './routes/ai-conversations.ts';
import { aiQueryRoutes } from './routes/ai-queries.ts';
import { anomalyRoutes } from './routes/anomalies.ts';
import { auditRoutes } from './routes/audit.ts';
import { billingRoutes } from './routes/billing.ts';
import { budgetRoutes } from './routes/budgets.ts';
import { businessMetricRoutes } from './routes/business-metrics.ts';
import { docsRoutes } from './routes/docs.ts';
import { forecastRoutes } from './routes/forecasts.ts';
import { healthRoutes } from './routes/health.ts';
import { insightRoutes } from './routes/insights.ts';
import { jobRoutes } from './routes/jobs.ts';
import { localSignInRoutes } from './routes/local-sign-in.ts';
import { meRoutes } from './routes/me.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { providerRoutes } from './routes/provider.ts';
import { recommendationRoutes } from './routes/recommendations.ts';
import { remediationRoutes } from './routes/remediations.ts';
import { resourceRoutes } from './routes/resources.ts';
import { savingsRoutes } from './routes/savings.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { userRoutes } from './routes/users.ts';
import { guardBrowser } from './security.ts';

/** A question has at most 4,000 characters; nothing else that is sent comes near this. */
const BODY_LIMIT_BYTES = 64 * 1024;

const API_ROUTES = [
  aiQueryRoutes,
  aiConversationRoutes,
  aiAssistantRoutes,
  billingRoutes,
  accountRoutes,
  resourceRoutes,
  recommendationRoutes,
  anomalyRoutes,
  savingsRoutes,
  forecastRoutes,
  budgetRoutes,
  businessMetricRoutes,
  insightRoutes,
  meRoutes,
  tokenRoutes,
  userRoutes,
  jobRoutes,
  remediationRoutes,
  auditRoutes,
];

/** The web server, complete but not listening: tests inject requests, `listen.ts` opens the port. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: answerError,
    clientErrorHandler: refuseMalformed,
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT_BYTES,
    // Browsers keep spare connections open without a request; waiting for them would hold a shutdown up for seconds.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(noSuchRoute);
  // A form of another site can send text/plain without asking first, so only JSON is taken.
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', guardBrowser(options.config));
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: routeLabel(request), status: reply.statusCode };
    httpSeconds.observe(labels, reply.elapsedTime / 1000);
    request.log.debug({ ...labels, elapsedMs: Math.round(reply.elapsedTime) }, 'Request answered');
  });

  await describeApi(app);
  const typed = app.withTypeProvider<ZodTypeProvider>();
  await typed.register(healthRoutes, options);
  await typed.register(metricsRoutes);
  await typed.register(docsRoutes);
  await typed.register((api) => addApi(api, options), { prefix: '/api/v1' });
  await typed.register((auth) => addSignIn(auth, options), { prefix: '/auth' });
  await serveClient(app, options.clientFolder ?? join(packageRoot, 'dist/web/client'));
  return app;
}

function noSuchRoute(): never {
  throw new PennyError('not_found', 'There is no such page or route; /api/docs lists what there is.');
}

/** The pattern of the route; built files share one, since each build gives them other names. */
function routeLabel(request: FastifyRequest): string {
  const { url = 'unmatched' } = request.routeOptions;
  return url.startsWith('/assets/') ? '/assets/*' : url;
}

async function addApi(api: FastifyInstance, options: ServerOptions): Promise<void> {
  api.decorateRequest('principal');
  api.decorateRequest('surface');
  api.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  api.addHook('onRequest', authenticate(options));
  api.addHook('onRequest', limitPerson());
  // Of its own, so that a stranger cannot tell which routes there are.
  api.setNotFoundHandler(noSuchRoute);
  for (const routes of API_ROUTES) await api.register(routes, options);
}

/** Ways in that are not open do not exist: what one machine has is no route where others can reach it. */
async function addSignIn(auth: FastifyInstance, options: ServerOptions): Promise<void> {
  const { config } = options;
  auth.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  auth.addHook('onRequest', limitSignIn());
  await auth.register(signInRoutes, options);
  if (servesOneMachine(config)) await auth.register(localSignInRoutes, options);
  if (config.PENNY_OIDC_ISSUER !== undefined) await auth.register(providerRoutes, options);
}
