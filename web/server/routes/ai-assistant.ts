import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { modelInfo, suggestionList } from '../../contract.ts';
import type { ServerOptions } from '../options.ts';

const tags = ['ai'];

/** `/ai/suggestions` and `/ai/model`: what one may ask here, and which model answers. */
export const aiAssistantRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, { assistant }) => {
  app.get(
    '/ai/suggestions',
    { schema: { tags, summary: 'Questions worth asking here', response: { 200: suggestionList } } },
    async (request) => ({ items: await assistant.suggestQuestions(request.principal) }),
  );

  app.get(
    '/ai/model',
    { schema: { tags, summary: 'The model that answers', response: { 200: modelInfo } } },
    async () => assistant.model,
  );
};
