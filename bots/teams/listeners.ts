import { z } from 'zod';
import type { Assistant } from '../../agent/assistant.ts';
import type { Decisions, Remediation } from '../../agent/decide.ts';
import type { Identity } from '../../agent/identify.ts';
import { PennyError, toErrorBody } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Mailbox } from '../mailbox.ts';
import {
  type Activity,
  activitySchema,
  isPersonal,
  type Message,
  type Reference,
  referenceOf,
  tenantOf,
  textOf,
} from './activity.ts';
import { attached } from './card.ts';
import type { Outgoing } from './outgoing.ts';
import { renderAnswer } from './render-answer.ts';
import { remediationCard, renderRemediation, sentenceCard } from './render-remediation.ts';
import { threadIdOf } from './thread.ts';
import type { Transport } from './transport.ts';

type Principal = Parameters<Assistant['ask']>[0]['principal'];

/** What the bot works with; whoever starts it wires these. */
export interface TeamsOptions {
  tenantId: string;
  /** Ids of channels in which everybody may read what anybody asks. */
  openChannels: string[];
  transport: Transport;
  assistant: Pick<Assistant, 'model' | 'ask' | 'giveFeedback'>;
  decisions: Pick<Decisions, 'find' | 'decide'>;
  identify(identity: Identity): Promise<Principal>;
  /** Ids in the directory of those who may decide on a remediation: by their role, their scope, and not having asked for it. */
  approvers(tenant: string, remediationId: string): Promise<string[]>;
  /** Messages that show a proposal as it no longer stands. */
  staleCards(): Promise<StaleCard[]>;
  mailbox: Mailbox;
  /** Where Penny can write by itself. */
  conversations: Conversations;
  log: Log;
  now: () => Date;
}

export interface StaleCard {
  deduplicationKey: string;
  messageId: number;
  tenant: string;
  destination: string;
  remediation: Remediation;
}

export interface Conversations {
  remember(tenant: string, conversationId: string, reference: Reference): Promise<void>;
  forget(tenant: string, conversationId: string): Promise<void>;
  find(tenant: string, conversationId: string): Promise<Reference | undefined>;
}

/** What a request of Teams is answered with; messages get an empty 200. */
export interface Reply {
  status: number;
  body?: unknown;
}

const TYPING_EVERY_MS = 4_000;
const TRIES = 5;

const OTHER_TENANT = 'This Penny works for another organisation, and can tell you nothing here.';
const WELCOME =
  'I am Penny. Ask me what your cloud costs, why it changed and what could be saved, here or by mentioning me in a channel.';

const pressedSchema = z.object({
  verb: z.enum(['approve', 'reject', 'refresh', 'rate', 'ask']),
  remediationId: z.string().optional(),
  parametersHash: z.string().optional(),
  reason: z.string().max(2_000).optional(),
  queryId: z.string().optional(),
  score: z.union([z.literal(1), z.literal(-1)]).optional(),
  question: z.string().optional(),
});
type Pressed = z.infer<typeof pressedSchema>;

const executedSchema = z.object({ action: z.object({ verb: z.string(), data: z.looseObject({}).optional() }) });

/**
 * Takes an activity whose token was proven and returns what Teams is answered: at once for a button; a message is written down, and answered
 * when the inbox is worked off.
 */
export async function receive(options: TeamsOptions, activity: Activity): Promise<Reply> {
  if (activity.type === 'invoke') return invoked(options, activity);
  const tenant = tenantOf(activity);
  if (tenant !== options.tenantId) {
    options.log.warn({ tenant }, 'an activity of another tenant was left alone');
    if (activity.type === 'message') await say(options, activity, OTHER_TENANT);
    return { status: 200 };
  }
  if (activity.id !== undefined && HEARD.includes(activity.type))
    await options.mailbox.inbox.keep({ tenant, eventId: activity.id, body: activity });
  return { status: 200 };
}

const HEARD = ['message', 'installationUpdate'];

/** Works on one event of the inbox: answers a question, or greets who has added Penny. False when there was none. */
export async function answerNext(options: TeamsOptions): Promise<boolean> {
  const { mailbox, log } = options;
  const event = await mailbox.inbox.take();
  if (event === undefined) return false;
  const activity = activitySchema.parse(event.body);
  try {
    await hear(options, activity);
    await mailbox.inbox.handled(event);
  } catch (err) {
    const giveUp = event.attempts >= TRIES;
    const { message } = toErrorBody(err).error;
    log[giveUp ? 'error' : 'warn'](
      { err, attempts: event.attempts, giveUp },
      'an activity of Teams was not worked through',
    );
    if (giveUp) await replyPrivately(options, activity, 'failure', { type: 'message', text: message });
    await mailbox.inbox.failed(event, message, giveUp);
  }
  return true;
}

