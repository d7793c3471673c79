import {
  App,
  type AppOptions,
  HTTPReceiver,
  type Receiver,
  type ReceiverEvent,
  SocketModeReceiver,
  webApi,
} from '@slack/bolt';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config.ts';
import { PennyError } from '../../errors.ts';
import { startWorkers } from '../workers.ts';
import { listen } from './listeners.ts';
import { boltLogger } from './logger.ts';
import type { SlackOptions } from './options.ts';
import { keptAs } from './payloads.ts';
import { sendNext } from './send.ts';

export type { SlackOptions } from './options.ts';

/** Where Slack sends events, commands and presses. */
const ROUTE = '/slack/events';
const BODY_LIMIT_BYTES = 1024 * 1024;

/** A clock of Slack's that is ahead by more than this is none; Bolt itself refuses what is older than five minutes. */
const FUTURE_SECONDS = 60;

/** The built-in planner works on this machine's own cores, a remote model elsewhere. */
const QUESTIONS_AT_ONCE = { offline: 4, remote: 32 };
const MESSAGES_AT_ONCE = 4;
const LOOK_EVERY_MS = 1_000;
const MOST_ATTEMPTS = 10;

/** Penny in Slack. */
export interface SlackBot {
  /** Adds the route that Slack calls, where there is a signing secret to prove that it is Slack. */
  mount(app: FastifyInstance): Promise<void>;
  /** Looks for what is due, and with an app token opens Socket Mode. */
  start(): Promise<void>;
  /** Resolves when nothing that is due is left to do. */
  idle(): Promise<void>;
  /** Ends what was begun and takes nothing more. */
  stop(): Promise<void>;
}

/** Whether the settings name a Slack app and a way to hear from it. */
export function hasSlack({
  SLACK_BOT_TOKEN: token,
  SLACK_SIGNING_SECRET: secret,
  SLACK_APP_TOKEN: app,
}: Config): boolean {
  return token !== undefined && (secret !== undefined || app !== undefined);
}

/**
 * Returns Penny in Slack. What Slack sends is written down before it is acknowledged and handled by workers, and what Penny says is
 * written down before it is sent, so that neither a repeat nor a crash nor an outage of Slack loses or doubles anything.
 */
export function createSlackBot(options: SlackOptions): SlackBot {
  const { config, log, mailbox } = options;
  const clientOptions: webApi.WebClientOptions = {
    slackApiUrl: config.SLACK_API_URL,
    logger: boltLogger(log),
    // The outbox tries again, later and after a restart too; a client that waits would hold a worker up.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 10_000,
  };
  /** What came and is not acknowledged, or not worked through, yet. */
  const underWay = new Set<Promise<void>>();
  const self = workspaceOf(config, clientOptions);
  const app = new App({
    receiver: nothing,
    authorize: async ({ teamId }) => {
      const own = await self();
      if (teamId !== own.teamId) throw new PennyError('forbidden', 'That workspace is not the one of the Slack app.');
      return { botToken: own.token, botUserId: own.botUserId, botId: own.botId, teamId: own.teamId };
    },
    logger: boltLogger(log),
    clientOptions,
    convoStore: false,
  } satisfies AppOptions);
  app.error(async (error) => {
    throw error;
  });
  const sender = startWorkers({
    ...{ count: MESSAGES_AT_ONCE, everyMs: LOOK_EVERY_MS, log },
    work: async () =>
      sendNext((await self()).client, mailbox.outbox, ({ reason, afterMs }) =>
        log[afterMs === undefined ? 'error' : 'warn']({ reason, afterMs }, 'a message to Slack was not sent'),
      ),
  });
  const handler = startWorkers({
    count: options.assistant.model.kind === 'offline' ? QUESTIONS_AT_ONCE.offline : QUESTIONS_AT_ONCE.remote,
    ...{ everyMs: LOOK_EVERY_MS, log },
    work: async () => {
      // Slack waits three seconds to hear that something arrived, people much longer for an answer.
      await Promise.allSettled(underWay);
      const worked = await handleNext(app, options, async () => (await self()).teamId);
      if (worked) sender.wake();
      return worked;
    },
  });
  listen(app, options, async (message) => {
    await mailbox.outbox.add(message);
    sender.wake();
  });

  /** The one way in, for HTTP and Socket Mode alike. What throws is not acknowledged, so Slack sends it again. */
  async function receive(event: ReceiverEvent): Promise<void> {
    const kept = keptAs(event.body);
    if (kept === undefined) return app.processEvent(event);
    const { token: _, ...body } = event.body;
    await mailbox.inbox.keep({ ...kept, body });
    await event.ack();
    handler.wake();
  }
  async function noted(event: ReceiverEvent): Promise<void> {
    const work = receive(event);
    underWay.add(work);
    await work.finally(() => underWay.delete(work));
  }
  // Receivers know of an app nothing but where it takes events.
  const door = { processEvent: noted } as unknown as App;
  const socket = openSocket(config, clientOptions, door);
  return {
    mount: (server) => mountRoute(server, config, clientOptions, door),
    async start() {
      handler.wake();
      sender.wake();
      await socket?.start();
    },
    async idle() {
      await Promise.allSettled(underWay);
      await handler.idle();
      await sender.idle();
    },
    async stop() {
      await socket?.stop();
      await Promise.allSettled(underWay);
      await handler.stop();
      await sender.stop();
    },
  };
}

