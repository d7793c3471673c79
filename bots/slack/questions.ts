import { PennyError } from '../../errors.ts';
import type { ChatMessage } from '../mailbox.ts';
import type { Principal, SlackOptions } from './options.ts';
import { cardOf } from './render-remediation.ts';
import { threadIdOf } from './thread.ts';

/** Somebody of a workspace, by Slack's own word. */
export interface Person {
  tenant: string;
  userId: string;
}

/** A question from Slack, and where its answer goes. */
export interface Question {
  person: Person;
  /** Of the event it came by: its answer is written once. */
  eventId: string;
  text: string;
  channel: string;
  /** The message that the thread hangs on; undefined for a command. */
  threadTs: string | undefined;
  /** Where Slack takes the reply to a command. */
  responseUrl?: string | undefined;
  /** What Slack shows while it is worked on; failing at it is no harm. */
  showStatus?: (status: string) => Promise<unknown>;
}

export type Add = (message: Omit<ChatMessage, 'tenant'> & { tenant: string }) => Promise<unknown>;

/** Who asks, or a message to them how they get to be somebody here. */
export async function personOf(
  { identify }: Pick<SlackOptions, 'identify'>,
  { tenant, userId }: Person,
): Promise<Principal | undefined> {
  try {
    return await identify({ platform: 'slack', tenant, subject: userId });
  } catch (error) {
    if (error instanceof PennyError && error.code === 'unauthorized') return undefined;
    throw error;
  }
}

/** What somebody reads whom Penny does not know. */
export const howToBeLinked = ({ tenant, userId }: Person): string =>
  `I do not know you yet, so I cannot show you anything. Ask an administrator of Penny to run:\n\`penny user set YOUR-EMAIL --link slack ${tenant} ${userId}\``;

/**
 * Answers a question through the outbox. In a channel the answer is for the one who asks alone, unless the channel is an open one: others there
 * may see less. @throws what `ask` throws for outages, so that it is tried again
 */
export async function answerQuestion(options: SlackOptions, add: Add, question: Question): Promise<void> {
  const { person, channel, threadTs, responseUrl, eventId } = question;
  const shared = isShared(options, channel) && responseUrl === undefined;
  const place = {
    ...(threadTs === undefined ? {} : { threadTs }),
    ...(shared ? {} : { visibleTo: person.userId }),
    ...(responseUrl === undefined ? {} : { responseUrl }),
  };
  const message = { tenant: person.tenant, destination: channel, deduplicationKey: keyOf(person, eventId) };
  const tell = (text: string, where: object) =>
    add({ ...message, kind: 'text', payload: { ...place, ...where, text } });
  const alone = isDirect(channel) ? {} : { visibleTo: person.userId };
  const principal = await personOf(options, person);
  if (principal === undefined) return void (await tell(howToBeLinked(person), alone));
  await question.showStatus?.('is looking at the bill …').catch(() => {});
  try {
    const answer = await options.assistant.ask({
      question: question.text,
      threadId: threadIdOf(person.tenant, channel, threadTs ?? 'commands', principal.userId),
      principal,
      surface: 'slack',
    });
    await add({ ...message, kind: 'answer', payload: { ...place, answer } });
    for (const { remediationId } of answer.proposals)
      await showProposal(options, add, principal, question, remediationId);
  } catch (error) {
    if (!(error instanceof PennyError) || error.status >= 500) throw error;
    await tell(error.message, alone);
  }
}

const keyOf = ({ tenant }: Person, eventId: string) => `slack:answer:${tenant}:${eventId}`;

/** A conversation of a person with Penny alone. */
export const isDirect = (channel: string): boolean => channel.startsWith('D');

/** Whether everybody there may read what anybody there asks. */
function isShared({ config }: SlackOptions, channel: string): boolean {
  const open = (config.PENNY_SLACK_OPEN_CHANNELS ?? '').split(',').map((id) => id.trim());
  return isDirect(channel) || open.includes(channel);
}

/** A proposal goes to whoever asked for it, and to those of the workspace who may decide; once to each of them. */
async function showProposal(
  options: SlackOptions,
  add: Add,
  principal: Principal,
  { person, channel, threadTs, responseUrl }: Question,
  remediationId: string,
): Promise<void> {
  const { tenant } = person;
  const card = cardOf(await options.decisions.find(principal, remediationId), options.now());
  const shown = { tenant, kind: 'approval' };
  const approvers = (await options.approvers(tenant, remediationId)).filter((userId) => userId !== person.userId);
  const inThread = isShared(options, channel) && responseUrl === undefined;
  await add({
    ...shown,
    destination: inThread ? channel : person.userId,
    deduplicationKey: `slack:approval:${remediationId}:${tenant}:asked`,
    payload: { remediationId, card, canDecide: inThread && !isDirect(channel), ...(inThread ? { threadTs } : {}) },
  });
  for (const userId of approvers)
    await add({
      ...shown,
      destination: userId,
      deduplicationKey: `slack:approval:${remediationId}:${tenant}:${userId}`,
      payload: { remediationId, card, canDecide: true },
    });
}
