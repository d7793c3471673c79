import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Principal } from '../db/principal.ts';
import { takeStep } from '../db/remediations/life.ts';
import { type KnownActions, proposeRemediation } from '../db/remediations/propose.ts';
import { NOW, openScene, type Scene } from '../db/remediations/remediation.fixture.ts';
import { inTransaction } from '../db/transaction.ts';
import { createDecisions, type Decision, type Decisions, type Remediation } from './decide.ts';

let scene: Scene;
let clock: Date;
let decisions: Decisions;
beforeAll(async () => {
  scene = await openScene();
});
beforeEach(async () => {
  await scene.reset();
  clock = NOW;
  decisions = createDecisions({ db: scene.database.db, now: () => clock });
});
afterAll(() => scene.close());

const KNOWN: KnownActions = new Map([['stop-instance', { undo: 'Start it again.' }]]);
const surface = 'web';

async function propose(resource: string, by = 'eva'): Promise<Remediation> {
  const principal = await scene.person(by);
  const id = scene.recommendations[resource] ?? 0;
  return proposeRemediation(scene.database.db, principal, id, { surface, now: clock }, KNOWN);
}

async function decide(by: string | Principal, given: Omit<Decision, 'decision'> & Partial<Decision>) {
  const principal = typeof by === 'string' ? await scene.person(by) : by;
  return decisions.decide({ principal, surface }, { decision: 'approve', ...given });
}

const sql = (text: string, values: unknown[] = []) => scene.database.db.pool.query(text, values);
const stateOf = async (id: string) =>
  (await sql('SELECT state FROM remediations WHERE remediation_id = $1', [id])).rows[0]?.state;
const approvalsOf = async (id: string) =>
  Number((await sql('SELECT count(*) FROM approvals WHERE remediation_id = $1', [id])).rows[0]?.count);

const refused = (code: string, message = '') => ({ code, message: expect.stringContaining(message) });

