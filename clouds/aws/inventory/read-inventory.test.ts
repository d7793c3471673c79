import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAws } from '../clients.ts';
import {
  assumedRole,
  awsSettings,
  ec2Error,
  jsonError,
  openWire,
  TEST_CREDENTIALS,
  type Wire,
  type WireAnswer,
  type WireRequest,
} from '../wire.fixture.ts';
import { readInventory } from './read-inventory.ts';

let wire: Wire;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penny-inventory-'));
});
afterEach(async () => {
  await wire.close();
  rmSync(folder, { recursive: true });
});

/** Nothing anywhere, of each service. */
function nothing({ operation, headers }: WireRequest): WireAnswer {
  if (operation.startsWith('GET ') || headers['x-amz-target'] !== undefined) return { body: '{}' };
  return { body: `<${operation}Response><${operation}Result/></${operation}Response>` };
}

const ORGANIZATION = { body: '{"Organization":{"Id":"o-1","MasterAccountId":"111111111111"}}' };
const ACCOUNTS = {
  body: JSON.stringify({
    Accounts: [
      { Id: '111111111111', Name: 'payer', State: 'ACTIVE' },
      { Id: '222222222222', Name: 'production', State: 'ACTIVE' },
      { Id: '333333333333', Name: 'closed', State: 'SUSPENDED' },
    ],
  }),
};

const instances = (ids: string[], next = '') => ({
  body: `<DescribeInstancesResponse><reservationSet><item><instancesSet>${ids
    .map(
      (id) =>
        `<item><instanceId>${id}</instanceId><instanceType>m5.large</instanceType><instanceState><name>running</name></instanceState></item>`,
    )
    .join(
      '',
    )}</instancesSet></item></reservationSet>${next && `<nextToken>${next}</nextToken>`}</DescribeInstancesResponse>`,
});

async function read(answer: (request: WireRequest) => WireAnswer | undefined, settings: Record<string, string> = {}) {
  wire = await openWire((request) => {
    const given = answer(request);
    if (given !== undefined) return given;
    if (request.operation === 'AssumeRole') return assumedRole(`IN${/iam%3A%3A(\d+)/.exec(request.body)?.[1]}`);
    if (request.operation === 'DescribeOrganization') return ORGANIZATION;
    if (request.operation === 'ListAccounts') return ACCOUNTS;
    return nothing(request);
  });
  const aws = openAws(
    awsSettings({
      PENNY_AWS_ROLE_ARN: 'arn:aws:iam::{account}:role/penny-reader',
      PENNY_AWS_REGIONS: 'us-east-1,eu-west-1',
      ...settings,
    }),
    { endpoint: wire.endpoint, credentials: TEST_CREDENTIALS },
  );
  const inventory = await readInventory(aws, { folder });
  const resources = [];
  for await (const resource of inventory.resources) resources.push(resource);
  inventory.close();
  return { inventory, resources };
}

const typesWith = (
  parts: readonly { accountId: string; regionId: string; resourceTypes: readonly string[] }[],
  type: string,
) =>
  parts
    .filter(({ resourceTypes }) => resourceTypes.includes(type))
    .map(({ accountId, regionId }) => `${accountId} ${regionId}`)
    .sort();

