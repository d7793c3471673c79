import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PennyError } from '../../errors.ts';
import { openStage, SLACK_USERS, type Stage } from './stage.fixture.ts';
import { BOT_USER } from './stand-in.ts';
import { command, directMessage, homeOpened, mention, press } from './stand-in-payloads.ts';

const { eva, ada, vic } = SLACK_USERS;
const CHANNEL = 'C0FINOPS';
const QUESTION = `<@${BOT_USER}> what did production cost &amp; why?`;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ PENNY_SLACK_OPEN_CHANNELS: 'C0OPEN, C0OTHER' });
});
afterEach(() => stage.close());

const shown = () => stage.slack.messages;
const blocksOf = (type: string) => shown().flatMap(({ blocks }) => blocks.filter((block) => block.type === type));

async function ask(eventId = 'Ev1', channel = CHANNEL, user: string = eva, retry?: number) {
  const delivered = await stage.slack.event(
    mention(user, QUESTION, channel, '1795500000.000100'),
    { eventId },
    retry === undefined ? {} : { retry },
  );
  await stage.bot.idle();
  return delivered;
}

describe('a mention', () => {
  test('in a channel is answered in its thread, to the one who asked alone', async () => {
    expect(await ask()).toEqual({ status: 200, body: '' });
    expect(stage.asked).toMatchObject([
      { question: 'what did production cost & why?', surface: 'slack', principal: { email: 'eva@example.com' } },
    ]);
    expect(shown()).toMatchObject([{ channel: CHANNEL, threadTs: '1795500000.000100', user: eva }]);
    expect(JSON.stringify(blocksOf('context'))).toContain('Only you see this');
  });

  test('in an open channel is answered for everybody there', async () => {
    await ask('Ev1', 'C0OPEN');
    expect(shown()).toMatchObject([{ channel: 'C0OPEN', threadTs: '1795500000.000100' }]);
    expect(shown()[0]?.user).toBeUndefined();
  });

  test('shows what it does meanwhile, then words, table, sources, questions and thumbs', async () => {
    await ask();
    const status = stage.slack.calls.find(({ method }) => method === 'assistant.threads.setStatus');
    expect(status?.args).toMatchObject({ channel_id: CHANNEL, thread_ts: '1795500000.000100' });
    expect(shown()[0]?.text).toBe('Production cost $1,234.50 in October 2026.');
    expect(blocksOf('data_table')).toMatchObject([
      {
        caption: 'Cost by service',
        rows: [
          [{ text: 'service name' }, { text: 'effective cost' }],
          [{ type: 'raw_text' }, { type: 'raw_number', value: 1000.25, text: '$1,000.25' }],
          [{ type: 'raw_text', text: 'Amazon <S3>' }, {}],
        ],
      },
    ]);
    expect(JSON.stringify(blocksOf('context'))).toContain('2026-10-01 to 2026-11-01');
    expect(blocksOf('actions')).toMatchObject([{ elements: [{ action_id: 'ask:0', value: 'And in September?' }] }]);
    expect(blocksOf('context_actions')).toHaveLength(1);
  });

  test('goes to the person directly where the channel takes nothing from Penny', async () => {
    stage.slack.closed.add(CHANNEL);
    await ask();
    expect(shown()).toMatchObject([{ channel: eva }]);
  });

  test('has a conversation of its own for each person of a thread, and goes on in it', async () => {
    await ask('Ev1');
    await ask('Ev2', CHANNEL, ada);
    await ask('Ev3');
    const [first, other, again] = stage.asked.map(({ threadId }) => threadId);
    expect(first).toBe(again);
    expect(first).not.toBe(other);
  });
});

describe('a direct message', () => {
  test('is answered in its thread', async () => {
    await stage.slack.event(directMessage(eva, 'what is idle?', '1795500009.1'), { eventId: 'Ev1' });
    await stage.bot.idle();
    expect(shown()).toMatchObject([{ channel: `D${eva}`, threadTs: '1795500009.1' }]);
    expect(shown()[0]?.user).toBeUndefined();
  });

  test.each([
    ['that was edited', { subtype: 'message_changed' }],
    ['of another app', { bot_id: 'B0OTHER' }],
    ['of Penny itself', { user: BOT_USER }],
    ['in a channel without a mention', { channel_type: 'channel', channel: CHANNEL }],
  ])('%s is left alone', async (_which, more) => {
    await stage.slack.event(directMessage(eva, 'what is idle?', '1795500009.1', more), { eventId: 'Ev1' });
    await stage.bot.idle();
    expect([stage.asked, shown()]).toEqual([[], []]);
  });
});

