import { afterAll, beforeAll, expect, test } from 'vitest';
import { proposeRemediation } from './propose.ts';
import { NOW, openScene, type Scene } from './remediation.fixture.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

test.each([
  [undefined, 'low', 1],
  [true, 'high', 2],
] as const)(
  'an action whose own risk is high (%s) takes two people, whatever the check says',
  async (isHighRisk, risk, requiredApprovals) => {
    const resource = isHighRisk ? 'i-other' : 'i-low';
    const known = new Map([['stop-instance', { undo: null, ...(isHighRisk ? { isHighRisk } : {}) }]]);
    const id = scene.recommendations[resource] ?? 0;
    const origin = { surface: 'web', now: NOW } as const;
    const proposal = await proposeRemediation(scene.database.db, await scene.person('eva'), id, origin, known);
    expect(proposal).toMatchObject({ risk, requiredApprovals });
  },
);
