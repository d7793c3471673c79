import { z } from 'zod';
import type { Log } from '../../log.ts';
import type { Outbox, OutgoingMessage } from '../mailbox.ts';
import { type Message, type Reference, referenceSchema } from './activity.ts';
import type { Transport } from './transport.ts';

/** What the outbox keeps of a message to Teams. */
const payloadSchema = z.looseObject({
  /** Where to; without it the conversation that the message names as its destination. */
  reference: referenceSchema.optional(),
  /** The person who alone may read it: it goes to their own chat, and the conversation only hears that it did. */
  privateTo: z.string().optional(),
  /** The person whose own chat it goes to, where the conversation hears nothing of it. */
  onlyTo: z.string().optional(),
  message: z.custom<Message>((value) => typeof value === 'object' && value !== null).optional(),
  /** Words alone, as jobs write them for whatever platform. */
  text: z.string().optional(),
});
export type Outgoing = z.infer<typeof payloadSchema>;

export interface SenderOptions {
  transport: Transport;
  outbox: Outbox;
  /** The newest reference of a conversation; undefined when Penny has not heard from there. */
  referenceFor(tenant: string, conversationId: string): Promise<Reference | undefined>;
  log: Log;
}

const ANSWERED_ALONE = 'I have answered in our own chat, since others read along here.';
const ADD_ME = 'I answer in private, since others read along here. Add me as an app of yours first, then ask again.';

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 5 * 60_000;
/** With the pauses above: about a day and a half. */
const TRIES = 440;

/** Sends one message of the outbox and writes down what became of it. False when there was none. */
export async function sendNext(options: SenderOptions): Promise<boolean> {
  const { outbox, log } = options;
  const due = await outbox.take();
  if (due === undefined) return false;
  try {
    await outbox.sent(due.messageId, await deliver(options, due));
  } catch (err) {
    const afterMs = retryAfter(err, due.attempts);
    log.warn({ err, kind: due.kind, attempts: due.attempts, afterMs }, 'a message to Teams was not sent');
    await outbox.failed(due.messageId, reasonOf(err), afterMs);
  }
  return true;
}

function reasonOf(error: unknown): string {
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  return `${statusCode ?? 'error'}: ${message}`.slice(0, 300);
}

/** Pause before the next try; undefined where another would end the same way. */
function retryAfter(error: unknown, attempts: number): number | undefined {
  const { statusCode } = error as { statusCode?: number };
  const refused =
    statusCode !== undefined && statusCode >= 400 && statusCode < 500 && ![401, 408, 412, 429].includes(statusCode);
  if (refused || error instanceof z.ZodError || attempts >= TRIES) return undefined;
  return Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS);
}

/** Sends a message and returns its id, behind that of the conversation it went to. */
async function deliver(options: SenderOptions, due: OutgoingMessage): Promise<string | undefined> {
  const { transport } = options;
  const { privateTo, onlyTo, ...given } = payloadSchema.parse(due.payload);
  const message = given.message ?? { type: 'message', text: given.text ?? '' };
  const here = given.reference ?? (await options.referenceFor(due.tenant, due.destination));
  if (here === undefined) throw new z.ZodError([]);
  if (due.replaces !== undefined) {
    const { conversation, messageId } = placeOf(due.replaces);
    await transport.update({ ...here, conversation: { ...here.conversation, id: conversation } }, messageId, message);
    return due.replaces;
  }
  const person = privateTo ?? onlyTo;
  const target = person === undefined ? here : await personalChat(transport, here, person);
  const sent = target === undefined ? undefined : `${target.conversation.id} ${await transport.send(target, message)}`;
  if (privateTo !== undefined) await tellWhere(options.outbox, due, here, sent === undefined ? ADD_ME : ANSWERED_ALONE);
  return sent;
}

/** Neither of the two ids has a space. */
function placeOf(externalId: string): { conversation: string; messageId: string } {
  const [conversation = '', messageId = ''] = externalId.split(' ');
  return { conversation, messageId };
}

/** Undefined for those who have not added the app. */
async function personalChat(transport: Transport, here: Reference, userId: string): Promise<Reference | undefined> {
  try {
    return await transport.openPersonal(here, userId);
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode === 403 || statusCode === 404) return undefined;
    throw error;
  }
}

async function tellWhere(outbox: Outbox, due: OutgoingMessage, here: Reference, words: string): Promise<void> {
  await outbox.add({
    deduplicationKey: `teams:${here.conversation.id}:${here.activityId ?? due.messageId}:told`,
    tenant: due.tenant,
    destination: here.conversation.id,
    kind: 'reply',
    payload: { reference: here, message: { type: 'message', text: words } } satisfies Outgoing,
  });
}
