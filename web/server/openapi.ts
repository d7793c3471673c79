import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

const DESCRIPTION =
  'Ask Penny, read its log, and get the same costs its answers are made of. Money is decimal text beside its currency; ' +
  'periods are `[start, end)` in UTC days. Every error has the shape of `Error`. Everything under `/api/v1` needs an API token ' +
  '(`Authorization: Bearer TOKEN`) or the session cookie of the page, and answers 401 without.';

/** Collects every route registered after it into the OpenAPI document, from the zod schemas that validate them. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Penny', description: DESCRIPTION, version: '1' },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token; see `/api/v1/tokens`.' },
          session: { type: 'apiKey', in: 'cookie', name: 'penny_session', description: 'What signing in sets.' },
        },
      },
      security: [{ token: [] }, { session: [] }],
      tags: [
        { name: 'ai', description: 'Questions, answers and conversations' },
        { name: 'data', description: 'Costs, accounts and resources' },
        { name: 'people', description: 'You, users and API tokens' },
        { name: 'jobs', description: 'What runs on a clock' },
        { name: 'sign-in', description: 'Signing in and out' },
        { name: 'operation', description: 'Health and metrics' },
      ],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
}