describe('a proposal', () => {
  test('is bound to its exact action, its requester and its time', async () => {
    const proposed = await propose('i-low');
    expect(proposed).toMatchObject({
      action: 'stop-instance',
      parameters: { instanceId: 'i-low' },
      observedState: { state: 'running', configuration: { instanceType: 'm5.large' } },
      estimatedMonthlySavings: '61.5',
      undoPlan: 'Start it again.',
      requiredApprovals: 1,
      requestedBy: 'eva@example.com',
      state: 'pending',
      expiresAt: new Date('2026-11-27T09:00:00Z'),
    });
    expect(proposed.parametersHash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is made once, however often it is asked for', async () => {
    const several = await Promise.all([propose('i-low'), propose('i-low'), propose('i-low', 'ada')]);
    expect(new Set(several.map(({ remediationId }) => remediationId)).size).toBe(1);
  });

  test.each([
    ['a viewer', () => propose('i-low', 'vic'), refused('forbidden', 'engineer')],
    ['somebody who does not see the resource', () => propose('i-low', 'cleo'), refused('not_found')],
    ['what a tag protects', () => propose('i-kept'), refused('forbidden', 'protects')],
  ])('is refused to %s', async (_who, attempt, refusal) => {
    await expect(attempt()).rejects.toMatchObject(refusal);
    expect((await sql('SELECT FROM remediations')).rowCount).toBe(0);
  });

  test.each(['dismissed', 'applied', 'closed'])('is refused when the recommendation is %s', async (state) => {
    const decided = "decided_at = now(), decided_by = (SELECT user_id FROM users LIMIT 1), decision_reason = 'no'";
    const closed = state === 'closed' ? ", closed_at = now(), closed_reason = 'gone'" : '';
    await sql(`UPDATE recommendations SET state = '${state}', ${decided}${closed}`);
    await expect(propose('i-low')).rejects.toMatchObject(refused('conflict', state));
  });

  test('is refused when Penny has no action for it', async () => {
    await sql(`UPDATE recommendations SET action = '{"action": "rewrite-it", "parameters": {}}'`);
    await expect(propose('i-low')).rejects.toMatchObject(refused('conflict', 'no action'));
  });
});

describe('an approval', () => {
  test('of one other person is enough for a low risk, and counts once', async () => {
    const { remediationId } = await propose('i-low');
    const after = await decide('ada', { remediationId });
    expect(after).toMatchObject({ state: 'approved', approvedBy: ['ada@example.com'], decidedAt: NOW });
  });

  test('of a high risk takes two people', async () => {
    const { remediationId } = await propose('i-high');
    expect(await decide('ada', { remediationId })).toMatchObject({ state: 'pending', requiredApprovals: 2 });
    await expect(decide('ada', { remediationId })).rejects.toMatchObject(refused('conflict', 'somebody else'));
    expect(await decide('bob', { remediationId })).toMatchObject({ state: 'approved' });
  });

  test('of a high risk by two people at the same instant counts both', async () => {
    const { remediationId } = await propose('i-high');
    await Promise.all([decide('ada', { remediationId }), decide('bob', { remediationId })]);
    expect([await stateOf(remediationId), await approvalsOf(remediationId)]).toEqual(['approved', 2]);
  });

  test('clicked twenty times at once by several people decides once', async () => {
    const { remediationId } = await propose('i-low');
    const clicks = Array.from({ length: 20 }, (_, index) => decide(index % 2 ? 'ada' : 'bob', { remediationId }));
    const settled = await Promise.allSettled(clicks);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of settled)
      if (one.status === 'rejected') expect(one.reason).toMatchObject(refused('conflict', 'already'));
    expect([await stateOf(remediationId), await approvalsOf(remediationId)]).toEqual(['approved', 1]);
  });

  test('and a rejection at the same instant leave one of the two', async () => {
    const { remediationId } = await propose('i-low');
    const both = await Promise.allSettled([
      decide('ada', { remediationId }),
      decide('bob', { remediationId, decision: 'reject', reason: 'Used at month end.' }),
    ]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await approvalsOf(remediationId)).toBe(1);
  });

  test('a rejection needs its reason and ends it', async () => {
    const { remediationId } = await propose('i-low');
    await expect(decide('ada', { remediationId, decision: 'reject', reason: '  ' })).rejects.toMatchObject(
      refused('invalid_input', 'why'),
    );
    const after = await decide('ada', { remediationId, decision: 'reject', reason: 'Used at month end.' });
    expect(after).toMatchObject({
      state: 'rejected',
      rejectedBy: 'ada@example.com',
      rejectionReason: 'Used at month end.',
    });
    await expect(decide('bob', { remediationId })).rejects.toMatchObject(refused('conflict', 'rejected already'));
  });

  test('one rejection outweighs the approval of a high risk', async () => {
    const { remediationId } = await propose('i-high');
    await decide('ada', { remediationId });
    expect(await decide('bob', { remediationId, decision: 'reject', reason: 'No.' })).toMatchObject({
      state: 'rejected',
    });
  });

  test('each is in the audit log with what was decided', async () => {
    const { remediationId, parametersHash } = await propose('i-high');
    await decide('ada', { remediationId });
    await decide('bob', { remediationId });
    const { rows } = await sql(
      `SELECT actor, event, details ->> 'parametersHash' AS hash FROM audit_pending WHERE subject_id = $1
       UNION ALL SELECT actor, event, details ->> 'parametersHash' FROM audit_log WHERE subject_id = $1`,
      [remediationId],
    );
    expect(rows.sort((a, b) => a.actor.localeCompare(b.actor) || 0)).toEqual([
      { actor: 'ada@example.com', event: 'remediation.approved', hash: parametersHash },
      { actor: 'bob@example.com', event: 'remediation.approved', hash: parametersHash },
      { actor: 'eva@example.com', event: 'remediation.proposed', hash: parametersHash },
    ]);
  });
});

