import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteNatGatewayCommand,
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DisassociateAddressCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand as CreateClassicLoadBalancer,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ActionRun } from '../../action.ts';
import {
  ACCOUNT,
  type ActionScene,
  applyThrice,
  beforeOf,
  openActionScene,
  REGION,
  refusalOf,
  runOf,
  targetOf,
} from './action.fixture.ts';

let scene: ActionScene;
let ec2: EC2Client;
let elb: ElasticLoadBalancingV2Client;
let scaling: AutoScalingClient;
beforeAll(async () => {
  scene = await openActionScene();
  ec2 = new EC2Client(scene.at);
  elb = new ElasticLoadBalancingV2Client(scene.at);
  scaling = new AutoScalingClient(scene.at);
});
afterAll(async () => {
  for (const client of [ec2, elb, scaling]) client?.destroy();
  await scene?.close();
});

interface Network {
  vpcId: string;
  /** Of the gateways, and a private one that is routed through the first. */
  subnetId: string;
  privateId: string;
  tableId: string;
  gateways: string[];
}

async function network(gateways = 1): Promise<Network> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const vpcId = Vpc?.VpcId ?? '';
  const subnet = async (CidrBlock: string) =>
    (await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock }))).Subnet?.SubnetId ?? '';
  const [subnetId, privateId] = [await subnet('10.0.1.0/24'), await subnet('10.0.2.0/24')];
  const ids: string[] = [];
  for (let nth = 0; nth < gateways; nth++) {
    const { AllocationId } = await ec2.send(new AllocateAddressCommand({}));
    const made = await ec2.send(new CreateNatGatewayCommand({ SubnetId: subnetId, AllocationId }));
    ids.push(made.NatGateway?.NatGatewayId ?? '');
  }
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }));
  const tableId = RouteTable?.RouteTableId ?? '';
  await ec2.send(new AssociateRouteTableCommand({ RouteTableId: tableId, SubnetId: privateId }));
  await ec2.send(
    new CreateRouteCommand({ RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: ids[0] }),
  );
  return { vpcId, subnetId, privateId, tableId, gateways: ids };
}

const gatewayArn = (id = '') => `arn:aws:ec2:${REGION}:${ACCOUNT}:natgateway/${id}`;
const launchIn = (SubnetId: string) =>
  ec2.send(
    new RunInstancesCommand({
      ...{ ImageId: 'ami-12c6146b', InstanceType: 'm5.large', MinCount: 1, MaxCount: 1, SubnetId },
    }),
  );

/** EC2 frees the address of a gateway that is deleted; moto does not. */
async function freeAddress({ outcome }: ActionRun): Promise<void> {
  const { allocationId } = Object(outcome.gateway).configuration;
  const { Addresses } = await ec2.send(new DescribeAddressesCommand({ AllocationIds: [allocationId] }));
  await ec2.send(new DisassociateAddressCommand({ AssociationId: Addresses?.[0]?.AssociationId }));
}

async function defaultRoute(tableId: string): Promise<string | undefined> {
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [tableId] }));
  return RouteTables?.[0]?.Routes?.find(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0')
    ?.NatGatewayId;
}

test('a gateway through which nothing is routed is deleted, and made again with its address and routes', async () => {
  const { rehearse: _, ...action } = scene.action('delete-nat-gateway');
  const { tableId, subnetId, gateways } = await network();
  const target = targetOf(gatewayArn(gateways[0]));
  expect(await refusalOf(action, target)).toBeUndefined();
  const { NatGateways: before } = await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: gateways }));
  const run = await applyThrice(action, target);
  expect(await action.observe(target)).toBeUndefined();

  await freeAddress(run);
  await action.undo?.(run);
  const id = String(run.outcome.restoredNatGatewayId);
  const again = runOf(target, { ...run.outcome, restoredNatGatewayId: undefined });
  await action.undo?.(again);
  expect([again.outcome.restoredNatGatewayId, await defaultRoute(tableId)]).toEqual([id, id]);
  const { NatGateways } = await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [id] }));
  expect(NatGateways?.[0]?.SubnetId).toBe(subnetId);
  expect(NatGateways?.[0]?.NatGatewayAddresses?.[0]?.AllocationId).toBe(
    before?.[0]?.NatGatewayAddresses?.[0]?.AllocationId,
  );
});

test('a gateway through which a machine is routed stays, unless another one takes over its routes', async () => {
  const { rehearse: _, ...action } = scene.action('delete-nat-gateway');
  const { tableId, privateId, gateways } = await network(2);
  await launchIn(privateId);
  expect(await refusalOf(action, targetOf(gatewayArn(gateways[0])))).toContain(privateId);
  const target = targetOf(gatewayArn(gateways[0]), { routesTo: gatewayArn(gateways[1]) });
  expect(await refusalOf(action, target)).toBeUndefined();
  const run = await applyThrice(action, target);
  expect([await action.observe(target), await defaultRoute(tableId)]).toEqual([undefined, gateways[1]]);
  await freeAddress(run);
  await action.undo?.(run);
  expect(await defaultRoute(tableId)).toBe(run.outcome.restoredNatGatewayId);
});

