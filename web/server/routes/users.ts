import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { User } from '../../../agent/identity/users.ts';
import { errorBody, newUser, user, userChanges, userList, userParams } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';

const tags = ['people'];

/** `/users`: who may use Penny, what they may do and see. For administrators. */
export const userRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, { people }) => {
  app.get(
    '/users',
    { schema: { tags, summary: 'Everybody who was added', response: { 200: userList, 403: errorBody } } },
    async ({ principal }) => ({ items: (await people.listUsers(principal)).map(shown) }),
  );

  app.post(
    '/users',
    {
      schema: {
        tags,
        summary: 'Add somebody',
        description: 'Without a scope they see nothing yet; administrators see everything.',
        body: newUser,
        response: { 201: user, 400: errorBody, 403: errorBody, 409: errorBody },
      },
    },
    async ({ principal, surface, body }, reply) =>
      reply.status(201).send(shown(await people.addUser({ principal, surface }, body))),
  );

  app.patch(
    '/users/:userId',
    {
      schema: {
        tags,
        summary: 'Change what somebody may do and see',
        description: 'It counts from their next request on; `disabled` ends their sessions.',
        params: userParams,
        body: userChanges,
        response: { 200: user, 400: errorBody, 403: errorBody, 404: errorBody },
      },
    },
    async ({ principal, surface, params, body }) =>
      shown(await people.changeUser({ principal, surface }, params.userId, body)),
  );
};

function shown(found: User): z.output<typeof user> {
  return { ...found, createdAt: found.createdAt.toISOString() };
}
