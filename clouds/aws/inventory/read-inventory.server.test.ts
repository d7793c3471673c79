import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApplicationAutoScalingClient,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import {
  AllocateAddressCommand,
  CreateImageCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand as CreateEcsCluster,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateClusterCommand as CreateEksCluster, CreateNodegroupCommand, EKSClient } from '@aws-sdk/client-eks';
import {
  CreateLoadBalancerCommand as CreateClassicLoadBalancer,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing';
import { CreateLoadBalancerCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateAccountCommand, CreateOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { CreateDBInstanceCommand, CreateDBInstanceReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudResource } from '../../contract.ts';
import { openAws } from '../clients.ts';
import { type Moto, openMoto } from '../moto.fixture.ts';
import { actionOf, actionsOf } from '../policies.ts';
import {
  awsSettings,
  ec2Error,
  openWire,
  TEST_CREDENTIALS,
  type Wire,
  type WireAnswer,
  type WireRequest,
} from '../wire.fixture.ts';
import { readInventory } from './read-inventory.ts';

let moto: Moto;
let stand: Wire;
let folder: string;
let member: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'penny-inventory-'));
  moto = await openMoto();
  stand = await openWire(forward);
  member = await seed();
});
afterAll(async () => {
  await stand?.close();
  await moto?.stop();
  rmSync(folder, { recursive: true });
});

const REGION = 'us-east-1';
const at = () => ({ region: REGION, endpoint: moto.endpoint, credentials: TEST_CREDENTIALS });
const tags = [{ Key: 'team', Value: 'web, "shop"' }];

