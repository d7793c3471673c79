import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Token } from '../../../agent/identity/tokens.ts';
import { createdToken, errorBody, newToken, tokenList, tokenParams } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';

const tags = ['people'];

/** `/tokens`: one's own API tokens, everybody's for an administrator. */
export const tokenRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, { people }) => {
  app.get(
    '/tokens',
    { schema: { tags, summary: 'Your API tokens; for an administrator all', response: { 200: tokenList } } },
    async ({ principal }) => ({ items: (await people.listTokens(principal)).map(shown) }),
  );

  app.post(
    '/tokens',
    {
      schema: {
        tags,
        summary: 'Make an API token',
        description: 'Not with a token: sign in for it.',
        body: newToken,
        response: { 201: createdToken, 400: errorBody, 403: errorBody, 404: errorBody },
      },
    },
    async ({ principal, surface, body }, reply) => {
      const made = await people.createToken({ principal, surface }, body);
      return reply.status(201).send({ ...shown(made), token: made.token });
    },
  );

  app.delete(
    '/tokens/:tokenId',
    {
      schema: {
        tags,
        summary: 'Take a token back',
        params: tokenParams,
        response: { 204: z.undefined().describe('It is good for nothing any more.'), 404: errorBody },
      },
    },
    async ({ principal, surface, params }, reply) => {
      await people.revokeToken({ principal, surface }, params.tokenId);
      return reply.status(204).send();
    },
  );
};

function shown({ tokenId, name, email, role, scope, ...instants }: Token): z.output<typeof tokenList>['items'][number] {
  const { createdAt, lastUsedAt, expiresAt, revokedAt } = instants;
  return {
    ...{ tokenId, name, email, role, scope },
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}
