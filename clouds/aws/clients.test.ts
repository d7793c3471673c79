import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import {
  DescribeRegionsCommand,
  DescribeVolumesCommand,
  EC2Client,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, expect, test } from 'vitest';
import { openAws } from './clients.ts';
import { shareCredentials } from './credentials.ts';
import {
  assumedRole,
  awsSettings,
  ec2Error,
  openWire,
  TEST_CREDENTIALS,
  type Wire,
  type WireAnswer,
  type WireRequest,
} from './wire.fixture.ts';

const REGIONS: WireAnswer = {
  body: '<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item></regionInfo></DescribeRegionsResponse>',
};
const VOLUMES: WireAnswer = { body: '<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>' };

const open: Wire[] = [];
afterEach(async () => {
  for (const wire of open.splice(0)) await wire.close();
});

async function aws(answer: (request: WireRequest) => WireAnswer, settings: Record<string, string> = {}) {
  const wire = await openWire(answer);
  open.push(wire);
  return { wire, run: openAws(awsSettings(settings), { endpoint: wire.endpoint, credentials: TEST_CREDENTIALS }) };
}

const ROLE = { PENNY_AWS_ROLE_ARN: 'arn:aws:iam::{account}:role/penny-reader', PENNY_AWS_EXTERNAL_ID: 'a&b' };
const READER = { accountId: '111122223333', region: 'eu-west-1' };

test('an account is read in its role, assumed once for all its regions with the external id', async () => {
  const { wire, run } = await aws(
    ({ operation }) =>
      operation === 'AssumeRole' ? assumedRole('ROLE') : operation === 'DescribeRegions' ? REGIONS : VOLUMES,
    ROLE,
  );
  const [ireland, ohio] = [run.place(READER), run.place({ ...READER, region: 'us-east-2' })];
  await Promise.all([
    ireland.client(EC2Client).send(new DescribeRegionsCommand({})),
    ohio.client(EC2Client).send(new DescribeVolumesCommand({})),
  ]);
  expect(wire.requests.map(({ operation, accessKeyId, region }) => [operation, accessKeyId, region]).sort()).toEqual([
    ['AssumeRole', 'OWN', 'us-east-1'],
    ['DescribeRegions', 'ROLE', 'eu-west-1'],
    ['DescribeVolumes', 'ROLE', 'us-east-2'],
  ]);
  const asked = new URLSearchParams(wire.requests[0]?.body);
  expect([asked.get('RoleArn'), asked.get('ExternalId')]).toEqual([
    'arn:aws:iam::111122223333:role/penny-reader',
    'a&b',
  ]);
  expect(run.calls.byOperation()).toEqual({ 'EC2.DescribeRegions': 1, 'EC2.DescribeVolumes': 1, 'STS.AssumeRole': 1 });
});

test('a throttled call waits and tries again, and each attempt is counted', async () => {
  let left = 2;
  const { run } = await aws(() => (left-- > 0 ? ec2Error(503, 'RequestLimitExceeded') : REGIONS));
  const { Regions } = await run.home().client(EC2Client).send(new DescribeRegionsCommand({}));
  expect(Regions?.[0]?.RegionName).toBe('eu-west-1');
  expect(run.calls.byOperation()).toEqual({ 'EC2.DescribeRegions': 3 });
});

test('credentials that ended are renewed once, and the call is made again', async () => {
  let assumed = 0;
  const { wire, run } = await aws(({ operation, accessKeyId }) => {
    if (operation === 'AssumeRole') return assumedRole(`ROLE${++assumed}`);
    return accessKeyId === 'ROLE1' ? ec2Error(400, 'RequestExpired') : REGIONS;
  }, ROLE);
  await run.place(READER).client(EC2Client).send(new DescribeRegionsCommand({}));
  expect(wire.requests.map(({ operation, accessKeyId }) => `${operation} ${accessKeyId}`)).toEqual([
    'AssumeRole OWN',
    'DescribeRegions ROLE1',
    'AssumeRole OWN',
    'DescribeRegions ROLE2',
  ]);
});

test('credentials that ended and cannot be renewed are told as such', async () => {
  const { run } = await aws(() => ec2Error(400, 'ExpiredToken'));
  await expect(run.home().client(EC2Client).send(new DescribeRegionsCommand({}))).rejects.toMatchObject({
    code: 'cloud_denied',
    message: 'The credentials expired at EC2.DescribeRegions in us-east-1. Renew them, then run it again.',
  });
});

