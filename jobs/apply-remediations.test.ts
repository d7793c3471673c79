import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CloudAction, ObservedResource } from '../clouds/action.ts';
import { readConfig } from '../config.ts';
import { decideRemediation } from '../db/remediations/decide.ts';
import { requestUndo, stopRemediations } from '../db/remediations/life.ts';
import { proposeRemediation } from '../db/remediations/propose.ts';
import { NOW, openScene, type Scene } from '../db/remediations/remediation.fixture.ts';
import { findRemediation, type Remediation } from '../db/remediations/remediation.ts';
import { inTransaction } from '../db/transaction.ts';
import { PennyError } from '../errors.ts';
import { createLog } from '../log.ts';
import { applyApproved, isProtectedBy } from './apply-remediations.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
beforeEach(async () => {
  await scene.reset();
});
afterAll(() => scene.close());

const log = createLog({ write: () => {} });
const origin = { surface: 'web', now: NOW } as const;
const KNOWN = new Map([['stop-instance', { undo: 'Start it again.' }]]);

/** A machine in a cloud of the test's own: it stops when told, and counts what it was told. */
class Machine {
  state = 'running';
  instanceType = 'm5.large';
  tags: Record<string, string> = {};
  isGone = false;
  told: string[] = [];
  /** How often it was told to stop, whether it did so already or not. */
  asked = 0;
  /** What happens before a call of this name is answered, and after it was carried out. */
  before: (call: string) => void = () => {};
  after: (call: string) => void = () => {};
  /** How often it is looked at before a change shows. */
  slowness = 0;
  private wanted = 'running';
  private looks = 0;

  readonly action: CloudAction = {
    name: 'stop-instance',
    restsOn: ['state', 'configuration.instanceType'],
    operations: [],
    observe: async () => this.call('observe', () => this.seen()),
    rehearse: async () => this.call('rehearse', () => undefined),
    apply: async () => {
      this.asked++;
      this.call('stop', () => this.want('stopped'));
    },
    isDone: (observed) => observed?.state === 'stopped',
    undo: async () => this.call('start', () => this.want('running')),
    isUndone: (observed) => observed?.state === 'running',
  };

  private call<Result>(name: string, work: () => Result): Result {
    this.before(name);
    const result = work();
    this.after(name);
    return result;
  }

  private seen(): ObservedResource | undefined {
    if (this.isGone) return undefined;
    if (this.state !== this.wanted && this.looks++ >= this.slowness) this.state = this.wanted;
    return { state: this.state, configuration: { instanceType: this.instanceType }, tags: this.tags };
  }

  /** As if somebody else had changed it. */
  become(state: string): void {
    this.state = this.wanted = state;
  }

  private want(state: string): void {
    if (this.wanted === state) return;
    this.told.push(state);
    this.wanted = state;
    this.looks = 0;
  }
}

async function approved(resource = 'i-low'): Promise<string> {
  const { db } = scene.database;
  const id = scene.recommendations[resource] ?? 0;
  const { remediationId } = await proposeRemediation(db, await scene.person('eva'), id, origin, KNOWN);
  await decideRemediation(db, await scene.person('ada'), { remediationId, decision: 'approve' }, origin);
  return remediationId;
}

const now = (id: string) => findRemediation(scene.database.db.pool, id) as Promise<Remediation>;

/** One run of the job; `between` is called after each thing it wrote. */
async function run(machine: Machine | string, between: (wrote: string) => void = () => {}): Promise<void> {
  const { db } = scene.database;
  let writes = 0;
  await applyApproved(
    {
      ...{ db, log, now: NOW, signal: new AbortController().signal, config: readConfig({}), progress: () => {} },
      async transaction(work) {
        between(`before write ${writes}`);
        const result = await inTransaction(db, work);
        between(`after write ${writes++}`);
        return result;
      },
    },
    () => (typeof machine === 'string' ? machine : machine.action),
    { forMs: 200, everyMs: 1 },
  );
}

test('what was approved is applied, seen to be true, and can be undone', async () => {
  const machine = new Machine();
  machine.slowness = 3;
  const id = await approved();
  await run(machine);
  expect(await now(id)).toMatchObject({
    state: 'verified',
    outcome: { before: { state: 'running', 'configuration.instanceType': 'm5.large' } },
  });
  await requestUndo(scene.database.db, await scene.person('bob'), id, origin);
  await run(machine);
  expect([(await now(id)).state, machine.told]).toEqual(['undone', ['stopped', 'running']]);
});

test('what nobody has approved stays as it is, and expires', async () => {
  const machine = new Machine();
  const { db } = scene.database;
  const given = { ...origin, now: new Date('2026-11-20T09:00:00Z') };
  const proposal = await proposeRemediation(
    db,
    await scene.person('eva'),
    scene.recommendations['i-low'] ?? 0,
    given,
    KNOWN,
  );
  await run(machine);
  expect([(await now(proposal.remediationId)).state, machine.told]).toEqual(['expired', []]);
});