async function seed(): Promise<string> {
  const organizations = new OrganizationsClient(at());
  await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const made = await organizations.send(
    new CreateAccountCommand({ AccountName: 'production', Email: 'production@example.com', Tags: tags }),
  );
  const account = made.CreateAccountStatus?.AccountId ?? '';
  // A client in a role of the account that was made, so that what it makes lies there.
  const aws = openAws(awsSettings({ PENNY_AWS_ROLE_ARN: 'arn:aws:iam::{account}:role/seed' }), {
    endpoint: moto.endpoint,
    credentials: TEST_CREDENTIALS,
  });
  const credentials = () => aws.place({ accountId: account, region: REGION }).client(EC2Client).config.credentials();
  const there = { ...at(), credentials };
  const ec2 = new EC2Client(there);
  const specification = (type: 'instance' | 'volume') => [
    { ResourceType: type, Tags: [...tags, { Key: 'Name', Value: 'one' }] },
  ];
  const run = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      MinCount: 2,
      MaxCount: 2,
      InstanceType: 'm5.large',
      TagSpecifications: specification('instance'),
    }),
  );
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [run.Instances?.[1]?.InstanceId ?? ''] }));
  const volume = await ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: 'us-east-1a',
      Size: 200,
      VolumeType: 'gp2',
      TagSpecifications: specification('volume'),
    }),
  );
  await ec2.send(new CreateSnapshotCommand({ VolumeId: volume.VolumeId }));
  await ec2.send(new DeleteVolumeCommand({ VolumeId: volume.VolumeId }));
  await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 50, VolumeType: 'gp3' }));
  const address = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
  const vpc = { VpcId: Subnets?.[0]?.VpcId };
  const subnets = (Subnets ?? []).flatMap(({ SubnetId }) => SubnetId ?? []).slice(0, 2);
  const { NatGateway: gateway } = await ec2.send(
    new CreateNatGatewayCommand({ SubnetId: subnets[0], AllocationId: address.AllocationId }),
  );
  const { RouteTable: table } = await ec2.send(new CreateRouteTableCommand(vpc));
  const route = { RouteTableId: table?.RouteTableId, NatGatewayId: gateway?.NatGatewayId };
  await ec2.send(new CreateRouteCommand({ ...route, DestinationCidrBlock: '0.0.0.0/0' }));
  await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  await new ElasticLoadBalancingV2Client(there).send(
    new CreateLoadBalancerCommand({ Name: 'shop', Subnets: subnets, Tags: tags }),
  );
  await new ElasticLoadBalancingClient(there).send(
    new CreateClassicLoadBalancer({
      LoadBalancerName: 'old',
      AvailabilityZones: ['us-east-1a'],
      Listeners: [{ Protocol: 'TCP', LoadBalancerPort: 80, InstancePort: 80 }],
      Tags: tags,
    }),
  );
  await ec2.send(new CreateImageCommand({ InstanceId: run.Instances?.[0]?.InstanceId, Name: 'golden' }));
  await new AutoScalingClient(there).send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'workers',
      MinSize: 0,
      MaxSize: 4,
      DesiredCapacity: 0,
      InstanceId: run.Instances?.[0]?.InstanceId,
      AvailabilityZones: ['us-east-1a'],
    }),
  );
  const ecs = new ECSClient(there);
  await ecs.send(new CreateEcsCluster({ clusterName: 'shop' }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'cart',
      cpu: '512',
      memory: '1024',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      containerDefinitions: [{ name: 'cart', image: 'cart', environment: [{ name: 'PASSWORD', value: 'hunter2' }] }],
    }),
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster: 'shop',
      serviceName: 'cart',
      taskDefinition: 'cart:1',
      desiredCount: 3,
      launchType: 'FARGATE',
      tags: [{ key: 'team', value: 'cart' }],
    }),
  );
  await scale(new ApplicationAutoScalingClient(there), 'service/shop/cart');
  await makeDatabases(new RDSClient(there));
  const eks = new EKSClient(there);
  const roleArn = `arn:aws:iam::${account}:role/eks`;
  await eks.send(new CreateEksCluster({ name: 'main', roleArn, resourcesVpcConfig: { subnetIds: subnets } }));
  await eks.send(
    new CreateNodegroupCommand({
      clusterName: 'main',
      nodegroupName: 'nodes',
      nodeRole: roleArn,
      subnets,
      instanceTypes: ['m5.xlarge'],
      scalingConfig: { minSize: 1, desiredSize: 2, maxSize: 5 },
    }),
  );
  await makeRole((await credentials()).accessKeyId);
  await new LambdaClient(there).send(
    new CreateFunctionCommand({
      FunctionName: 'thumbnails',
      Role: `arn:aws:iam::${account}:role/thumbnails`,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64') },
      MemorySize: 512,
      Timeout: 20,
      Environment: { Variables: { PASSWORD: 'hunter2' } },
      Tags: { team: 'media' },
    }),
  );
  return account;
}

async function scale(client: ApplicationAutoScalingClient, ResourceId: string): Promise<void> {
  const service = { ServiceNamespace: 'ecs', ResourceId, ScalableDimension: 'ecs:service:DesiredCount' } as const;
  await client.send(new RegisterScalableTargetCommand({ ...service, MinCapacity: 1, MaxCapacity: 6 }));
  await client.send(
    new PutScalingPolicyCommand({
      ...service,
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        TargetValue: 60,
      },
    }),
  );
}

async function makeDatabases(client: RDSClient): Promise<void> {
  await client.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders',
      DBInstanceClass: 'db.r6g.large',
      Engine: 'postgres',
      MasterUsername: 'penny',
      MasterUserPassword: 'hunter2hunter2',
      AllocatedStorage: 100,
      MultiAZ: true,
      Tags: tags,
    }),
  );
  await client.send(
    new CreateDBInstanceReadReplicaCommand({
      DBInstanceIdentifier: 'orders-2',
      SourceDBInstanceIdentifier: 'orders',
      DBInstanceClass: 'db.r6g.large',
    }),
  );
}