/** Each leaves the remediation as it was: nothing but these refusals stands between a click and a changed cloud. */
describe('refused, and nothing decided', () => {
  type Attempt = (proposed: Remediation) => Promise<unknown>;
  const cases: [string, Attempt, ReturnType<typeof refused>][] = [
    ['by the one who proposed it', (p) => decide('eva', p), refused('forbidden', 'approver')],
    ['by a viewer', (p) => decide('vic', p), refused('forbidden', 'approver')],
    ['out of scope', (p) => decide('cleo', p), refused('not_found')],
    ['unknown', () => decide('ada', { remediationId: '00000000-0000-4000-8000-000000000000' }), refused('not_found')],
    ['an id that is none', () => decide('ada', { remediationId: "' OR true --" }), refused('not_found')],
    ['an empty id', () => decide('ada', { remediationId: '' }), refused('not_found')],
    [
      'a hash of other parameters',
      (p) => decide('ada', { ...p, parametersHash: '0'.repeat(64) }),
      refused('conflict', 'not what you were shown'),
    ],
    [
      'the hash of another proposal',
      async (p) => decide('ada', { ...p, parametersHash: (await propose('i-other')).parametersHash }),
      refused('conflict', 'not what you were shown'),
    ],
    [
      'at the instant of its expiry',
      (p) => {
        clock = p.expiresAt;
        return decide('ada', p);
      },
      refused('conflict', 'expired'),
    ],
    [
      'a week later',
      (p) => {
        clock = new Date('2026-12-01T09:00:00Z');
        return decide('ada', p);
      },
      refused('conflict', 'expired'),
    ],
    [
      'a rejection after its expiry',
      (p) => {
        clock = p.expiresAt;
        return decide('ada', { ...p, decision: 'reject', reason: 'Late.' });
      },
      refused('conflict', 'expired'),
    ],
    [
      'a role that was taken since they signed in',
      async (p) => {
        const ada = await scene.person('ada');
        await sql("UPDATE users SET role = 'engineer' WHERE email = 'ada@example.com'");
        return decide(ada, p);
      },
      refused('forbidden', 'engineer'),
    ],
    [
      'a scope that was taken since they signed in',
      async (p) => {
        const ada = await scene.person('ada');
        await sql(
          `UPDATE users SET scope = '{"subAccountIds": ["222222222222"], "tags": []}' WHERE email = 'ada@example.com'`,
        );
        return decide(ada, p);
      },
      refused('not_found'),
    ],
    [
      'somebody who was disabled since they signed in',
      async (p) => {
        const ada = await scene.person('ada');
        await sql("UPDATE users SET disabled_at = now() WHERE email = 'ada@example.com'");
        return decide(ada, p);
      },
      refused('unauthorized'),
    ],
    [
      'a principal that says of itself to be more',
      async (p) => decide({ ...(await scene.person('vic')), role: 'admin', scope: 'all' }, p),
      refused('forbidden', 'viewer'),
    ],
    [
      "a principal with somebody else's address",
      async (p) => decide({ ...(await scene.person('vic')), email: 'ada@example.com', role: 'approver' }, p),
      refused('unauthorized'),
    ],
    [
      'a token that may do less than its person',
      async (p) => decide({ ...(await scene.person('ada')), role: 'viewer' }, p),
      refused('forbidden', 'viewer'),
    ],
    [
      'a token that sees less than its person',
      async (p) => decide({ ...(await scene.person('ada')), scope: { subAccountIds: ['222222222222'], tags: [] } }, p),
      refused('not_found'),
    ],
    ['a rejection without a reason', (p) => decide('ada', { ...p, decision: 'reject' }), refused('invalid_input')],
    ['a rejection by a viewer', (p) => decide('vic', { ...p, decision: 'reject', reason: 'x' }), refused('forbidden')],
    [
      'a rejection out of scope',
      (p) => decide('cleo', { ...p, decision: 'reject', reason: 'x' }),
      refused('not_found'),
    ],
  ];

  test.each(cases)('%s', async (_what, attempt, refusal) => {
    const proposed = await propose('i-low');
    const { remediationId } = proposed;
    const asked: Attempt = ({ remediationId: id, ...rest }) => attempt({ remediationId: id, ...rest } as Remediation);
    await expect(asked(proposed)).rejects.toMatchObject(refusal);
    expect([await stateOf(remediationId), await approvalsOf(remediationId)]).toEqual(['pending', 0]);
  });

  test('an approver on their own proposal, also where it takes two', async () => {
    const { remediationId } = await propose('i-high', 'ada');
    await expect(decide('ada', { remediationId })).rejects.toMatchObject(refused('forbidden', 'somebody else'));
    await decide('bob', { remediationId });
    await expect(decide('ada', { remediationId })).rejects.toMatchObject(refused('forbidden', 'somebody else'));
    expect([await stateOf(remediationId), await approvalsOf(remediationId)]).toEqual(['pending', 1]);
  });

  test('an administrator on their own proposal', async () => {
    const { remediationId } = await propose('i-low', 'root');
    await expect(decide('root', { remediationId })).rejects.toMatchObject(refused('forbidden', 'somebody else'));
  });

  test.each(['rejected', 'cancelled', 'expired', 'approved', 'applied', 'failed', 'undone'])(
    'what is %s already',
    async (state) => {
      const { remediationId } = await propose('i-low');
      const instants: Record<string, string> = {
        rejected: 'decided_at = now()',
        approved: 'decided_at = now()',
        applied: 'decided_at = now(), started_at = now(), applied_at = now()',
        failed: "decided_at = now(), started_at = now(), failed_at = now(), failure = 'x'",
        undone: 'decided_at = now(), started_at = now(), applied_at = now(), undone_at = now()',
      };
      const set = [`state = '${state}'`, ...(instants[state] ? [instants[state]] : [])].join(', ');
      await sql(`UPDATE remediations SET ${set} WHERE remediation_id = $1`, [remediationId]);
      await expect(decide('ada', { remediationId })).rejects.toMatchObject(refused('conflict', `${state} already`));
      expect(await approvalsOf(remediationId)).toBe(0);
    },
  );

  test('a payload that is sent again after it was decided', async () => {
    const { remediationId } = await propose('i-low');
    await decide('ada', { remediationId });
    await expect(decide('ada', { remediationId })).rejects.toMatchObject(refused('conflict', 'approved already'));
    expect(await approvalsOf(remediationId)).toBe(1);
  });

  test.each([
    ['parameters', `'{"instanceId": "i-other"}'`],
    ['action', "'terminate-instance'"],
    ['parameters_hash', "'0'"],
    ['expires_at', "'2030-01-01'"],
    ['requested_by', "(SELECT user_id FROM users WHERE email = 'vic@example.com')"],
    ['required_approvals', '1'],
    ['observed_state', "'{}'"],
    ['evidence', `'{"measured": []}'`],
    ['basis', "'a guess'"],
  ])('whoever writes to the table and changes %s after the fact', async (column, value) => {
    const { remediationId } = await propose('i-high');
    await expect(
      sql(`UPDATE remediations SET ${column} = ${value} WHERE remediation_id = $1`, [remediationId]),
    ).rejects.toThrow('propose it anew');
  });
});