describe('whoever Penny does not know', () => {
  test('reads how to get linked, and nothing else', async () => {
    await ask('Ev1', CHANNEL, 'U0STRANGER');
    expect(stage.asked).toEqual([]);
    expect(shown()).toMatchObject([
      { user: 'U0STRANGER', text: expect.stringContaining('--link slack T0PENNY U0STRANGER') },
    ]);
  });

  test('is nobody by the name, address or workspace that the message claims', async () => {
    const claims = { user_profile: { display_name: 'Eva', email: 'eva@example.com' }, username: 'eva@example.com' };
    await stage.slack.event({ ...mention('U0STRANGER', QUESTION, CHANNEL, '1.1'), ...claims }, { eventId: 'Ev1' });
    await stage.bot.idle();
    await stage.slack.event({ ...mention(eva, QUESTION, CHANNEL, '1.2'), user_team: 'T0ELSE' }, { eventId: 'Ev2' });
    await stage.bot.idle();
    expect(stage.asked).toEqual([]);
    expect(shown().map(({ text }) => text)).toEqual([
      expect.stringContaining('slack T0PENNY U0STRANGER'),
      expect.stringContaining(`slack T0ELSE ${eva}`),
    ]);
  });

  test('is nobody any more once they are disabled', async () => {
    await stage.sql("UPDATE users SET disabled_at = now() WHERE email = 'eva@example.com'");
    await ask();
    expect(stage.asked).toEqual([]);
  });
});

describe('a delivery', () => {
  test('that Slack repeats is handled once', async () => {
    const sent = await Promise.all([ask(), ask('Ev1', CHANNEL, eva, 1), ask('Ev1', CHANNEL, eva, 2)]);
    await ask('Ev1', CHANNEL, eva, 3);
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect([stage.asked.length, shown().length]).toEqual([1, 1]);
  });

  test('that comes only as a repeat is handled all the same', async () => {
    await ask('Ev7', CHANNEL, eva, 3);
    expect(shown()).toHaveLength(1);
  });

  test('that could not be handled is tried again, and answered once', async () => {
    stage.answers.push(new PennyError('database_unavailable'));
    await ask();
    expect(shown()).toEqual([]);
    await stage.pass(1_000);
    expect(shown()).toEqual([]);
    await stage.pass(1_500);
    expect([stage.asked.length, shown().length]).toEqual([2, 1]);
  });

  test('that a process took which is no more is handled by another', async () => {
    await stage.sql(
      `INSERT INTO chat_events (surface, tenant, event_id, body, attempts, received_at, not_before)
       VALUES ('slack', 'T0PENNY', 'Ev9', $1, 1, $2::timestamptz, $2::timestamptz + interval '5 minutes')`,
      [
        { type: 'event_callback', team_id: 'T0PENNY', event_id: 'Ev9', event: mention(eva, QUESTION, CHANNEL, '1.1') },
        stage.now(),
      ],
    );
    await stage.pass(299_000);
    expect(shown()).toEqual([]);
    await stage.pass(1_000);
    expect(shown()).toHaveLength(1);
  });

  test('is forgotten but for its id once it is handled', async () => {
    await ask();
    expect(await stage.sql('SELECT body, handled_at IS NOT NULL AS handled FROM chat_events')).toEqual([
      { body: null, handled: true },
    ]);
  });

  test('is not acknowledged while it cannot be written down', async () => {
    await stage.sql('ALTER TABLE chat_events RENAME TO elsewhere');
    expect((await ask()).status).toBe(500);
    await stage.sql('ALTER TABLE elsewhere RENAME TO chat_events');
    expect((await ask('Ev1', CHANNEL, eva, 1)).status).toBe(200);
    expect(shown()).toHaveLength(1);
  });

  test.each([
    ['with another signature', { secret: 'not-the-secret' }],
    ['signed six minutes ago', { timestamp: Math.floor(Date.now() / 1_000) - 360 }],
    ['signed in the future', { timestamp: Math.floor(Date.now() / 1_000) + 3_600 }],
  ])('%s is refused', async (_which, delivery) => {
    const event = mention(eva, QUESTION, CHANNEL, '1.1');
    expect((await stage.slack.event(event, { eventId: 'Ev1' }, delivery)).status).toBe(401);
    expect(await stage.sql('SELECT FROM chat_events')).toEqual([]);
  });

  test('has no way in without a signing secret', async () => {
    const closed = await openStage({ SLACK_SIGNING_SECRET: '' });
    const { status } = await closed.slack.event(mention(eva, QUESTION, CHANNEL, '1.1'), { eventId: 'Ev1' });
    await closed.close();
    expect(status).toBe(404);
  });

  test('of another workspace is left alone', async () => {
    await stage.slack.event(mention(eva, QUESTION, CHANNEL, '1.1'), { eventId: 'Ev1', team: 'T0ELSE' });
    await stage.bot.idle();
    expect([stage.asked, shown()]).toEqual([[], []]);
    expect(await stage.sql('SELECT last_error FROM chat_events WHERE abandoned_at IS NOT NULL')).toHaveLength(1);
  });

  test('that asks whether Penny is there is answered', async () => {
    const body = JSON.stringify({ type: 'url_verification', token: 'legacy', challenge: 'c1' });
    expect(await stage.slack.post(body, 'application/json', {})).toEqual({ status: 200, body: '{"challenge":"c1"}' });
  });
});

