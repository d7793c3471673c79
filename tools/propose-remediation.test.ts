import { afterEach, beforeEach, expect, test } from 'vitest';
import { NOW, openScene, type Scene } from '../db/remediations/remediation.fixture.ts';
import { proposeRemediationTool } from './propose-remediation.ts';
import { asText, call, contextOf } from './result.fixture.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

async function propose(by: string, ...resources: string[]) {
  const context = { ...contextOf(scene.database.db, 'all', NOW), principal: await scene.person(by) };
  const recommendationIds = resources.map((resource) => scene.recommendations[resource] ?? 999);
  return call(proposeRemediationTool, context, { recommendationIds });
}

const count = async () => (await scene.database.db.pool.query('SELECT FROM remediations')).rowCount;

test('what was found is proposed, with its estimate, its risk and who else it takes', async () => {
  const result = await propose('eva', 'i-low', 'i-high');
  if (result.status !== 'ok') throw new Error(asText(result));
  expect(result.data.facts).toMatchObject({
    proposed: { value: 2 },
    estimated_monthly_savings: { value: '123', unit: 'USD' },
  });
  expect(result.data.tables[0]?.rows.map((row) => row.slice(0, 7))).toEqual([
    ['i-low', 'i-low', 'Stop the instance', '61.5', 'low', 1, '2026-11-27'],
    ['i-high', 'i-high', 'Stop the instance', '61.5', 'high', 2, '2026-11-27'],
  ]);
  expect(result.data.proposals).toEqual([
    expect.objectContaining({ title: 'Stop the instance: i-low', estimatedMonthlySavings: '61.5' }),
    expect.objectContaining({ title: 'Stop the instance: i-high' }),
  ]);
  expect(await count()).toBe(2);
});

test('one that cannot be proposed does not hold up the others, and is told', async () => {
  const result = await propose('eva', 'i-kept', 'i-low', 'nowhere');
  expect(result).toMatchObject({ status: 'ok', data: { facts: { proposed: { value: 1 } } } });
  expect(asText(result)).toContain(
    `Recommendation ${scene.recommendations['i-kept']} was not proposed: A tag protects`,
  );
  expect(await count()).toBe(1);
});

test.each([
  ['vic', 'i-low', { status: 'denied', message: expect.stringContaining('engineer') }],
  ['eva', 'i-kept', { status: 'denied', message: expect.stringContaining('protects') }],
  ['cleo', 'i-low', { status: 'error', code: 'not_found' }],
])('%s cannot propose %s', async (by, resource, expected) => {
  expect(await propose(by, resource)).toMatchObject(expected);
  expect(await count()).toBe(0);
});
