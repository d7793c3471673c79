import type { App, webApi } from '@slack/bolt';
import { PennyError } from '../../errors.ts';
import { decideFromSlack } from './decisions.ts';
import { homeOf } from './home.ts';
import type { SlackOptions } from './options.ts';
import { homeEvent, messageEvent, pressedButton, slashCommand, submittedReason } from './payloads.ts';
import { type Add, answerQuestion, isDirect, type Person, personOf } from './questions.ts';
import { REASON, rejectionModal } from './render-remediation.ts';
import { plainQuestion } from './text.ts';

type WebClient = InstanceType<typeof webApi.WebClient>;

const HELP = [
  'Ask what the cloud costs, why it changed, what is idle and what could be saved:',
  '• `/penny ask what did production cost last month?`',
  '• mention me in a channel, or write to me directly; a thread is a conversation',
  '• my Home tab has what waits for a decision',
].join('\n');

/** Lets the app listen. Each listener runs to its end: what throws is tried again by whoever took it from the inbox. */
export function listen(app: App, options: SlackOptions, add: Add): void {
  app.event('app_mention', ({ body, client, context }) => onMessage(options, add, body, client, context.botUserId));
  app.message(async ({ body, client, context, message }) => {
    // Edits, joins and what other apps write carry a subtype or a bot.
    if (message.subtype !== undefined || 'bot_id' in message || message.channel_type !== 'im') return;
    await onMessage(options, add, body, client, context.botUserId);
  });
  app.event('app_home_opened', ({ body, client }) => onHomeOpened(options, body, client));
  app.command('/penny', async ({ body, ack }) => {
    await ack();
    await onCommand(options, add, body);
  });
  app.action(/^ask:/, async ({ body, ack }) => {
    await ack();
    await onSuggestion(options, add, body);
  });
  app.action('approve', async ({ body, ack, client }) => {
    await ack();
    await onApprove(options, add, body, client);
  });
  app.action('reject', async ({ body, ack, client }) => {
    await ack();
    const { trigger_id, actions } = pressedButton.parse(body);
    await client.views.open({ trigger_id, view: rejectionModal(actions[0]?.value ?? '') });
  });
  app.view('reject', async ({ body, ack, client }) => {
    const refusal = await onReason(options, add, body, client);
    await (refusal === undefined ? ack() : ack({ response_action: 'errors', errors: { [REASON]: refusal } }));
  });
  app.action('rate', async ({ body, ack }) => {
    await ack();
    await onRating(options, add, body);
  });
}

async function onMessage(
  options: SlackOptions,
  add: Add,
  body: unknown,
  client: WebClient,
  botUserId: string | undefined,
): Promise<void> {
  const { team_id: workspace, event_id: eventId, event } = messageEvent.parse(body);
  const { channel, ts, thread_ts: thread = ts } = event;
  // In a channel that workspaces share, the id of somebody counts in their own.
  const person = { tenant: event.user_team ?? event.team ?? workspace, userId: event.user };
  await answerQuestion(options, addIn(add, workspace), {
    ...{ person, eventId, channel, threadTs: thread },
    text: plainQuestion(event.text, botUserId) || 'help',
    showStatus: (status) => client.assistant.threads.setStatus({ channel_id: channel, thread_ts: thread, status }),
  });
}

/** What is sent goes through the workspace that Penny is installed in, whoever it is for. */
const addIn =
  (add: Add, tenant: string): Add =>
  (message) =>
    add({ ...message, tenant });

async function onCommand(options: SlackOptions, add: Add, body: unknown): Promise<void> {
  const { team_id: tenant, user_id: userId, text, trigger_id: trigger, ...command } = slashCommand.parse(body);
  const question = text.trim().replace(/^ask\b\s*/i, '');
  const place = { channel: command.channel_id, threadTs: undefined, responseUrl: command.response_url };
  const eventId = `command:${trigger}`;
  if (question === '' || /^help$/i.test(question)) {
    const payload = { text: HELP, visibleTo: userId, responseUrl: command.response_url };
    const deduplicationKey = `slack:help:${tenant}:${eventId}`;
    await add({ tenant, destination: command.channel_id, kind: 'text', deduplicationKey, payload });
    return;
  }
  await answerQuestion(options, add, { person: { tenant, userId }, eventId, text: question, ...place });
}

/** A suggested question that was pressed is asked by whoever pressed it, in the same thread. */
async function onSuggestion(options: SlackOptions, add: Add, body: unknown): Promise<void> {
  const { team, user, trigger_id: trigger, container, actions, response_url } = pressedButton.parse(body);
  const channel = container?.channel_id ?? user.id;
  const isEphemeral = container?.is_ephemeral === true;
  await answerQuestion(options, addIn(add, team?.id ?? user.team_id), {
    person: { tenant: user.team_id, userId: user.id },
    eventId: `press:${trigger}`,
    text: actions[0]?.value ?? '',
    channel,
    threadTs: container?.thread_ts ?? (isEphemeral ? undefined : container?.message_ts),
    responseUrl: isEphemeral && container?.thread_ts === undefined ? response_url : undefined,
  });
}

