import { afterEach, describe, expect, test } from 'vitest';
import { assumedRole, ec2Error, openWire, type Wire, type WireAnswer, type WireRequest } from '../wire.fixture.ts';
import { openActionsAt, runOf, targetOf } from './action.fixture.ts';
import { AWS_ACTIONS } from './index.ts';

let wire: Wire;
let actions: ReturnType<typeof openActionsAt>;
afterEach(async () => {
  actions.close();
  await wire.close();
});

async function openAt(answer: (request: WireRequest) => WireAnswer): Promise<void> {
  wire = await openWire((request) => (request.service === 'sts' ? assumedRole('ROLE') : answer(request)));
  actions = openActionsAt(wire.endpoint);
}

/** As each protocol says that something may not be done. */
function denial({ service }: WireRequest): WireAnswer {
  if (service === 'ec2') return ec2Error(403, 'UnauthorizedOperation');
  const type = 'AccessDeniedException';
  if (['ecs', 'eks', 'lambda', 'application-autoscaling'].includes(service))
    return {
      status: 403,
      body: JSON.stringify({ __type: type, message: 'no' }),
      headers: { 'x-amzn-errortype': type },
    };
  return {
    status: 403,
    body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
  };
}

const names = AWS_ACTIONS.map((action) => {
  const { name, rehearse } = action(() => {
    throw new Error('nothing is called here');
  });
  return { name, canRehearse: rehearse !== undefined };
});
const parameters = {
  ...{ instanceType: 'm5.large', volumeType: 'gp3', snapshotVolumeIds: [], withSnapshot: true, minSize: 0 },
  ...{ desiredCapacity: 0, desiredTasks: 0, toNodes: 1, toMemoryMib: 256, to: 1 },
  ...{ minTasks: 1, maxTasks: 2, targetCpuPercent: 60 },
};

describe('what AWS denies is told as that, and ends the remediation', () => {
  test.each(names)('$name', async ({ name, canRehearse }) => {
    await openAt(denial);
    const action = actions.action(name);
    const target = targetOf('arn:aws:ecs:eu-west-1:1:x/cluster/name', parameters);
    const outcome = { taskDefinition: 'cart:2', provisions: { live: 1 }, qualifier: 'live', routes: [] };
    const denied = { code: 'cloud_denied' };
    await expect(action.observe(target)).rejects.toMatchObject(denied);
    await expect(action.apply(runOf(target, { ...outcome }))).rejects.toMatchObject(denied);
    if (canRehearse) await expect(action.rehearse?.(target)).rejects.toMatchObject(denied);
  });
});

test('what passes is tried again, and what AWS refuses for good is not', async () => {
  let code = 'VolumeModificationRateExceeded';
  await openAt(({ operation }) =>
    operation === 'ModifyVolume'
      ? ec2Error(400, code)
      : { body: '<DescribeVolumesModificationsResponse></DescribeVolumesModificationsResponse>' },
  );
  const run = runOf(targetOf('vol-1', { volumeType: 'gp3' }));
  const apply = () => actions.action('change-volume-type').apply(run);
  await expect(apply()).rejects.toMatchObject({ code: 'cloud_unavailable' });
  code = 'InvalidParameterValue';
  await expect(apply()).rejects.toMatchObject({ code: 'cloud_refused' });
});

test('a dry run that is answered as if it had been done is not taken for a yes', async () => {
  await openAt(() => ({ body: '<ReleaseAddressResponse><return>true</return></ReleaseAddressResponse>' }));
  const asked = actions.action('release-address').rehearse?.(targetOf('eipalloc-1'));
  await expect(asked).rejects.toMatchObject({ code: 'internal' });
});

/** What is provisioned for a function, as Lambda keeps it; the stand-in that the other tests use does not know it. */
function lambdaWith(provisions: Map<string, number>) {
  return ({ method, path, body }: WireRequest): WireAnswer => {
    const { pathname, searchParams } = new URL(path, 'http://lambda');
    const qualifier = searchParams.get('Qualifier') ?? '';
    const told = (count: number, name: string) => ({
      ...{ FunctionArn: `arn:aws:lambda:eu-west-1:1:function:api:${name}`, Status: 'READY' },
      RequestedProvisionedConcurrentExecutions: count,
    });
    if (!pathname.endsWith('/provisioned-concurrency'))
      return { body: JSON.stringify({ Configuration: { State: 'Active', MemorySize: 512 }, Tags: { team: 'api' } }) };
    if (method === 'PUT') {
      provisions.set(qualifier, JSON.parse(body).ProvisionedConcurrentExecutions);
      return { status: 202, body: JSON.stringify(told(provisions.get(qualifier) ?? 0, qualifier)) };
    }
    if (method === 'DELETE') {
      const isThere = provisions.delete(qualifier);
      const type = 'ProvisionedConcurrencyConfigNotFoundException';
      return isThere
        ? { status: 204, body: '' }
        : { status: 404, body: JSON.stringify({ message: 'no' }), headers: { 'x-amzn-errortype': type } };
    }
    return {
      body: JSON.stringify({ ProvisionedConcurrencyConfigs: [...provisions].map(([name, n]) => told(n, name)) }),
    };
  };
}

describe('provisioned concurrency', () => {
  const arn = 'arn:aws:lambda:eu-west-1:1:function:api';

  test('is lowered, and raised again to what it was', async () => {
    const provisions = new Map([['live', 50]]);
    await openAt(lambdaWith(provisions));
    const action = actions.action('lower-provisioned-concurrency');
    const run = runOf(targetOf(arn, { functionId: arn, from: 50, to: 10 }), {
      before: { 'configuration.provisionedConcurrency': 50 },
    });
    const observed = await action.observe(run.target);
    expect(observed && action.refusal?.(observed, run.target)).toBeUndefined();
    for (let times = 0; times < 2; times++) await action.apply(run);
    expect([provisions.get('live'), action.isDone(await action.observe(run.target), run)]).toEqual([10, true]);
    expect(wire.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
    await action.undo?.(run);
    expect([provisions.get('live'), action.isUndone?.(await action.observe(run.target), run)]).toEqual([50, true]);
  });

  test('is left where several versions share it, or where it is as low already', async () => {
    const provisions = new Map([
      ['live', 5],
      ['7', 5],
    ]);
    await openAt(lambdaWith(provisions));
    const action = actions.action('lower-provisioned-concurrency');
    const target = targetOf(arn, { to: 6 });
    const refusal = async () => {
      const observed = await action.observe(target);
      return observed && action.refusal?.(observed, target);
    };
    expect(await refusal()).toContain('Of 2 versions');
    provisions.delete('7');
    expect(await refusal()).toContain('5 calls already');
  });

  test('is removed of every version once, and given back to each', async () => {
    const provisions = new Map([
      ['live', 5],
      ['7', 3],
    ]);
    await openAt(lambdaWith(provisions));
    const action = actions.action('remove-provisioned-concurrency');
    const run = runOf(targetOf(arn, { functionId: arn }));
    for (let times = 0; times < 2; times++) await action.apply(run);
    expect([provisions.size, action.isDone(await action.observe(run.target), run)]).toEqual([0, true]);
    await action.undo?.(run);
    expect([...provisions].sort()).toEqual([
      ['7', 3],
      ['live', 5],
    ]);
    expect(action.isUndone?.(await action.observe(run.target), run)).toBe(true);
  });
});