describe('an answer', () => {
  test.each([
    ['is down', { status: 500 }],
    ['says later', { status: 429, retryAfterSeconds: 30 }],
  ])('arrives once when Slack %s for a while', async (_how, fault) => {
    stage.slack.faults.push({ method: 'chat.postEphemeral', ...fault }, { method: 'chat.postEphemeral', ...fault });
    await ask();
    expect(shown()).toEqual([]);
    await stage.pass(60_000);
    await stage.pass(60_000);
    await stage.pass(60_000);
    expect([stage.asked.length, shown().length]).toEqual([1, 1]);
  });

  test('whose arrival Slack could not tell is not sent twice', async () => {
    stage.slack.faults.push({ method: 'chat.postMessage', status: 500, taken: true });
    await ask('Ev1', 'C0OPEN');
    await stage.pass(60_000);
    expect(shown()).toHaveLength(1);
    expect(await stage.sql('SELECT attempts, sent_at IS NOT NULL AS sent FROM outbox')).toEqual([
      { attempts: 2, sent: true },
    ]);
  });

  test('has its tables as text where Slack takes none', async () => {
    stage.slack.faults.push({ method: 'chat.postEphemeral', error: 'invalid_blocks' });
    await ask();
    expect(blocksOf('data_table')).toEqual([]);
    expect(JSON.stringify(blocksOf('section'))).toMatch(/Amazon &lt;S3&gt; +\$234\.25/);
  });

  test('keeps the limits of Slack, however long it is', async () => {
    const [columns, wide] = [[{ name: 'text', kind: 'text', unit: null }], 'x'.repeat(90)];
    const rows = Array.from({ length: 500 }, (_, index) => [`${index} ${wide}`]);
    const table = { title: 'Long', columns, rows };
    stage.answers.push({ text: 'Long & <words>. '.repeat(2_000), tables: [table, table, table] });
    await ask();
    expect(shown()).toHaveLength(1);
    expect(JSON.stringify(blocksOf('context'))).toContain('more rows of');
  });

  test('cannot mention anybody or link anywhere', async () => {
    stage.answers.push({ text: 'Bucket <!channel> and <https://evil.example|click>' });
    await ask();
    expect(JSON.stringify(shown())).not.toMatch(/<!channel>|<https/);
  });

  test('that is refused says why, to the one who asked', async () => {
    stage.answers.push(new PennyError('rate_limited', 'That was many questions in a minute; ask again in 9 s.'));
    await ask('Ev1', 'C0OPEN');
    expect(shown()).toMatchObject([{ user: eva, text: 'That was many questions in a minute; ask again in 9 s.' }]);
  });
});

describe('beside questions', () => {
  test('the command answers who wrote it, and says how it is used', async () => {
    await stage.slack.form(command(eva, 'ask what is idle?', stage.slack.url, 't1'));
    await stage.slack.form(command(eva, 'help', stage.slack.url, 't2'));
    await stage.bot.idle();
    expect(stage.asked).toMatchObject([{ question: 'what is idle?' }]);
    const replies = [...stage.slack.replies].sort((one, other) => String(one.url).localeCompare(String(other.url)));
    expect(replies).toMatchObject([
      { url: '/response/t1', response_type: 'ephemeral', text: expect.stringContaining('$1,234.50') },
      { url: '/response/t2', text: expect.stringContaining('/penny ask') },
    ]);
  });

  test('a suggested question that is pressed is asked by whoever pressed it, once', async () => {
    const url = stage.slack.url;
    const pressed = press({
      user: vic,
      action: 'ask:0',
      value: 'And in September?',
      url,
      trigger: 't1',
      channel: 'C0OPEN',
    });
    await stage.slack.interaction(pressed);
    await stage.slack.interaction(pressed);
    await stage.bot.idle();
    expect(stage.asked).toMatchObject([{ question: 'And in September?', principal: { email: 'vic@example.com' } }]);
    expect(shown()).toMatchObject([{ channel: 'C0OPEN', threadTs: '1.2' }]);
  });

  test('a thumb counts for the answer it stands under', async () => {
    await stage.slack.interaction(
      press({ user: eva, action: 'rate', value: 'down:q1', url: stage.slack.url, trigger: 't1' }),
    );
    await stage.bot.idle();
    await stage.slack.until(() => stage.slack.replies.length === 1);
    expect(stage.rated).toEqual([{ queryId: 'q1', score: -1 }]);
  });

  test('opening the conversation suggests questions', async () => {
    await stage.slack.event(homeOpened(eva, 'messages'), { eventId: 'Ev1' });
    await stage.bot.idle();
    const prompts = stage.slack.calls.find(({ method }) => method === 'assistant.threads.setSuggestedPrompts');
    expect(JSON.stringify(prompts?.args)).toContain('What did we spend last month?');
  });
});