test('a gateway stays when the one that was to take over is gone or stands in another VPC', async () => {
  const action = scene.action('delete-nat-gateway');
  const [{ gateways }, { gateways: elsewhere }] = [await network(2), await network()];
  await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: gateways[1] }));
  for (const other of [gateways[1], elsewhere[0]])
    expect(await refusalOf(action, targetOf(gatewayArn(gateways[0]), { routesTo: gatewayArn(other) }))).toContain(
      'take over',
    );
});

async function balancer(): Promise<{ arn: string; groupArn: string; vpcId: string; subnets: string[] }> {
  const { vpcId, subnetId, privateId } = await network();
  const subnets = [subnetId, privateId];
  const made = await elb.send(new CreateLoadBalancerCommand({ Name: `lb-${subnetId.slice(-8)}`, Subnets: subnets }));
  const group = await elb.send(
    new CreateTargetGroupCommand({ Name: `tg-${subnetId.slice(-8)}`, Protocol: 'HTTP', Port: 80, VpcId: vpcId }),
  );
  const arn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const groupArn = group.TargetGroups?.[0]?.TargetGroupArn ?? '';
  await elb.send(
    new CreateListenerCommand({
      ...{ LoadBalancerArn: arn, Protocol: 'HTTP', Port: 80 },
      DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }],
    }),
  );
  return { arn, groupArn, vpcId, subnets };
}

test('a load balancer without targets is deleted, once; one with healthy targets or protection is not', async () => {
  const action = scene.action('delete-load-balancer');
  const { arn, groupArn, subnets } = await balancer();
  const target = targetOf(arn);
  expect(await refusalOf(action, target)).toBeUndefined();
  const protect = (Value: string) =>
    elb.send(
      new ModifyLoadBalancerAttributesCommand({
        ...{ LoadBalancerArn: arn, Attributes: [{ Key: 'deletion_protection.enabled', Value }] },
      }),
    );
  await protect('true');
  expect(await refusalOf(action, target)).toContain('protection');
  await protect('false');
  const { Instances } = await launchIn(subnets[0] ?? '');
  const Targets = [{ Id: Instances?.[0]?.InstanceId ?? '' }];
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: groupArn, Targets }));
  expect(await refusalOf(action, target)).toContain('Healthy targets (1)');

  const unused = targetOf((await balancer()).arn);
  await applyThrice(action, unused);
  expect(await action.observe(unused)).toBeUndefined();
});

test('a classic load balancer without healthy instances is deleted, once', async () => {
  const action = scene.action('delete-load-balancer');
  const classic = new ElasticLoadBalancingClient(scene.at);
  await classic.send(
    new CreateClassicLoadBalancer({
      ...{ LoadBalancerName: 'old', AvailabilityZones: ['eu-west-1a'] },
      Listeners: [{ Protocol: 'TCP', LoadBalancerPort: 80, InstancePort: 80 }],
      Tags: [{ Key: 'team', Value: 'web' }],
    }),
  );
  classic.destroy();
  const target = targetOf(`arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/old`);
  expect(await action.observe(target)).toMatchObject({ configuration: { type: 'classic' }, tags: { team: 'web' } });
  expect(await refusalOf(action, target)).toBeUndefined();
  await applyThrice(action, target);
  expect(await action.observe(target)).toBeUndefined();
});

test('a group is scaled down to nothing and up again as it was', async () => {
  const action = scene.action('scale-group');
  const { Instances } = await launchIn((await network()).subnetId);
  await scaling.send(
    new CreateAutoScalingGroupCommand({
      ...{ AutoScalingGroupName: 'workers', MinSize: 1, MaxSize: 4, DesiredCapacity: 2 },
      ...{ InstanceId: Instances?.[0]?.InstanceId, AvailabilityZones: ['eu-west-1a'] },
    }),
  );
  const { AutoScalingGroups } = await scaling.send(new DescribeAutoScalingGroupsCommand({}));
  const target = targetOf(AutoScalingGroups?.[0]?.AutoScalingGroupARN ?? '', { minSize: 0, desiredCapacity: 0 });
  expect(await refusalOf(action, target)).toBeUndefined();
  const run = await applyThrice(action, target);
  const scaled = await action.observe(target);
  expect(scaled?.configuration).toMatchObject({ minSize: 0, desiredCapacity: 0, instances: 0 });
  expect(action.isDone(scaled, run)).toBe(true);
  for (let times = 0; times < 2; times++) await action.undo?.(run);
  expect(action.isUndone?.(await action.observe(target), run)).toBe(true);

  await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity: 3 }));
  const { before } = await beforeOf(action, target);
  expect(before).toMatchObject({ 'configuration.minSize': 1, 'configuration.desiredCapacity': 3 });
});

test('a group of nodes is left to its node group', () => {
  const observed = { state: 'active', configuration: {}, tags: { 'eks:nodegroup-name': 'nodes' } };
  expect(scene.action('scale-group').refusal?.(observed, targetOf('arn'))).toContain('nodes');
});
