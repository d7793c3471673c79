import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

const DESCRIPTION =
  'Ask Penny, read its log, and get the same costs its answers are made of. Money is decimal text beside its currency; ' +
  'periods are `[start, end)` in UTC days. Every error has the shape of `Error`.';

/** Collects every route registered after it into the OpenAPI document, from the zod schemas that validate them. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Penny', description: DESCRIPTION, version: '1' },
      tags: [
        { name: 'ai', description: 'Questions, answers and conversations' },
        { name: 'data', description: 'Costs, accounts and resources' },
        { name: 'operation', description: 'Health and metrics' },
      ],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
}
