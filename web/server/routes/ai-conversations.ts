import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { PennyError } from '../../../errors.ts';
import { conversation, conversationList, errorBody, limitQuery, threadParams } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';

const tags = ['ai'];

/** `/ai/conversations`: the conversations of the person who asks, newest first, and one of them in full. */
export const aiConversationRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, { assistant }) => {
  app.get(
    '/ai/conversations',
    {
      schema: {
        tags,
        summary: 'Your conversations, newest first',
        querystring: limitQuery,
        response: { 200: conversationList, 400: errorBody },
      },
    },
    async (request) => ({ items: await assistant.listConversations(request.principal, request.query) }),
  );

  app.get(
    '/ai/conversations/:threadId',
    {
      schema: {
        tags,
        summary: 'One of your conversations',
        params: threadParams,
        response: { 200: conversation, 404: errorBody },
      },
    },
    async (request) => {
      const found = await assistant.getConversation(request.principal, request.params.threadId);
      if (found === null) throw new PennyError('not_found', 'There is no such conversation, or it is not yours.');
      return found;
    },
  );
};
