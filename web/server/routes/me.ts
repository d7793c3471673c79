import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { errorBody, me } from '../../contract.ts';
import type { Principal, ServerOptions } from '../options.ts';

/** `/me`: who the request came from, as Penny sees them. */
export const meRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, { people }) => {
  app.get(
    '/me',
    { schema: { tags: ['people'], summary: 'Who you are here', response: { 200: me, 401: errorBody } } },
    async ({ principal }) => {
      const { email, name, role, scope } = principal;
      return { email, name, role, scope, sees: await inWords(scope) };
    },
  );

  async function inWords(scope: Principal['scope']): Promise<string> {
    if (scope === 'all') return 'Everything';
    const names = await people.accountNames(scope.subAccountIds);
    const accounts = scope.subAccountIds.map((id) => names.get(id) ?? id);
    const tags = scope.tags.map(({ key, value }) => `${key} ${value}`);
    return [...accounts, ...tags].join(', ') || 'Nothing yet';
  }
};
