import type { webApi } from '@slack/bolt';
import { z } from 'zod';
import { answerSchema } from '../../agent/answer.ts';
import type { Outbox, OutgoingMessage } from '../mailbox.ts';
import type { Rendered } from './render.ts';
import { renderAnswer } from './render.ts';
import { type Card, renderCard } from './render-remediation.ts';
import { escaped } from './text.ts';

type WebClient = InstanceType<typeof webApi.WebClient>;

/** Where a message goes beside its channel. */
const place = {
  threadTs: z.string().optional(),
  /** Only this person sees it. */
  visibleTo: z.string().optional(),
  /** Where Slack takes the reply to a command or a press; good for half an hour. */
  responseUrl: z.url().optional(),
};

/** What a message of the outbox holds, by its kind. */
export const payloads = {
  answer: z.object({ ...place, answer: answerSchema }),
  text: z.object({ ...place, text: z.string() }),
  approval: z.object({
    ...place,
    remediationId: z.string(),
    card: z.custom<Card>((value) => typeof value === 'object'),
    canDecide: z.boolean(),
  }),
} as const;

export type Kind = keyof typeof payloads;
type Payload = z.infer<(typeof payloads)[Kind]>;

/** How sending ended badly; without `afterMs` trying again is of no use. */
export interface Failure {
  reason: string;
  afterMs: number | undefined;
}

/** Sends one message that is due; false when there was none. */
export async function sendNext(
  client: WebClient,
  outbox: Outbox,
  onFailure: (failure: Failure) => void,
): Promise<boolean> {
  const message = await outbox.take();
  if (message === undefined) return false;
  try {
    await outbox.sent(message.messageId, await send(client, message));
  } catch (error) {
    const failure = failureOf(error, message.attempts);
    await outbox.failed(message.messageId, failure.reason, failure.afterMs);
    onFailure(failure);
  }
  return true;
}

/** Sends a message and returns where it then is: `channel:ts`; undefined for one that only one person sees. */
async function send(client: WebClient, message: OutgoingMessage): Promise<string | undefined> {
  const kind = z.enum(['answer', 'text', 'approval']).parse(message.kind);
  const payload = payloads[kind].parse(message.payload);
  if (message.attempts > 1 && message.replaces === undefined) {
    const sent = await findSent(client, message, payload);
    if (sent !== undefined) return sent;
  }
  try {
    return await post(client, message, payload, render(payload, false));
  } catch (error) {
    if (platformError(error) !== 'invalid_blocks') throw error;
    return post(client, message, payload, render(payload, true));
  }
}

function render(payload: Payload, plainTables: boolean): Rendered {
  if ('answer' in payload)
    return renderAnswer(payload.answer, { isPrivate: payload.visibleTo !== undefined, plainTables });
  if ('card' in payload) return renderCard(payload.card, payload.canDecide);
  return { text: escaped(payload.text), blocks: [] };
}

/** What Penny sends shows no previews: a link of a hostile name would carry what it says to wherever it leads. */
const QUIET = { unfurl_links: false, unfurl_media: false };

async function post(
  client: WebClient,
  { destination, replaces, deduplicationKey }: OutgoingMessage,
  { threadTs, visibleTo, responseUrl }: Payload,
  { text, blocks }: Rendered,
): Promise<string | undefined> {
  const content = { text, ...(blocks.length > 0 ? { blocks } : {}) };
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  if (replaces !== undefined) {
    const [channel = '', ts = ''] = replaces.split(':');
    await client.chat.update({ channel, ts, ...content, blocks });
    return replaces;
  }
  if (responseUrl !== undefined && (await respond(responseUrl, content))) return undefined;
  if (visibleTo !== undefined && responseUrl === undefined) {
    try {
      await client.chat.postEphemeral({ channel: destination, user: visibleTo, ...thread, ...content });
      return undefined;
    } catch (error) {
      if (!UNREACHABLE.has(platformError(error) ?? '')) throw error;
    }
  }
  const metadata = { event_type: 'penny_message', event_payload: { key: deduplicationKey } };
  // What the channel does not take from Penny reaches the person by themselves.
  const target = visibleTo === undefined ? { channel: destination, ...thread } : { channel: visibleTo };
  const posted = await client.chat.postMessage({ ...target, ...content, ...QUIET, metadata });
  return posted.ts === undefined ? undefined : `${posted.channel ?? destination}:${posted.ts}`;
}

const UNREACHABLE = new Set(['channel_not_found', 'not_in_channel', 'user_not_in_channel', 'is_archived']);

/** Whether Slack took the reply; it no longer does after half an hour or five of them. */
async function respond(url: string, content: { text: string }): Promise<boolean> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...content }),
    signal: AbortSignal.timeout(10_000),
  });
  if (reply.status === 429 || reply.status >= 500) throw new Error(`Slack answered ${reply.status} to a reply`);
  return reply.ok;
}

/** A try that failed may have arrived all the same: its key then stands in the metadata of a message. */
async function findSent(client: WebClient, message: OutgoingMessage, payload: Payload): Promise<string | undefined> {
  if (payload.visibleTo !== undefined || payload.threadTs === undefined) return undefined;
  const channel = message.destination;
  try {
    const asked = { channel, ts: payload.threadTs, limit: 200, include_all_metadata: true };
    const { messages = [] } = await client.conversations.replies(asked);
    const found = messages.find((one) => keyOf(one) === message.deduplicationKey);
    return found?.ts === undefined ? undefined : `${channel}:${found.ts}`;
  } catch (error) {
    // An app that may not read the thread cannot look; being down is no answer.
    if (platformError(error) === undefined) throw error;
    return undefined;
  }
}

const withKey = z.looseObject({ metadata: z.looseObject({ event_payload: z.looseObject({ key: z.string() }) }) });
const keyOf = (message: unknown): string | undefined => withKey.safeParse(message).data?.metadata.event_payload.key;

const failed = z.looseObject({
  code: z.string().optional(),
  message: z.string().default('failed'),
  retryAfter: z.number().optional(),
  data: z.looseObject({ error: z.string() }).optional(),
});

const platformError = (error: unknown): string | undefined => failed.safeParse(error).data?.data?.error;

/** What no repeat changes. */
const FINAL = new Set([
  ...UNREACHABLE,
  ...['user_not_found', 'cannot_dm_bot', 'user_disabled', 'message_not_found', 'cant_update_message', 'msg_too_long'],
  ...['msg_blocks_too_long', 'restricted_action', 'invalid_blocks', 'invalid_arguments', 'no_text'],
]);

/** With pauses of five minutes at the longest, this many tries take a day. */
const MOST_ATTEMPTS = 300;

function failureOf(error: unknown, attempts: number): Failure {
  if (error instanceof z.ZodError) return { reason: 'the payload is none of its kind', afterMs: undefined };
  const { code, message, retryAfter } = failed.safeParse(error).data ?? { message: String(error) };
  const reason = platformError(error) ?? `${code ?? 'error'}: ${message}`.slice(0, 300);
  if (FINAL.has(platformError(error) ?? '') || attempts >= MOST_ATTEMPTS) return { reason, afterMs: undefined };
  return { reason, afterMs: retryAfter === undefined ? Math.min(2 ** attempts, 300) * 1_000 : retryAfter * 1_000 };
}