describe('it fails, changes nothing and says why, when', () => {
  const cases: [string, (machine: Machine) => unknown, string][] = [
    ['its state has changed', (m) => m.become('stopped'), 'state was running and is stopped'],
    ['its type has changed', (m) => (m.instanceType = 'm5.xlarge'), 'm5.large and is m5.xlarge'],
    ['it is gone', (m) => (m.isGone = true), 'not there any more'],
    ['a tag protects it by now', (m) => (m.tags = { 'Penny:Protected': '' }), 'tag protects'],
    [
      'the finding does not hold any more',
      () =>
        scene.database.db.pool.query(
          "UPDATE recommendations SET state = 'closed', closed_at = now(), closed_reason = 'in use'",
        ),
      'does not hold',
    ],
    [
      'AWS would not let Penny',
      (m) => {
        m.before = (call) => {
          if (call === 'rehearse') throw new PennyError('cloud_denied', 'AWS denied EC2.StopInstances.');
        };
      },
      'denied EC2.StopInstances',
    ],
  ];
  test.each(cases)('%s', async (_what, change, why) => {
    const machine = new Machine();
    const id = await approved();
    await change(machine);
    await run(machine);
    const after = await now(id);
    expect(after).toMatchObject({ state: 'failed', failure: expect.stringContaining(why) });
    expect(after.failure).toContain('Nothing was changed.');
    expect(machine.told).toEqual([]);
    await run(machine);
    expect(machine.told).toEqual([]);
  });

  test('there is no such action here', async () => {
    const id = await approved();
    await run('There is no action stop-instance.');
    expect(await now(id)).toMatchObject({
      state: 'failed',
      failure: 'There is no action stop-instance. Nothing was changed.',
    });
  });
});

test('a change that does not become true in time fails and says that it was asked for', async () => {
  const machine = new Machine();
  machine.slowness = 1e9;
  const id = await approved();
  await run(machine);
  expect(await now(id)).toMatchObject({ state: 'failed', failure: expect.stringContaining('asked for before') });
});

test('a cloud that does not answer is asked again by the next run, and the others do not wait for it', async () => {
  const [busy, idle] = [new Machine(), new Machine()];
  const ids = { busy: await approved('i-low'), idle: await approved('i-other') };
  busy.before = (call) => {
    if (call === 'stop') throw new PennyError('cloud_unavailable', 'throttled');
  };
  const { db } = scene.database;
  const context = {
    db,
    log,
    now: NOW,
    signal: new AbortController().signal,
    config: readConfig({}),
    progress: () => {},
  };
  const transaction = <Result>(work: Parameters<typeof inTransaction<Result>>[1]) => inTransaction(db, work);
  const both = () =>
    applyApproved({ ...context, transaction }, ({ resourceId }) => (resourceId === 'i-low' ? busy : idle).action, {
      forMs: 200,
      everyMs: 1,
    });
  await expect(both()).rejects.toMatchObject({ code: 'cloud_unavailable' });
  expect([(await now(ids.busy)).state, (await now(ids.idle)).state]).toEqual(['applying', 'verified']);
  busy.before = () => {};
  await both();
  expect([(await now(ids.busy)).state, busy.told, idle.told]).toEqual(['verified', ['stopped'], ['stopped']]);
});

test('a run that comes while another one still works leaves it what it is at', async () => {
  const machine = new Machine();
  const id = await approved();
  let second: Promise<void> | undefined;
  machine.before = (call) => {
    if (call === 'stop') second = run(machine);
  };
  const stop = machine.action.apply;
  machine.action.apply = async (given) => {
    await stop(given);
    await second;
  };
  await run(machine);
  expect([(await now(id)).state, machine.told]).toEqual(['verified', ['stopped']]);
  expect(machine.asked).toBe(1);
});

test('the stop switch holds back what was approved, also between the look and the change', async () => {
  const machine = new Machine();
  const id = await approved();
  const { db } = scene.database;
  await stopRemediations(db, await scene.person('ada'), 'Incident', origin);
  await run(machine);
  expect([(await now(id)).state, machine.told]).toEqual(['approved', []]);
  await db.pool.query('DELETE FROM stop_switches');
  await run(machine);
  expect((await now(id)).state).toBe('verified');
});

/** Ends the process at a point of the way: whatever was not written is lost, and the next worker begins from what was. */
class Death extends Error {}

describe('a worker that dies anywhere leaves it applied once or not at all', () => {
  const calls = ['observe', 'rehearse', 'stop'];
  const points = [
    ...calls.flatMap((call) => [0, 1, 2].flatMap((nth) => [`before ${call} ${nth}`, `after ${call} ${nth}`])),
    ...[0, 1, 2, 3, 4].flatMap((nth) => [`before write ${nth}`, `after write ${nth}`]),
  ];
  test.each(points)('%s', async (point) => {
    const machine = new Machine();
    machine.slowness = 1;
    const id = await approved();
    const counts = new Map<string, number>();
    let isDead = false;
    const dieAt = (here: string): void => {
      if (isDead || here !== point) return;
      isDead = true;
      throw new Death(here);
    };
    const count = (call: string, when: string): number => {
      const key = `${when} ${call}`;
      const seen = counts.get(key) ?? 0;
      counts.set(key, seen + 1);
      return seen;
    };
    machine.before = (call) => dieAt(`before ${call} ${count(call, 'before')}`);
    machine.after = (call) => dieAt(`after ${call} ${count(call, 'after')}`);
    await run(machine, dieAt).catch((error: unknown) => {
      if (!(error instanceof Death)) throw error;
    });
    await run(machine);
    expect([(await now(id)).state, machine.told]).toEqual(['verified', ['stopped']]);
  });
});

test.each([
  [['penny:protected'], { 'penny:protected': 'no' }, true],
  [['env=prod'], { ENV: 'Prod' }, true],
  [['env=prod'], { env: 'dev', prod: 'env' }, false],
  [[], { env: 'prod' }, false],
])('tags %j protect %j: %s', (protecting, tags, expected) => {
  expect(isProtectedBy(protecting, tags)).toBe(expected);
});
