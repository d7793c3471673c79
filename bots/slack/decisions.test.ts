import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDecisions } from '../../agent/decide.ts';
import { openStage, SLACK_USERS, type Stage } from './stage.fixture.ts';
import { directMessage, homeOpened, press, reason } from './stand-in-payloads.ts';

const { eva, ada, bob, vic, cleo } = SLACK_USERS;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const cards = () => stage.slack.messages.filter(({ blocks }) => JSON.stringify(blocks).includes('Estimate'));
const cardOf = (user: string) =>
  JSON.stringify(cards().find(({ channel }) => channel === user || channel === `D${user}`));
const hasButtons = (user: string) => cardOf(user).includes('"approve"');
const notes = () => stage.slack.replies.map(({ text }) => String(text));

/** Eva asks for something to be stopped, and Penny proposes it. Returns the id of the remediation. */
async function propose(resource = 'i-low', by: 'eva' | 'ada' = 'eva'): Promise<string> {
  const decisions = createDecisions({ db: stage.scene.database.db, now: stage.now });
  const principal = await stage.scene.person(by);
  const recommendation = stage.scene.recommendations[resource] ?? 0;
  const { remediationId } = await decisions.propose({ principal, surface: 'slack' }, recommendation);
  stage.answers.push({ proposals: [{ remediationId, title: 'Stop it', estimatedMonthlySavings: '61.5' }] });
  const question = directMessage(SLACK_USERS[by], 'stop the first one', '1795500009.1');
  await stage.slack.event(question, { eventId: `Ev.${resource}` });
  await stage.bot.idle();
  return remediationId;
}

let presses = 0;
async function approve(user: string, remediationId: string, more: { team?: string; trigger?: string } = {}) {
  presses += 1;
  const trigger = more.trigger ?? `t${presses}`;
  const pressed = press({ user, action: 'approve', value: remediationId, url: stage.slack.url, ...more, trigger });
  const delivered = await stage.slack.interaction(pressed);
  await settled();
  return delivered;
}

/** A press is acknowledged before it is worked on. */
async function settled(): Promise<void> {
  await stage.bot.idle();
}

async function reject(user: string, remediationId: string, words: string) {
  const { body } = await stage.slack.interaction(reason(user, remediationId, words));
  await settled();
  return body === '' ? undefined : (JSON.parse(body) as { errors: { reason: string } }).errors.reason;
}

const stateOf = async (remediationId: string) =>
  (await stage.sql('SELECT state FROM remediations WHERE remediation_id = $1', [remediationId]))[0]?.state;
const approvals = async () => Number((await stage.sql('SELECT count(*) FROM approvals'))[0]?.count);

describe('a proposal', () => {
  test('is shown to whoever asked, and to those who may decide', async () => {
    await propose();
    expect(
      cards()
        .map(({ channel }) => channel)
        .sort(),
    ).toEqual([`D${eva}`, ada, bob].sort());
    expect([hasButtons(eva), hasButtons(ada), hasButtons(bob)]).toEqual([false, true, true]);
  });

  test('says what would be done, why, at which risk, how it is undone, who asked and until when', async () => {
    await propose();
    for (const words of [
      'Stop it',
      'i-low, 111111111111',
      '$61.50 a month',
      'charges of 30 days',
      'low',
      'Start it again',
      'eva@example.com',
      'Expires',
    ])
      expect(cardOf(ada)).toContain(words);
  });

  test('reaches nobody outside of whose scope the resource lies', async () => {
    await propose('i-other');
    expect(
      cards()
        .map(({ channel }) => channel)
        .sort(),
    ).toEqual([`D${eva}`, ada, bob, cleo].sort());
  });
});