async function hear(options: TeamsOptions, activity: Activity): Promise<void> {
  const { conversations, tenantId } = options;
  const { id } = activity.conversation;
  if (activity.type === 'installationUpdate' && activity.action?.startsWith('remove'))
    return conversations.forget(tenantId, id);
  // What is written there later answers no message.
  await conversations.remember(tenantId, id, { ...referenceOf(activity), activityId: undefined });
  if (activity.type === 'installationUpdate')
    return activity.action === 'add' ? say(options, activity, WELCOME) : undefined;
  const pressed = pressedSchema.safeParse(activity.value);
  if (pressed.success && pressed.data.verb !== 'ask') {
    const card = await press(options, activity, pressed.data);
    return replyPrivately(options, activity, 'card', { type: 'message', attachments: [attached(card)] });
  }
  const question = (pressed.success && pressed.data.question) || textOf(activity);
  return question === '' ? say(options, activity, WELCOME) : answer(options, activity, question);
}

async function answer(options: TeamsOptions, activity: Activity, question: string): Promise<void> {
  const { assistant, tenantId } = options;
  const stopTyping = type(options, activity);
  try {
    const principal = await whoIs(options, activity);
    const threadId = threadIdOf(tenantId, activity.conversation.id, principal.userId);
    const found = await assistant.ask({ question, principal, threadId, surface: 'teams' });
    if (isShared(options, activity)) await postHere(options, activity, 'answer', renderAnswer(found));
    else await replyPrivately(options, activity, 'answer', renderAnswer(found));
    for (const { remediationId } of found.proposals) await showProposal(options, activity, principal, remediationId);
  } catch (error) {
    // What may pass is tried again.
    if (!(error instanceof PennyError) || error.status >= 500) throw error;
    await replyPrivately(options, activity, 'refusal', { type: 'message', text: wordsFor(error, activity) });
  } finally {
    stopTyping();
  }
}

/** Shows a proposal to who asked for it, and to each who may decide on it in a chat of their own. */
async function showProposal(options: TeamsOptions, activity: Activity, principal: Principal, remediationId: string) {
  const { decisions, approvers, tenantId, now } = options;
  const proposal = await decisions.find(principal, remediationId);
  const about = { kind: 'approval', remediationId };
  const own = renderRemediation(proposal, { reader: { userId: principal.userId, mayDecide: false }, now: now() });
  await replyPrivately(options, activity, `approval:${remediationId}`, own, about);
  for (const userId of await approvers(tenantId, remediationId)) {
    const message = renderRemediation(proposal, { now: now() });
    const reference = referenceOf(activity);
    await post(
      options,
      activity,
      `approval:${remediationId}:${userId}`,
      { reference, onlyTo: userId, message, remediationId },
      'approval',
    );
  }
}

/** Shows that Penny works on it, until the returned function is called. */
function type({ transport }: TeamsOptions, activity: Activity): () => void {
  const here = referenceOf(activity);
  const show = () => void transport.send(here, { type: 'typing' }).catch(() => {});
  show();
  const timer = setInterval(show, TYPING_EVERY_MS);
  return () => clearInterval(timer);
}

/** Whom the tenant's directory says it is; what else the activity says of them counts for nothing. */
async function whoIs({ identify, tenantId }: TeamsOptions, { from }: Activity): Promise<Principal> {
  if (from.aadObjectId === undefined)
    throw new PennyError('forbidden', 'Teams does not say who you are. Guests of other directories cannot ask.');
  return identify({ platform: 'teams', tenant: tenantId, subject: from.aadObjectId });
}

function wordsFor(error: unknown, { from, conversation }: Activity): string {
  if (!(error instanceof PennyError) || error.code !== 'unauthorized') return toErrorBody(error).error.message;
  return `Hello! I do not know you yet, so I can show you no costs. Ask an administrator of Penny to link your account: penny user set you@example.com --link teams ${conversation.tenantId} ${from.aadObjectId}`;
}

/** Whether everybody there may read what anybody there asks. */
function isShared({ openChannels }: TeamsOptions, activity: Activity): boolean {
  return isPersonal(activity) || openChannels.includes(activity.conversation.id.split(';')[0] ?? '');
}

/** Writes down what to say where the activity came from. The text may be read by everybody there. */
const say = (options: TeamsOptions, activity: Activity, text: string) =>
  postHere(options, activity, 'word', { type: 'message', text });

const postHere = (options: TeamsOptions, activity: Activity, name: string, message: Message) =>
  post(options, activity, name, { reference: referenceOf(activity), message });

/**
 * Writes down an answer, to be sent where nobody else reads along: what one person may see of the cost may be more than the others of a
 * channel may.
 */