async function onHomeOpened(options: SlackOptions, body: unknown, client: WebClient): Promise<void> {
  const { team_id: tenant, event } = homeEvent.parse(body);
  const person = { tenant, userId: event.user };
  if (event.tab === 'home') {
    await client.views.publish({ user_id: event.user, view: await homeOf(options, person) });
    return;
  }
  const principal = await personOf(options, person);
  if (principal === undefined || event.channel === undefined) return;
  const questions = (await options.assistant.suggestQuestions(principal)).slice(0, 4);
  const prompts = questions.map((question) => ({ title: question, message: question }));
  if (prompts.length > 0)
    await client.assistant.threads.setSuggestedPrompts({ channel_id: event.channel, prompts, title: 'You could ask' });
}

async function onApprove(options: SlackOptions, add: Add, body: unknown, client: WebClient): Promise<void> {
  const pressed = pressedButton.parse(body);
  const remediationId = pressed.actions[0]?.value ?? '';
  const person = { tenant: pressed.user.team_id, userId: pressed.user.id };
  const outcome = await privately(options, () =>
    decideFromSlack(options, add, person, { remediationId, decision: 'approve' }),
  );
  if ('refusal' in outcome) await tell(add, pressed, outcome.refusal);
  await renewHome(options, pressed.container?.type === 'view' ? person : undefined, client);
}

/** Why a rejection is refused, for the form; undefined when it was taken. */
async function onReason(
  options: SlackOptions,
  add: Add,
  body: unknown,
  client: WebClient,
): Promise<string | undefined> {
  const { user, view } = submittedReason.parse(body);
  const person = { tenant: user.team_id, userId: user.id };
  const outcome = await privately(options, () =>
    decideFromSlack(options, add, person, {
      remediationId: view.private_metadata,
      decision: 'reject',
      reason: view.state.values[REASON]?.[REASON]?.value ?? '',
    }),
  );
  if ('refusal' in outcome) return outcome.refusal;
  await renewHome(options, person, client);
  return undefined;
}

/** What a decision comes to; an outage too is said to the one who decided. */
async function privately<Result>(
  { log }: SlackOptions,
  work: () => Promise<Result>,
): Promise<Result | { refusal: string }> {
  try {
    return await work();
  } catch (error) {
    const shown = error instanceof PennyError ? error : new PennyError('internal', undefined, { cause: error });
    log.error({ err: shown, cause: shown.cause }, 'a decision from Slack could not be taken');
    return { refusal: `${shown.message} Nothing was decided; try again.` };
  }
}

async function onRating(options: SlackOptions, add: Add, body: unknown): Promise<void> {
  const pressed = pressedButton.parse(body);
  const [thumb, queryId = ''] = (pressed.actions[0]?.value ?? '').split(':');
  const principal = await personOf(options, { tenant: pressed.user.team_id, userId: pressed.user.id });
  try {
    if (principal === undefined) throw new PennyError('unauthorized', 'I do not know you yet, so this is not counted.');
    await options.assistant.giveFeedback(principal, queryId, { score: thumb === 'up' ? 1 : -1 });
    await tell(add, pressed, 'Thank you, noted.');
  } catch (error) {
    if (!(error instanceof PennyError)) throw error;
    await tell(add, pressed, error.message);
  }
}

/** Says something to whoever pressed a button, and to nobody else. */
async function tell(add: Add, pressed: ReturnType<typeof pressedButton.parse>, text: string): Promise<void> {
  const { team, user, trigger_id: trigger, container, response_url: responseUrl } = pressed;
  const channel = container?.channel_id;
  const isOpen = channel === undefined || isDirect(channel);
  await add({
    tenant: team?.id ?? user.team_id,
    destination: channel ?? user.id,
    kind: 'text',
    deduplicationKey: `slack:note:${user.team_id}:${trigger}`,
    payload: {
      text,
      ...(responseUrl === undefined ? (isOpen ? {} : { visibleTo: user.id }) : { visibleTo: user.id, responseUrl }),
    },
  });
}

async function renewHome(options: SlackOptions, person: Person | undefined, client: WebClient): Promise<void> {
  if (person === undefined) return;
  const view = await homeOf(options, person);
  await client.views.publish({ user_id: person.userId, view }).catch((err: unknown) => {
    options.log.warn({ err }, 'the Home tab in Slack could not be renewed');
  });
}