describe('approving', () => {
  test('decides as the person who pressed, and every card shows it', async () => {
    const id = await propose();
    expect((await approve(ada, id)).status).toBe(200);
    expect(await stateOf(id)).toBe('approved');
    for (const user of [eva, ada, bob]) expect(cardOf(user)).toContain('Approved by ada@example.com');
    expect([hasButtons(ada), hasButtons(bob)]).toEqual([false, false]);
    expect(notes()).toEqual([]);
  });

  test('of a high risk takes two, and the card says how many are missing', async () => {
    const id = await propose('i-high');
    await approve(ada, id);
    expect([await stateOf(id), hasButtons(bob)]).toEqual(['pending', true]);
    expect(cardOf(bob)).toContain('waits for 1 more');
    await approve(ada, id);
    expect(notes()).toEqual([expect.stringContaining('somebody else')]);
    await approve(bob, id);
    expect(await stateOf(id)).toBe('approved');
  });

  test('pressed twice, and by two at the same instant, counts once', async () => {
    const id = await propose();
    await Promise.all([approve(ada, id), approve(ada, id), approve(bob, id)]);
    await stage.slack.until(() => notes().length === 2);
    expect([await stateOf(id), await approvals()]).toEqual(['approved', 1]);
    expect(notes().every((note) => note.includes('already'))).toBe(true);
  });

  test('replayed word for word changes nothing', async () => {
    const id = await propose();
    await approve(ada, id, { trigger: 'same' });
    await approve(ada, id, { trigger: 'same' });
    expect(await approvals()).toBe(1);
  });

  test.each([
    ['of one’s own proposal', 'ada', ada, 'You proposed it'],
    ['by a viewer', 'eva', vic, 'role approver'],
    ['by an engineer', 'ada', eva, 'role approver'],
    ['by somebody who does not see the resource', 'eva', cleo, 'no such remediation'],
    ['by somebody unknown', 'eva', 'U0STRANGER', 'do not know you'],
  ] as const)('%s is refused, privately', async (_who, by, user, words) => {
    const id = await propose('i-low', by);
    await approve(user, id);
    await stage.slack.until(() => notes().length === 1);
    expect(notes()).toEqual([expect.stringContaining(words)]);
    expect(stage.slack.replies[0]).toMatchObject({ response_type: 'ephemeral', replace_original: false });
    expect([await stateOf(id), await approvals()]).toEqual(['pending', 0]);
  });

  test('by the same user id of another workspace is refused', async () => {
    const id = await propose();
    await approve(ada, id, { team: 'T0ELSE' });
    await stage.slack.until(() => notes().length === 1);
    expect(notes()).toEqual([expect.stringContaining('do not know you')]);
    expect(await approvals()).toBe(0);
  });

  test('after its time is refused, and the card says so', async () => {
    const id = await propose();
    await stage.pass(73 * 3_600_000);
    await approve(ada, id);
    await stage.slack.until(() => cardOf(ada).includes('Expired'));
    expect([await approvals(), hasButtons(ada)]).toEqual([0, false]);
    expect(notes()).toEqual([expect.stringContaining('expired')]);
  });

  test('by somebody whose role was taken meanwhile is refused', async () => {
    const id = await propose();
    await stage.sql("UPDATE users SET role = 'viewer' WHERE email = 'ada@example.com'");
    await approve(ada, id);
    await stage.slack.until(() => notes().length === 1);
    expect(await approvals()).toBe(0);
  });

  test.each(['', 'not-an-id', '00000000-0000-4000-8000-000000000000'])(
    'of what is not there ("%s") is refused',
    async (id) => {
      await approve(ada, id);
      await stage.slack.until(() => notes().length === 1);
      expect(notes()).toEqual([expect.stringContaining('no such remediation')]);
    },
  );

  test('with a signature of somebody else is not even looked at', async () => {
    const id = await propose();
    const pressed = press({ user: ada, action: 'approve', value: id, url: stage.slack.url, trigger: 'forged' });
    expect((await stage.slack.interaction(pressed, { secret: 'not-the-secret' })).status).toBe(401);
    expect(await approvals()).toBe(0);
  });

  test('by the word "yes" in a thread decides nothing', async () => {
    const id = await propose();
    await stage.slack.event(directMessage(ada, `yes, approve ${id}`, '1795500010.1'), { eventId: 'EvYes' });
    await settled();
    expect([await stateOf(id), await approvals()]).toEqual(['pending', 0]);
  });

  test('while the database is away says so, and can be done later', async () => {
    const id = await propose();
    await stage.sql('ALTER TABLE approvals RENAME TO elsewhere');
    await approve(ada, id);
    await stage.slack.until(() => notes().length === 1);
    expect(notes()).toEqual([expect.stringContaining('Nothing was decided')]);
    await stage.sql('ALTER TABLE elsewhere RENAME TO approvals');
    await approve(ada, id);
    expect(await stateOf(id)).toBe('approved');
  });

  test('updates the cards once Slack is back', async () => {
    const id = await propose();
    stage.slack.faults.push(...Array.from({ length: 3 }, () => ({ method: 'chat.update', status: 503 })));
    await approve(ada, id);
    expect(cardOf(bob)).not.toContain('Approved by');
    await stage.pass(60_000);
    for (const user of [eva, ada, bob]) expect(cardOf(user)).toContain('Approved by ada@example.com');
  });
});