async function replyPrivately(
  options: TeamsOptions,
  activity: Activity,
  name: string,
  message: Message,
  about: { kind?: string; remediationId?: string } = {},
): Promise<void> {
  const { kind, ...more } = about;
  const privateTo = isPersonal(activity) ? {} : { privateTo: activity.from.id };
  await post(options, activity, name, { reference: referenceOf(activity), ...privateTo, message, ...more }, kind);
}

/** An activity that is worked on again says nothing twice. */
async function post(
  { mailbox, tenantId }: TeamsOptions,
  { conversation, id }: Activity,
  name: string,
  payload: Outgoing,
  kind = 'reply',
): Promise<void> {
  const deduplicationKey = `teams:${conversation.id}:${id}:${name}`;
  await mailbox.outbox.add({ deduplicationKey, tenant: tenantId, destination: conversation.id, kind, payload });
}

const CARD = 'application/vnd.microsoft.card.adaptive';
const SENTENCE = 'application/vnd.microsoft.activity.message';
const reply = (type: string, value: unknown): Reply => ({ status: 200, body: { statusCode: 200, type, value } });

/** Answers an invoke, always with something Teams takes for an answer: it sends again what it cannot read. */
async function invoked(options: TeamsOptions, activity: Activity): Promise<Reply> {
  if (activity.name !== 'adaptiveCard/action') return { status: 200, body: {} };
  const { data } = executedSchema.safeParse(activity.value);
  const pressed = pressedSchema.safeParse({ ...data?.action.data, verb: data?.action.verb });
  if (!pressed.success) return reply(SENTENCE, 'This button is none of mine any more.');
  if (pressed.data.verb === 'rate') return reply(SENTENCE, await rate(options, activity, pressed.data));
  return reply(CARD, await press(options, activity, pressed.data));
}

/** Does what a button asks for and returns the card that the person sees in its place: what became of it, or why not. */
async function press(options: TeamsOptions, activity: Activity, pressed: Pressed) {
  if (tenantOf(activity) !== options.tenantId) return sentenceCard(OTHER_TENANT);
  if (pressed.verb === 'rate') return sentenceCard(await rate(options, activity, pressed));
  try {
    const principal = await whoIs(options, activity);
    const refusal = await decide(options, principal, pressed);
    return await cardFor(options, principal, pressed, activity, refusal);
  } catch (error) {
    if (!(error instanceof PennyError)) options.log.error({ err: error }, 'a button in Teams could not be answered');
    return sentenceCard(wordsFor(error, activity));
  }
}

/** Decides where the button says so; returns why not, when it was refused. */
async function decide(options: TeamsOptions, principal: Principal, pressed: Pressed): Promise<string | undefined> {
  const { verb, remediationId = '', parametersHash, reason } = pressed;
  if (verb !== 'approve' && verb !== 'reject') return undefined;
  try {
    const person = { principal, surface: 'teams' as const };
    const decision = { remediationId, parametersHash, decision: verb, reason };
    await options.decisions.decide(person, decision);
    return undefined;
  } catch (error) {
    if (error instanceof PennyError) return error.message;
    throw error;
  }
}

/** Has the cards of everybody show what became of a proposal, wherever that was decided or done. */
export async function replaceCards({ mailbox, staleCards, now }: TeamsOptions): Promise<void> {
  for (const { remediation, deduplicationKey, messageId, tenant, destination } of await staleCards()) {
    const { remediationId } = remediation;
    const message = renderRemediation(remediation, { now: now() });
    await mailbox.outbox.add({
      ...{ deduplicationKey, tenant, destination, kind: 'approval', updates: messageId },
      payload: { remediationId, message },
    });
  }
}

async function cardFor(
  { decisions, now }: TeamsOptions,
  principal: Principal,
  { remediationId = '' }: Pressed,
  { from }: Activity,
  note: string | undefined,
) {
  const found = await decisions.find(principal, remediationId).catch((error: unknown) => {
    if (note === undefined || !(error instanceof PennyError)) throw error;
    return undefined;
  });
  if (found === undefined) return sentenceCard(note ?? '');
  const mayDecide = principal.role === 'approver' || principal.role === 'admin';
  const reader = { userId: principal.userId, mayDecide };
  return remediationCard(found, { reader, note, now: now(), refreshFor: [from.id] });
}

async function rate(options: TeamsOptions, activity: Activity, pressed: Pressed): Promise<string> {
  const { queryId = '', score = 1, reason } = pressed;
  if (tenantOf(activity) !== options.tenantId) return OTHER_TENANT;
  try {
    const principal = await whoIs(options, activity);
    await options.assistant.giveFeedback(principal, queryId, { score, ...(reason ? { reason } : {}) });
    return 'Thank you; it is noted.';
  } catch (error) {
    return wordsFor(error, activity);
  }
}