describe('afterwards', () => {
  const step = (id: string, ...steps: Parameters<typeof takeStep>[2][]) =>
    inTransaction(scene.database.db, async (client) => {
      for (const one of steps) await takeStep(client, id, one, clock);
    });

  test('one takes back only what one proposed and nobody has decided', async () => {
    const { remediationId } = await propose('i-low');
    const [eva, ada] = [await scene.person('eva'), await scene.person('ada')];
    await expect(decisions.cancel({ principal: ada, surface }, remediationId)).rejects.toMatchObject(
      refused('not_found'),
    );
    await decisions.cancel({ principal: eva, surface }, remediationId);
    await expect(decide('ada', { remediationId })).rejects.toMatchObject(refused('conflict', 'cancelled'));
  });

  test('what was applied can be undone by an approver in scope, once', async () => {
    const { remediationId } = await propose('i-low');
    const undo = async (by: string) => decisions.undo({ principal: await scene.person(by), surface }, remediationId);
    await expect(undo('ada')).rejects.toMatchObject(refused('conflict', 'pending'));
    await decide('ada', { remediationId });
    await step(remediationId, { to: 'applying' }, { to: 'applied', outcome: { was: 'running' } }, { to: 'verified' });
    await expect(undo('vic')).rejects.toMatchObject(refused('forbidden'));
    await expect(undo('cleo')).rejects.toMatchObject(refused('not_found'));
    expect(await undo('bob')).toMatchObject({ state: 'undoing' });
    await expect(undo('ada')).rejects.toMatchObject(refused('conflict', 'undoing'));
  });

  test('a step that does not follow is refused', async () => {
    const { remediationId } = await propose('i-low');
    await expect(step(remediationId, { to: 'applying' })).rejects.toMatchObject({ code: 'conflict' });
    await decide('ada', { remediationId });
    await expect(step(remediationId, { to: 'applied', outcome: {} })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('the stop switch is pulled by approvers, let go by administrators, and says who and why', async () => {
    const as = async (by: string) => ({ principal: await scene.person(by), surface }) as const;
    await expect(decisions.stop(await as('eva'), 'x')).rejects.toMatchObject(refused('forbidden'));
    await expect(decisions.stop(await as('ada'), ' ')).rejects.toMatchObject(refused('invalid_input'));
    await decisions.stop(await as('ada'), 'Incident 12');
    expect(await decisions.stopped()).toEqual({ reason: 'Incident 12', by: 'ada@example.com' });
    await expect(decisions.resume(await as('ada'))).rejects.toMatchObject(refused('forbidden'));
    await decisions.resume(await as('root'));
    expect(await decisions.stopped()).toBeUndefined();
  });

  test('one sees what one proposed and what is in scope, a page at a time', async () => {
    for (const resource of ['i-low', 'i-high', 'i-other']) await propose(resource);
    const seen = async (by: string) =>
      (await decisions.list(await scene.person(by), { limit: 10 })).items.map(({ resourceId }) => resourceId).sort();
    expect([await seen('ada'), await seen('cleo'), await seen('eva')]).toEqual([
      ['i-high', 'i-low', 'i-other'],
      ['i-other'],
      ['i-high', 'i-low', 'i-other'],
    ]);
    const ada = await scene.person('ada');
    const first = await decisions.list(ada, { limit: 2 });
    const second = await decisions.list(ada, { limit: 2, cursor: first.nextCursor });
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([2, 1, undefined]);
    const [hidden] = (await decisions.list(ada, { limit: 10 })).items.filter(
      ({ resourceId }) => resourceId === 'i-low',
    );
    await expect(decisions.find(await scene.person('cleo'), hidden?.remediationId ?? '')).rejects.toMatchObject(
      refused('not_found'),
    );
  });
});