/** Handles one event that is due; false when there was none. */
async function handleNext(
  app: App,
  { mailbox: { inbox }, log }: SlackOptions,
  ownTeam: () => Promise<string>,
): Promise<boolean> {
  const event = await inbox.take();
  if (event === undefined) return false;
  try {
    if (event.tenant !== (await ownTeam())) {
      await inbox.failed(event, 'of another workspace', true);
      log.warn({ tenant: event.tenant }, 'an event of another workspace of Slack was left alone');
      return true;
    }
    await app.processEvent({ body: event.body, ack: async () => {} });
    await inbox.handled(event);
  } catch (error) {
    const err = (error as { original?: unknown }).original ?? error;
    const giveUp = event.attempts >= MOST_ATTEMPTS;
    log[giveUp ? 'error' : 'warn']({ err, eventId: event.eventId, giveUp }, 'an event of Slack could not be handled');
    await inbox.failed(event, err instanceof Error ? err.message : String(err), giveUp);
  }
  return true;
}

/** Who the app is in Slack, asked once for each token. */
function workspaceOf(config: Config, clientOptions: webApi.WebClientOptions) {
  const known = new Map<string, ReturnType<typeof authTest>>();
  return () => {
    const token = config.SLACK_BOT_TOKEN ?? '';
    const asked = known.get(token) ?? authTest(token, clientOptions);
    known.set(token, asked);
    // A failure is not remembered.
    asked.catch(() => known.delete(token));
    return asked;
  };
}

async function authTest(token: string, clientOptions: webApi.WebClientOptions) {
  const client = new webApi.WebClient(token, clientOptions);
  const { team_id: teamId = '', user_id: botUserId = '', bot_id: botId = '' } = await client.auth.test();
  return { token, client, teamId, botUserId, botId };
}

/** Bolt wants a receiver; events come through the inbox instead. */
const nothing: Receiver = { init: () => {}, start: async () => {}, stop: async () => {} };

function openSocket(config: Config, clientOptions: webApi.WebClientOptions, door: App): SocketModeReceiver | undefined {
  if (config.SLACK_APP_TOKEN === undefined) return undefined;
  const { logger } = clientOptions;
  const receiver = new SocketModeReceiver({
    appToken: config.SLACK_APP_TOKEN,
    ...(logger === undefined ? {} : { logger }),
    // Here waiting is right: without the connection there is nothing else to do.
    installerOptions: { clientOptions: { ...clientOptions, retryConfig: { forever: true, maxTimeout: 30_000 } } },
  });
  receiver.init(door);
  return receiver;
}

async function mountRoute(
  server: FastifyInstance,
  config: Config,
  { logger }: webApi.WebClientOptions,
  door: App,
): Promise<void> {
  if (config.SLACK_SIGNING_SECRET === undefined) return;
  const receivers = new Map<string, HTTPReceiver>();
  /** One for each secret, since the secret may be changed while Penny runs. */
  function receiver(): HTTPReceiver {
    const signingSecret = config.SLACK_SIGNING_SECRET ?? '';
    const made =
      receivers.get(signingSecret) ??
      new HTTPReceiver({ signingSecret, endpoints: ROUTE, ...(logger === undefined ? {} : { logger }) });
    made.init(door);
    receivers.clear();
    receivers.set(signingSecret, made);
    return made;
  }
  await server.register(async (scope) => {
    // The signature is over the bytes as they came.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.post(ROUTE, { schema: { hide: true } }, (request, reply) => {
      const ahead = Number(request.headers['x-slack-request-timestamp']) - Date.now() / 1_000;
      if (ahead > FUTURE_SECONDS) return void reply.status(401).send();
      reply.hijack();
      receiver().requestListener(Object.assign(request.raw, { rawBody: request.body ?? Buffer.alloc(0) }), reply.raw);
    });
  });
}