describe('rejecting', () => {
  test('asks why in a window that knows the remediation by its id alone', async () => {
    const id = await propose();
    await stage.slack.interaction(
      press({ user: ada, action: 'reject', value: id, url: stage.slack.url, trigger: 'w1' }),
    );
    await stage.slack.until(() => stage.slack.views.length === 1);
    expect(stage.slack.views).toMatchObject([
      { triggerId: 'w1', view: { callback_id: 'reject', private_metadata: id } },
    ]);
    expect(await approvals()).toBe(0);
  });

  test('ends it with its reason, which whoever asked reads', async () => {
    const id = await propose();
    expect(await reject(ada, id, 'Used at <month> end.')).toBeUndefined();
    expect(await stateOf(id)).toBe('rejected');
    expect(cardOf(eva)).toContain('Rejected by ada@example.com: Used at &lt;month&gt; end.');
  });

  test.each([
    ['without a reason', ada, '  ', 'Say why'],
    ['by a viewer', vic, 'no', 'role approver'],
    ['by somebody unknown', 'U0STRANGER', 'no', 'do not know you'],
  ])('%s is refused in the window', async (_who, user, words, refusal) => {
    const id = await propose();
    expect(await reject(user, id, words)).toContain(refusal);
    expect(await stateOf(id)).toBe('pending');
  });

  test('what is approved already is refused', async () => {
    const id = await propose();
    await approve(ada, id);
    expect(await reject(bob, id, 'no')).toContain('already');
    expect(await stateOf(id)).toBe('approved');
  });
});

describe('the Home tab', () => {
  const home = async (user: string) => {
    await stage.slack.event(homeOpened(user, 'home'), { eventId: `Ev.home.${user}.${stage.slack.views.length}` });
    await settled();
    return JSON.stringify(stage.slack.views.findLast(({ userId }) => userId === user)?.view);
  };

  test('has what waits, with buttons for those who may decide', async () => {
    const id = await propose();
    expect(await home(ada)).toContain(`"value":"${id}"`);
    expect(await home(eva)).toContain('Stop it');
    expect(await home(eva)).not.toContain('"approve"');
    expect(await home(cleo)).toContain('Nothing waits');
  });

  test('tells whom Penny does not know how to get linked', async () => {
    expect(await home('U0STRANGER')).toContain('--link slack T0PENNY U0STRANGER');
  });

  test('is renewed by a decision taken there, and a refusal comes as a message', async () => {
    const id = await propose();
    const onHome = (user: string, trigger: string) => {
      const {
        response_url: _,
        channel: __,
        ...pressed
      } = press({ user, action: 'approve', value: id, url: '', trigger });
      return stage.slack.interaction({ ...pressed, container: { type: 'view', view_id: 'V1' } });
    };
    await onHome(ada, 'h1');
    await stage.slack.until(() => stage.slack.views.some(({ userId }) => userId === ada));
    expect(await stateOf(id)).toBe('approved');
    await onHome(bob, 'h2');
    await stage.slack.until(() =>
      stage.slack.messages.some(({ channel, text }) => channel === bob && text.includes('already')),
    );
  });
});