test('a denied call names the operation, the account and the region', async () => {
  const { run } = await aws(
    ({ operation }) => (operation === 'AssumeRole' ? assumedRole('ROLE') : ec2Error(403, 'UnauthorizedOperation')),
    ROLE,
  );
  await expect(run.place(READER).client(EC2Client).send(new DescribeRegionsCommand({}))).rejects.toMatchObject({
    code: 'cloud_denied',
    details: { operation: 'EC2.DescribeRegions', ...READER, reason: 'UnauthorizedOperation' },
  });
});

test('a server that is not there is told as an outage', async () => {
  const { wire, run } = await aws(() => REGIONS);
  await wire.close();
  await expect(run.home().client(EC2Client).send(new DescribeRegionsCommand({}))).rejects.toMatchObject({
    code: 'cloud_unavailable',
  });
});

test('a run makes no more calls than its budget, attempts included', async () => {
  const { wire, run } = await aws(() => ec2Error(503, 'RequestLimitExceeded'), { PENNY_AWS_CALLS_PER_RUN: '2' });
  await expect(run.home().client(EC2Client).send(new DescribeRegionsCommand({}))).rejects.toMatchObject({
    code: 'cloud_budget',
    details: { setting: 'PENNY_AWS_CALLS_PER_RUN' },
  });
  expect(wire.requests).toHaveLength(2);
});

test('calls to Cost Explorer have a budget of their own', async () => {
  const { run } = await aws(({ operation }) => (operation === 'DescribeRegions' ? REGIONS : { body: '{}' }), {
    PENNY_AWS_COST_EXPLORER_CALLS_PER_RUN: '1',
  });
  const explorer = run.home().client(CostExplorerClient);
  const ask = () =>
    explorer.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: '2026-01-01', End: '2026-02-01' },
        Granularity: 'MONTHLY',
        Metrics: [],
      }),
    );
  await ask();
  await expect(ask()).rejects.toMatchObject({ code: 'cloud_budget' });
  await run.home().client(EC2Client).send(new DescribeRegionsCommand({}));
});

test('an operation that no policy documents is not even sent', async () => {
  const { wire, run } = await aws(() => REGIONS);
  const terminate = new TerminateInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] });
  await expect(run.home().client(EC2Client).send(terminate)).rejects.toThrow(
    'EC2.TerminateInstances stands in no policy',
  );
  expect(wire.requests).toEqual([]);
});

test('an endpoint of one service is taken from the environment', async () => {
  const wire = await openWire(() => REGIONS);
  open.push(wire);
  process.env.AWS_ENDPOINT_URL_EC2 = wire.endpoint;
  try {
    const run = openAws(awsSettings(), { credentials: TEST_CREDENTIALS });
    await run.home().client(EC2Client).send(new DescribeRegionsCommand({}));
  } finally {
    delete process.env.AWS_ENDPOINT_URL_EC2;
  }
  expect(wire.requests).toHaveLength(1);
});

test('credentials are asked for anew shortly before they end, and after a failure', async () => {
  let now = 0;
  let asked = 0;
  const shared = shareCredentials(
    async () => {
      if (++asked === 2) throw new Error('no answer');
      return { accessKeyId: `KEY${asked}`, secretAccessKey: '', expiration: new Date(now + 3_600_000) };
    },
    () => now,
  );
  const keys = async () => (await shared.get()).accessKeyId;
  expect([await keys(), await keys()]).toEqual(['KEY1', 'KEY1']);
  now = 3_300_000;
  await expect(keys()).rejects.toThrow('no answer');
  expect(await keys()).toBe('KEY3');
});

test('what is asked ends with the run, under way or waiting for its next attempt', async () => {
  for (const begun of ['call', 'wait'] as const) {
    const run = new AbortController();
    const reason = new Error('the run was cancelled');
    let asked = 0;
    const wire = await openWire(async () => {
      asked++;
      if (begun === 'wait') {
        setImmediate(() => run.abort(reason));
        return ec2Error(503, 'RequestLimitExceeded');
      }
      run.abort(reason);
      return REGIONS;
    });
    open.push(wire);
    const { signal } = run;
    const { place } = openAws(awsSettings(), { endpoint: wire.endpoint, credentials: TEST_CREDENTIALS, signal });
    await expect(place(READER).client(EC2Client).send(new DescribeRegionsCommand({}))).rejects.toBe(reason);
    await expect(place(READER).client(EC2Client).send(new DescribeRegionsCommand({}))).rejects.toBe(reason);
    expect(asked).toBe(1);
  }
});