test('all pages of all regions of all open accounts are read, each in its own role', async () => {
  const { inventory, resources } = await read(({ operation, accessKeyId, region, body }) => {
    if (operation !== 'DescribeInstances' || accessKeyId !== 'IN222222222222' || region !== 'eu-west-1')
      return undefined;
    return body.includes('NextToken=more') ? instances(['i-2']) : instances(['i-1'], 'more');
  });
  expect(resources.map(({ resourceId, accountId, regionId }) => [resourceId, accountId, regionId])).toEqual([
    ['i-1', '222222222222', 'eu-west-1'],
    ['i-2', '222222222222', 'eu-west-1'],
  ]);
  expect(inventory.gaps).toEqual([]);
  expect(typesWith(inventory.complete, 'lambda:function')).toEqual([
    '111111111111 eu-west-1',
    '111111111111 us-east-1',
    '222222222222 eu-west-1',
    '222222222222 us-east-1',
  ]);
  expect(inventory.accounts.map(({ name, kind, state }) => [name, kind, state])).toEqual([
    ['payer', 'billing', 'ACTIVE'],
    ['production', 'sub', 'ACTIVE'],
    ['closed', 'sub', 'SUSPENDED'],
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a kind that is denied in one region is a gap there, also when a page of it was read', async () => {
  const { inventory, resources } = await read(({ operation, region, body, accessKeyId }) => {
    if (operation !== 'DescribeInstances' || region !== 'us-east-1' || accessKeyId !== 'IN111111111111')
      return undefined;
    return body.includes('NextToken=more') ? ec2Error(403, 'UnauthorizedOperation') : instances(['i-1'], 'more');
  });
  expect(resources.map(({ resourceId }) => resourceId)).toEqual(['i-1']);
  expect(typesWith(inventory.gaps, 'ec2:instance')).toEqual(['111111111111 us-east-1']);
  expect(inventory.gaps[0]?.reason).toContain('EC2.DescribeInstances in account 111111111111, us-east-1');
  expect(typesWith(inventory.complete, 'ec2:instance')).not.toContain('111111111111 us-east-1');
  expect(typesWith(inventory.complete, 'ec2:volume')).toContain('111111111111 us-east-1');
});

test('an account whose role may not be assumed is a gap, and the others are read', async () => {
  const { inventory } = await read(
    ({ operation, body }) =>
      operation === 'AssumeRole' && body.includes('222222222222')
        ? {
            status: 403,
            body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
          }
        : undefined,
    { PENNY_AWS_REGIONS: 'us-east-1' },
  );
  expect(typesWith(inventory.gaps, 'eks:cluster')).toEqual(['222222222222 us-east-1']);
  expect(typesWith(inventory.complete, 'eks:cluster')).toEqual(['111111111111 us-east-1']);
});

test('without an organisation the account of the credentials stands alone', async () => {
  const { inventory } = await read(
    ({ operation }) => {
      if (operation === 'DescribeOrganization') return jsonError(400, 'AWSOrganizationsNotInUseException');
      if (operation !== 'GetCallerIdentity') return undefined;
      return {
        body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>444444444444</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      };
    },
    { PENNY_AWS_REGIONS: 'us-east-1' },
  );
  expect(inventory.accounts.map(({ accountId, kind }) => [accountId, kind])).toEqual([['444444444444', 'billing']]);
  expect(inventory.gaps).toEqual([]);
});

test('an organisation that may not be read ends the inventory, and so does an exhausted budget', async () => {
  await expect(
    read(({ operation }) =>
      operation === 'DescribeOrganization' ? jsonError(400, 'AccessDeniedException') : undefined,
    ),
  ).rejects.toMatchObject({ code: 'cloud_denied' });
  await wire.close();
  await expect(read(() => undefined, { PENNY_AWS_CALLS_PER_RUN: '12' })).rejects.toMatchObject({
    code: 'cloud_budget',
  });
  expect(readdirSync(folder)).toEqual([]);
});

const CALLER = {
  body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
};

test('without a role in each account only the one of the credentials is read', async () => {
  const { inventory } = await read(({ operation }) => (operation === 'GetCallerIdentity' ? CALLER : undefined), {
    PENNY_AWS_ROLE_ARN: '',
    PENNY_AWS_REGIONS: 'us-east-1',
  });
  expect(typesWith(inventory.complete, 'ec2:instance')).toEqual(['222222222222 us-east-1']);
  expect(inventory.accounts).toHaveLength(3);
});

test('accounts that are named are read although the organisation may not be listed', async () => {
  const { inventory } = await read(
    ({ operation }) => (operation === 'ListAccounts' ? jsonError(400, 'AccessDeniedException') : undefined),
    { PENNY_AWS_ACCOUNTS: '222222222222', PENNY_AWS_REGIONS: 'us-east-1' },
  );
  expect(typesWith(inventory.complete, 'ec2:instance')).toEqual(['222222222222 us-east-1']);
  expect(inventory.billingAccountId).toBe('111111111111');
});

test('a function says for how many calls at once it is kept ready', async () => {
  const ARN = 'arn:aws:lambda:us-east-1:222222222222:function:thumbnails';
  const config = (count: number) => ({ FunctionArn: `${ARN}:live`, RequestedProvisionedConcurrentExecutions: count });
  const { resources } = await read(
    ({ service, accessKeyId, path }) => {
      if (service !== 'lambda' || accessKeyId !== 'IN222222222222') return undefined;
      if (path.includes('/provisioned-concurrency'))
        return { body: JSON.stringify({ ProvisionedConcurrencyConfigs: [config(5), config(10)] }) };
      if (path.includes('/tags/')) return { body: '{"Tags":{}}' };
      return {
        body: JSON.stringify({ Functions: [{ FunctionArn: ARN, FunctionName: 'thumbnails', MemorySize: 512 }] }),
      };
    },
    { PENNY_AWS_REGIONS: 'us-east-1' },
  );
  expect(resources.map(({ configuration }) => configuration)).toEqual([{ memoryMib: 512, provisionedConcurrency: 15 }]);
});

test('a snapshot says which images of the account begin with it', async () => {
  const snapshot = (id: string) => `<item><snapshotId>${id}</snapshotId><status>completed</status></item>`;
  const image = (id: string, snapshotId: string) =>
    `<item><imageId>${id}</imageId><blockDeviceMapping><item><ebs><snapshotId>${snapshotId}</snapshotId></ebs></item></blockDeviceMapping></item>`;
  const { resources } = await read(
    ({ operation, accessKeyId, body }) => {
      if (accessKeyId !== 'IN222222222222') return undefined;
      if (operation === 'DescribeSnapshots')
        return { body: `<R><snapshotSet>${snapshot('snap-1')}${snapshot('snap-2')}</snapshotSet></R>` };
      if (operation !== 'DescribeImages') return undefined;
      expect(new URLSearchParams(body).get('Owner.1')).toBe('self');
      return { body: `<R><imagesSet>${image('ami-2', 'snap-1')}${image('ami-1', 'snap-1')}</imagesSet></R>` };
    },
    { PENNY_AWS_REGIONS: 'us-east-1' },
  );
  const snapshots = resources.filter(({ resourceType }) => resourceType === 'ec2:snapshot');
  expect(snapshots.map(({ configuration }) => configuration.usedByImages)).toEqual([['ami-1', 'ami-2'], []]);
});

test('load balancers of both generations are found, each with how many of its targets are healthy', async () => {
  const ARN = 'arn:aws:elasticloadbalancing:us-east-1:222222222222';
  const answers: Record<string, string> = {
    'DescribeLoadBalancers 2015': `<LoadBalancers><member><LoadBalancerArn>${ARN}:loadbalancer/app/shop/1</LoadBalancerArn><LoadBalancerName>shop</LoadBalancerName><Type>application</Type></member></LoadBalancers>`,
    'DescribeTargetGroups 2015': `<TargetGroups><member><TargetGroupArn>${ARN}:targetgroup/web/2</TargetGroupArn><LoadBalancerArns><member>${ARN}:loadbalancer/app/shop/1</member></LoadBalancerArns></member></TargetGroups>`,
    'DescribeTargetHealth 2015':
      '<TargetHealthDescriptions><member><TargetHealth><State>healthy</State></TargetHealth></member><member><TargetHealth><State>unhealthy</State></TargetHealth></member></TargetHealthDescriptions>',
    'DescribeTags 2015': `<TagDescriptions><member><ResourceArn>${ARN}:loadbalancer/app/shop/1</ResourceArn><Tags><member><Key>team</Key><Value>web</Value></member></Tags></member></TagDescriptions>`,
    'DescribeLoadBalancers 2012':
      '<LoadBalancerDescriptions><member><LoadBalancerName>old</LoadBalancerName><Scheme>internal</Scheme><CreatedTime>2019-01-01T00:00:00Z</CreatedTime><Instances><member><InstanceId>i-1</InstanceId></member></Instances></member></LoadBalancerDescriptions>',
    'DescribeTags 2012':
      '<TagDescriptions><member><LoadBalancerName>old</LoadBalancerName><Tags><member><Key>team</Key><Value>ops</Value></member></Tags></member></TagDescriptions>',
    'DescribeInstanceHealth 2012':
      '<InstanceStates><member><InstanceId>i-1</InstanceId><State>OutOfService</State></member></InstanceStates>',
  };
  const { resources } = await read(
    ({ operation, service, accessKeyId, body }) => {
      if (service !== 'elasticloadbalancing' || accessKeyId !== 'IN222222222222') return undefined;
      const asked = `${operation} ${new URLSearchParams(body).get('Version')?.slice(0, 4)}`;
      return { body: `<R><${operation}Result>${answers[asked] ?? ''}</${operation}Result></R>` };
    },
    { PENNY_AWS_REGIONS: 'us-east-1' },
  );
  expect(resources.map(({ resourceId, tags, configuration }) => ({ resourceId, tags, configuration }))).toEqual([
    {
      resourceId: `${ARN}:loadbalancer/app/shop/1`,
      tags: { team: 'web' },
      configuration: {
        ...{ type: 'application', zones: [], targetGroups: 1, targetGroupIds: ['targetgroup/web/2'] },
        ...{ targets: 2, healthyTargets: 1 },
      },
    },
    {
      resourceId: `${ARN}:loadbalancer/old`,
      tags: { team: 'ops' },
      configuration: { type: 'classic', scheme: 'internal', zones: [], targets: 1, healthyTargets: 0 },
    },
  ]);
});

test('a snapshot says whether its volume is there, and nothing of that when it was copied', async () => {
  const item = (id: string, volumeId: string) =>
    `<item><snapshotId>${id}</snapshotId><volumeId>${volumeId}</volumeId><status>completed</status><volumeSize>8</volumeSize></item>`;
  const { resources } = await read(
    ({ operation, accessKeyId }) => {
      if (accessKeyId !== 'IN222222222222') return undefined;
      if (operation === 'DescribeVolumes')
        return { body: '<R><volumeSet><item><volumeId>vol-1</volumeId><status>in-use</status></item></volumeSet></R>' };
      if (operation !== 'DescribeSnapshots') return undefined;
      const items = [item('snap-1', 'vol-1'), item('snap-2', 'vol-2'), item('snap-3', 'vol-ffffffff')].join('');
      return { body: `<R><snapshotSet>${items}</snapshotSet></R>` };
    },
    { PENNY_AWS_REGIONS: 'us-east-1' },
  );
  const snapshots = resources.filter(({ resourceType }) => resourceType === 'ec2:snapshot');
  expect(snapshots.map(({ configuration }) => configuration.sourceVolumeExists)).toEqual([true, false, undefined]);
});

test('a database has the memory of the instance type of its class, and knows what it stands by for', async () => {
  const ARN = 'arn:aws:rds:us-east-1:222222222222:db';
  const database = (name: string, more: string) =>
    `<DBInstance><DBInstanceIdentifier>${name}</DBInstanceIdentifier><DBInstanceArn>${ARN}:${name}</DBInstanceArn><DBInstanceStatus>available</DBInstanceStatus>${more}</DBInstance>`;
  const DATABASES = [
    database(
      'orders',
      '<DBInstanceClass>db.r6g.large</DBInstanceClass><Engine>postgres</Engine><EngineVersion>16.4</EngineVersion><MultiAZ>true</MultiAZ><AllocatedStorage>100</AllocatedStorage><StorageType>gp3</StorageType><AvailabilityZone>us-east-1a</AvailabilityZone><InstanceCreateTime>2025-03-01T00:00:00Z</InstanceCreateTime><TagList><Tag><Key>team</Key><Value>shop</Value></Tag></TagList>',
    ),
    database(
      'orders-2',
      '<DBInstanceClass>db.r6g.large</DBInstanceClass><Engine>postgres</Engine><ReadReplicaSourceDBInstanceIdentifier>orders</ReadReplicaSourceDBInstanceIdentifier>',
    ),
    ...['cart-1', 'cart-2'].map((name) =>
      database(
        name,
        '<DBInstanceClass>db.serverless</DBInstanceClass><Engine>aurora-mysql</Engine><DBClusterIdentifier>cart</DBClusterIdentifier>',
      ),
    ),
    database('graph', '<DBInstanceClass>db.r6g.large</DBInstanceClass><Engine>neptune</Engine>'),
  ];
  const member = (name: string, writes: boolean) =>
    `<DBClusterMember><DBInstanceIdentifier>${name}</DBInstanceIdentifier><IsClusterWriter>${writes}</IsClusterWriter></DBClusterMember>`;
  const CLUSTER = `<DBCluster><DBClusterIdentifier>cart</DBClusterIdentifier><DBClusterMembers>${member('cart-1', false)}${member('cart-2', true)}</DBClusterMembers></DBCluster>`;
  const { resources, inventory } = await read(
    ({ operation, accessKeyId, body }) => {
      if (accessKeyId !== 'IN222222222222') return undefined;
      const answer = (list: string) => ({ body: `<R><${operation}Result>${list}</${operation}Result></R>` });
      if (operation === 'DescribeDBInstances') return answer(`<DBInstances>${DATABASES.join('')}</DBInstances>`);
      if (operation === 'DescribeDBClusters') return answer(`<DBClusters>${CLUSTER}</DBClusters>`);
      if (operation !== 'DescribeInstanceTypes') return undefined;
      // Named otherwise, types that are not there would fail the call.
      const asked = new URLSearchParams(body);
      expect([asked.get('Filter.1.Value.1'), asked.get('Filter.1.Value.2')]).toEqual(['r6g.large', 'serverless']);
      return {
        body: '<R><instanceTypeSet><item><instanceType>r6g.large</instanceType><vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo><memoryInfo><sizeInMiB>16384</sizeInMiB></memoryInfo></item></instanceTypeSet></R>',
      };
    },
    { PENNY_AWS_REGIONS: 'us-east-1' },
  );
  expect(inventory.gaps).toEqual([]);
  const size = { instanceClass: 'db.r6g.large', vcpus: 2, memoryGib: 16, engine: 'postgres' };
  expect(resources.map(({ name, configuration }) => [name, configuration])).toEqual([
    ['orders', { ...size, engineVersion: '16.4', multiAz: true, storageType: 'gp3', allocatedStorageGib: 100 }],
    ['orders-2', { ...size, replicaOf: 'orders' }],
    ['cart-1', { instanceClass: 'db.serverless', engine: 'aurora-mysql', clusterId: 'cart', replicaOf: 'cart-2' }],
    ['cart-2', { instanceClass: 'db.serverless', engine: 'aurora-mysql', clusterId: 'cart' }],
  ]);
  expect(resources[0]).toMatchObject({
    ...{ resourceId: `${ARN}:orders`, resourceType: 'rds:db', state: 'available', tags: { team: 'shop' } },
    ...{ availabilityZone: 'us-east-1a', createdAt: '2025-03-01T00:00:00.000Z' },
  });
});

test('a service scales when a policy has room to change it, or a schedule does, and not while that is suspended', async () => {
  const [policy, schedule] = [['policy', 'fixed', 'held'], ['clock']];
  const of = (name: string) => ({ ResourceId: `service/shop/${name}` });
  const target = (name: string, more: object = {}) => ({ ...of(name), MinCapacity: 1, MaxCapacity: 4, ...more });
  const suspended = { DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true };
  const answers: Record<string, object> = {
    ListClusters: { clusterArns: ['shop'] },
    DescribeClusters: { clusters: [{ clusterArn: 'shop', clusterName: 'shop', status: 'ACTIVE' }] },
    ListServices: { serviceArns: ['one'] },
    DescribeServices: {
      services: ['policy', 'fixed', 'held', 'clock', 'registered', 'unknown'].map((serviceName) => ({
        ...{ serviceName, serviceArn: serviceName, status: 'ACTIVE', desiredCount: 2 },
      })),
    },
    DescribeScalableTargets: {
      ScalableTargets: [
        target('policy'),
        target('fixed', { MinCapacity: 4 }),
        target('held', { SuspendedState: suspended }),
        target('clock', { MinCapacity: 4 }),
        target('registered'),
      ],
    },
    DescribeScalingPolicies: { ScalingPolicies: policy.map(of) },
    DescribeScheduledActions: { ScheduledActions: schedule.map(of) },
  };
  const { resources, inventory } = await read(
    ({ operation, accessKeyId, service }) =>
      accessKeyId === 'IN222222222222' && /^(ecs|application-autoscaling)$/.test(service) && operation in answers
        ? { body: JSON.stringify(answers[operation]) }
        : undefined,
    { PENNY_AWS_REGIONS: 'us-east-1' },
  );
  expect(inventory.gaps).toEqual([]);
  const services = resources.filter(({ resourceType }) => resourceType === 'ecs:service');
  expect(services.map(({ name, configuration }) => [name, configuration.autoscaling])).toEqual([
    ['policy', true],
    ['fixed', false],
    ['held', false],
    ['clock', true],
    ['registered', false],
    ['unknown', false],
  ]);
});

test('a reservation that is in force says when it ends', async () => {
  const reserved = (id: string, state: string) =>
    `<ReservedDBInstance><ReservedDBInstanceId>${id}</ReservedDBInstanceId><ReservedDBInstanceArn>arn:aws:rds:us-east-1:222222222222:ri:${id}</ReservedDBInstanceArn><DBInstanceClass>db.r6g.large</DBInstanceClass><StartTime>2026-01-15T10:00:00Z</StartTime><Duration>31536000</Duration><State>${state}</State></ReservedDBInstance>`;
  const { resources, inventory } = await read(
    ({ operation, accessKeyId, body }) => {
      if (accessKeyId !== 'IN222222222222') return undefined;
      if (operation === 'DescribeReservedDBInstances')
        return {
          body: `<R><${operation}Result><ReservedDBInstances>${reserved('now', 'active')}${reserved('then', 'retired')}</ReservedDBInstances></${operation}Result></R>`,
        };
      if (operation !== 'DescribeReservedInstances') return undefined;
      expect(new URLSearchParams(body).get('Filter.1.Value.1')).toBe('active');
      return {
        body: '<R><reservedInstancesSet><item><reservedInstancesId>ri-1</reservedInstancesId><instanceType>m5.large</instanceType><instanceCount>3</instanceCount><end>2027-03-01T12:34:56Z</end><state>active</state></item></reservedInstancesSet></R>',
      };
    },
    { PENNY_AWS_REGIONS: 'us-east-1' },
  );
  expect(inventory.gaps).toEqual([]);
  expect(resources.map(({ resourceId, state, configuration }) => [resourceId, state, configuration])).toEqual([
    [
      'arn:aws:ec2:us-east-1:222222222222:reserved-instances/ri-1',
      'active',
      { instanceType: 'm5.large', count: 3, endDate: '2027-03-01' },
    ],
    ['arn:aws:rds:us-east-1:222222222222:ri:now', 'active', { instanceClass: 'db.r6g.large', endDate: '2027-01-15' }],
  ]);
});
