import type { FastifyInstance } from 'fastify';
import { startWorkers } from '../workers.ts';
import { answerNext, receive, replaceCards, type TeamsOptions } from './listeners.ts';
import { sendNext } from './outgoing.ts';

export type { TeamsOptions } from './listeners.ts';
export { standInToken } from './stand-in.ts';
export { openTransport, type Transport } from './transport.ts';

/** A message of Teams has at most 28 KB; what comes around it is not much. */
const BODY_LIMIT_BYTES = 256 * 1024;
const LOOK_EVERY_MS = 2_000;
const LOOK_AT_CARDS_EVERY_MS = 10_000;
/** The built-in planner works on this machine's own cores, a remote model elsewhere. */
const QUESTIONS_AT_ONCE = { offline: 4, remote: 32 };
const MESSAGES_AT_ONCE = 4;

/** Teams as a surface. */
export interface TeamsBot {
  /** Adds `POST /teams/messages`, which Teams' servers call. */
  mount(app: FastifyInstance): Promise<void>;
  /** Resolves when all that is due now is answered and sent. */
  settled(): Promise<void>;
  /** Takes nothing more, and resolves when what was begun has ended. */
  stop(): Promise<void>;
}

/** Returns the bot over its options, at work at once; docs/teams.md says how it is set up. */
export function startTeamsBot(options: TeamsOptions): TeamsBot {
  const { transport, mailbox, conversations, log } = options;
  const sending = { transport, outbox: mailbox.outbox, referenceFor: conversations.find, log };
  const messages = startWorkers({
    count: MESSAGES_AT_ONCE,
    everyMs: LOOK_EVERY_MS,
    work: () => sendNext(sending),
    log,
  });
  const questions = startWorkers({
    count: options.assistant.model.kind === 'offline' ? QUESTIONS_AT_ONCE.offline : QUESTIONS_AT_ONCE.remote,
    everyMs: LOOK_EVERY_MS,
    async work() {
      const worked = await answerNext(options);
      if (worked) messages.wake();
      return worked;
    },
    log,
  });
  const cards = startWorkers({
    count: 1,
    everyMs: LOOK_AT_CARDS_EVERY_MS,
    async work() {
      await replaceCards(options);
      messages.wake();
      return false;
    },
    log,
  });
  return {
    async mount(app) {
      app.post(
        '/teams/messages',
        { bodyLimit: BODY_LIMIT_BYTES, schema: { hide: true } },
        async ({ headers, body }, reply) => {
          const activity = await transport.receive(headers.authorization, body);
          const answer = await receive(options, activity);
          for (const workers of [questions, cards, messages]) workers.wake();
          return reply.status(answer.status).send(answer.body ?? '');
        },
      );
    },
    async settled() {
      for (const workers of [questions, cards, messages]) {
        workers.wake();
        await workers.idle();
      }
    },
    async stop() {
      for (const workers of [questions, cards, messages]) await workers.stop();
    },
  };
}