/** A function needs a role that exists; one request is less than another client. */
async function makeRole(accessKeyId: string): Promise<void> {
  const signed = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${REGION}/iam/aws4_request, SignedHeaders=host, Signature=0`;
  const form = { Action: 'CreateRole', RoleName: 'thumbnails', AssumeRolePolicyDocument: '{}', Version: '2010-05-08' };
  const answer = await fetch(moto.endpoint, {
    method: 'POST',
    headers: { authorization: signed },
    body: new URLSearchParams(form),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

test('the inventory of an organisation has what is there and nothing else', async () => {
  const aws = openAws(
    awsSettings({
      PENNY_AWS_ROLE_ARN: 'arn:aws:iam::{account}:role/penny-reader',
      PENNY_AWS_REGIONS: `${REGION},eu-west-1`,
    }),
    { endpoint: stand.endpoint, credentials: TEST_CREDENTIALS },
  );
  const inventory = await readInventory(aws, { folder });
  expect(inventory.gaps).toEqual([]);
  expect(inventory.accounts.map(({ name, kind, tags: own }) => [name, kind, own])).toEqual([
    ['master', 'billing', {}],
    ['production', 'sub', { team: 'web, "shop"' }],
  ]);
  const found = new Map<string, CloudResource[]>();
  for await (const resource of inventory.resources) {
    if (resource.accountId !== member || resource.regionId !== REGION) continue;
    found.set(resource.resourceType, [...(found.get(resource.resourceType) ?? []), resource]);
  }
  inventory.close();
  const only = (type: string): CloudResource => {
    const [first, ...others] = found.get(type) ?? [];
    if (first === undefined || others.length > 0) throw new Error(`${others.length + 1} of ${type}`);
    return first;
  };
  expect(only('ec2:instance')).toMatchObject({
    name: 'one',
    state: 'running',
    billingAccountId: '123456789012',
    tags: { team: 'web, "shop"' },
    configuration: { instanceType: 'm5.large', vcpus: 2, memoryGib: 8 },
  });
  expect(
    found
      .get('ec2:volume')
      ?.map(({ state, configuration }) => `${state} ${configuration.volumeType} ${configuration.sizeGib}`),
  ).toContain('available gp3 50');
  const snapshot = found.get('ec2:snapshot')?.find(({ configuration }) => configuration.sizeGib === 200);
  expect(snapshot?.configuration).toMatchObject({ sourceVolumeExists: false });
  expect(snapshot?.resourceId).toMatch(new RegExp(`^arn:aws:ec2:us-east-1:${member}:snapshot/snap-`));
  expect(
    found
      .get('ec2:elastic-ip')
      ?.map(({ state }) => state)
      .sort(),
  ).toContain('unassociated');
  expect(only('ec2:natgateway')).toMatchObject({
    state: 'available',
    availabilityZone: expect.stringMatching(/^us-east-1[a-f]$/),
    configuration: {
      natGatewayId: expect.stringMatching(/^nat-/),
      subnetId: expect.stringMatching(/^subnet-/),
      routeTables: [expect.stringMatching(/^rtb-/)],
    },
  });
  const size = { instanceClass: 'db.r6g.large', vcpus: 2, memoryGib: 16, engine: 'postgres' };
  expect(found.get('rds:db')).toMatchObject([
    {
      ...{ name: 'orders', resourceId: `arn:aws:rds:${REGION}:${member}:db:orders`, state: 'available' },
      tags: { team: 'web, "shop"' },
      configuration: { ...size, multiAz: true, allocatedStorageGib: 100 },
    },
    { name: 'orders-2', configuration: { ...size, replicaOf: 'orders' } },
  ]);
  const balancers = found.get('elasticloadbalancing:loadbalancer') ?? [];
  expect(balancers.map(({ name, tags: own, configuration }) => [name, own, configuration.type])).toEqual([
    ['shop', { team: 'web, "shop"' }, 'application'],
    ['old', { team: 'web, "shop"' }, 'classic'],
  ]);
  const used = found.get('ec2:snapshot')?.flatMap(({ configuration }) => configuration.usedByImages);
  expect(used).toEqual([expect.stringMatching(/^ami-/)]);
  expect(only('autoscaling:autoScalingGroup')).toMatchObject({ name: 'workers', configuration: { maxSize: 4 } });
  expect(only('ecs:service')).toMatchObject({
    tags: { team: 'cart' },
    configuration: { cluster: 'shop', launchType: 'FARGATE', desiredTasks: 3, autoscaling: true, taskVcpus: 0.5 },
  });
  expect(JSON.stringify(only('ecs:task-definition'))).not.toContain('hunter2');
  expect(only('eks:nodegroup')).toMatchObject({
    name: 'nodes',
    configuration: { cluster: 'main', instanceType: 'm5.xlarge', vcpus: 4, desiredNodes: 2 },
  });
  expect(only('lambda:function')).toMatchObject({
    name: 'thumbnails',
    tags: { team: 'media' },
    configuration: { memoryMib: 512, timeoutSeconds: 20, runtime: 'nodejs22.x' },
  });
  expect(JSON.stringify(only('lambda:function'))).not.toContain('hunter2');
  const granted = [...actionsOf('assume-role'), ...actionsOf('organization'), ...actionsOf('inventory')];
  for (const operation of Object.keys(aws.calls.byOperation())) {
    const action = actionOf(operation);
    if (action !== null) expect(granted).toContain(action);
  }
});

/** Returns what an inventory read at `endpoint` finds, but for what differs from run to run. */
async function readAt(endpoint: string) {
  const aws = openAws(
    awsSettings({
      PENNY_AWS_ROLE_ARN: 'arn:aws:iam::{account}:role/penny-reader',
      PENNY_AWS_REGIONS: REGION,
      PENNY_AWS_ACCOUNTS: member,
    }),
    { endpoint, credentials: TEST_CREDENTIALS },
  );
  const { resources, gaps, close } = await readInventory(aws, { folder });
  const lines: string[] = [];
  for await (const resource of resources) lines.push(JSON.stringify(resource));
  close();
  return { lines: lines.sort(), gaps, calls: aws.calls };
}

test('an inventory that is throttled and whose credentials end finds the same as an undisturbed one', async () => {
  const undisturbed = await readAt(stand.endpoint);
  let calls = 0;
  let expired = 0;
  const disturb = ({ service, operation }: WireRequest) => {
    if (service !== 'ec2') return undefined;
    calls++;
    if (operation === 'DescribeVolumes' && expired++ === 0) return ec2Error(400, 'RequestExpired');
    return calls % 4 === 0 ? ec2Error(503, 'RequestLimitExceeded') : undefined;
  };
  const proxy = await openWire(async (request) => disturb(request) ?? forward(request));
  try {
    const disturbed = await readAt(proxy.endpoint);
    expect(disturbed.gaps).toEqual([]);
    expect(disturbed.lines).toEqual(undisturbed.lines);
    expect(disturbed.calls.byOperation()['STS.AssumeRole']).toBe(2);
    expect(disturbed.calls.total()).toBeGreaterThan(undisturbed.calls.total() + 2);
  } finally {
    await proxy.close();
  }
});

async function forward({ operation, method, path, headers, body }: WireRequest): Promise<WireAnswer> {
  // The stand-in does not know these operations.
  if (/^DescribeReserved(DB)?Instances$/.test(operation)) return { body: `<R><${operation}Result/></R>` };
  if (path.includes('/provisioned-concurrency')) return { body: '{"ProvisionedConcurrencyConfigs":[]}' };
  const { host, connection, 'content-length': length, ...kept } = headers as Record<string, string>;
  const answer = await fetch(moto.endpoint + path, { method, headers: kept, ...(body === '' ? {} : { body }) });
  const type = answer.headers.get('content-type');
  return { status: answer.status, body: await answer.text(), headers: type === null ? {} : { 'content-type': type } };
}
