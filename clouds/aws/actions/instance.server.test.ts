import { EC2Client, RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ActionTarget } from '../../action.ts';
import { type ActionScene, openActionScene, runOf, targetOf } from './action.fixture.ts';

let scene: ActionScene;
let ec2: EC2Client;
beforeAll(async () => {
  scene = await openActionScene();
  ec2 = new EC2Client(scene.at);
});
afterAll(async () => {
  ec2?.destroy();
  await scene?.close();
});

const action = (name: string) => scene.action(name);

async function launch(parameters: Record<string, unknown> = {}): Promise<ActionTarget> {
  const made = await ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-12c6146b', InstanceType: 'm5.2xlarge', MinCount: 1, MaxCount: 1 }),
  );
  return targetOf(made.Instances?.[0]?.InstanceId ?? '', parameters);
}

test('an instance is stopped, stays stopped when told twice, and starts again', async () => {
  const { apply, undo, observe, rehearse, isDone, isUndone, refusal } = action('stop-instance');
  const target = await launch();
  const before = await observe(target);
  expect(before).toMatchObject({ state: 'running', configuration: { instanceType: 'm5.2xlarge' } });
  expect(before && refusal?.(before, target)).toBeUndefined();
  await rehearse?.(target);
  expect((await observe(target))?.state).toBe('running');
  const run = runOf(target);
  for (let times = 0; times < 2; times++) await apply(run);
  expect(isDone(await observe(target), run)).toBe(true);
  for (let times = 0; times < 2; times++) await undo?.(run);
  expect(isUndone?.(await observe(target), run)).toBe(true);
});

test('an instance gets another type and runs again, and gets its own back', async () => {
  const { apply, undo, observe, isDone, isUndone } = action('resize-instance');
  const target = await launch({ instanceType: 'm5.large' });
  const run = runOf(target, { before: { state: 'running', 'configuration.instanceType': 'm5.2xlarge' } });
  for (let times = 0; times < 2; times++) await apply(run);
  const resized = await observe(target);
  expect(resized).toMatchObject({ state: 'running', configuration: { instanceType: 'm5.large' } });
  expect(isDone(resized, run)).toBe(true);
  await undo?.(run);
  expect(isUndone?.(await observe(target), run)).toBe(true);
});

test('an instance that is terminated or was never there is not there', async () => {
  const { observe } = action('stop-instance');
  const target = await launch();
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [target.resourceId] }));
  expect(await observe(target)).toBeUndefined();
  expect(await observe({ ...target, resourceId: 'i-0123456789abcdef0' })).toBeUndefined();
});

test.each([
  [{ autoScalingGroup: 'web' }, 'Auto Scaling group web'],
  [{ lifecycle: 'spot' }, 'spot'],
  [{ rootDevice: 'instance-store' }, 'instance store'],
])('an instance with %j is left alone', (configuration, why) => {
  const observed = { state: 'running', configuration, tags: {} };
  expect(action('stop-instance').refusal?.(observed, targetOf('i-1'))).toContain(why);
});
