import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AllocateAddressCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
const ZONE = `${REGION}a`;

/** A resource of the test, with what is to be done to it, and how it looks in the end. */
export interface Piece {
  resourceId: string;
  state: string;
  configuration: Record<string, unknown>;
  action: string;
  parameters: Record<string, unknown>;
  /** What there is of it, as text that is the same for the same state: it is compared with `before`, `after` and `restored`. */
  look(): Promise<string>;
  before: string;
  after: string;
  /** After it was undone; absent where it is not asked for. */
  restored?: string;
}

/** Makes resources in the stand-in for AWS. */
export interface Estate {
  kinds: readonly ((nth: number) => Promise<Piece>)[];
  close(): void;
}

/** Returns makers of pieces, one for each kind of remediation. */
export async function openEstate(endpoint: string): Promise<Estate> {
  const credentials = { accessKeyId: 'OWN', secretAccessKey: 'secret' };
  const at = { region: REGION, endpoint, credentials };
  const [ec2, ecs, scaling] = [new EC2Client(at), new ECSClient(at), new AutoScalingClient(at)];
  await ecs.send(new CreateClusterCommand({ clusterName: 'shop' }));
  await scaling.send(
    new CreateLaunchConfigurationCommand({
      ...{ LaunchConfigurationName: 'workers', ImageId: 'ami-12c6146b', InstanceType: 'm5.large' },
    }),
  );
  return {
    kinds: [
      () => stopInstance(ec2),
      () => resizeInstance(ec2),
      () => terminateInstance(ec2),
      () => deleteVolume(ec2),
      () => changeVolumeType(ec2),
      () => deleteSnapshot(ec2),
      () => releaseAddress(ec2),
      (nth) => scaleGroup(scaling, nth),
      (nth) => stopService(ecs, nth),
      (nth) => resizeService(ecs, nth),
    ],
    close() {
      for (const client of [ec2, ecs, scaling]) client.destroy();
    },
  };
}

const arn = (kind: string, id: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:${kind}/${id}`;

/** What a question gives; '-' where AWS says that the thing is not there. */
async function orGone(ask: () => Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch (error) {
    if (/NotFound/.test((error as Error).name)) return '-';
    throw error;
  }
}

async function launch(ec2: EC2Client): Promise<{ id: string; volumes: string[]; look(): Promise<string> }> {
  const made = await ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-12c6146b', InstanceType: 'm5.2xlarge', MinCount: 1, MaxCount: 1 }),
  );
  const id = made.Instances?.[0]?.InstanceId ?? '';
  const describe = async () => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0];
  };
  const volumes = ((await describe())?.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.VolumeId ?? []);
  const look = async () => {
    const one = await describe();
    return `${one?.State?.Name} ${one?.InstanceType}`;
  };
  return { id, volumes, look };
}

async function stopInstance(ec2: EC2Client): Promise<Piece> {
  const { id, look } = await launch(ec2);
  return {
    ...{ resourceId: id, state: 'running', configuration: { instanceType: 'm5.2xlarge' } },
    ...{ action: 'stop-instance', parameters: {}, look },
    ...{ before: 'running m5.2xlarge', after: 'stopped m5.2xlarge', restored: 'running m5.2xlarge' },
  };
}

async function resizeInstance(ec2: EC2Client): Promise<Piece> {
  const { id, look } = await launch(ec2);
  return {
    ...{ resourceId: id, state: 'running', configuration: { instanceType: 'm5.2xlarge' } },
    ...{ action: 'resize-instance', parameters: { instanceType: 'm5.large' }, look },
    ...{ before: 'running m5.2xlarge', after: 'running m5.large', restored: 'running m5.2xlarge' },
  };
}

async function snapshotsOf(ec2: EC2Client, volumeId: string): Promise<number> {
  const Filters = [{ Name: 'volume-id', Values: [volumeId] }];
  const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters }));
  return Snapshots?.length ?? 0;
}

async function terminateInstance(ec2: EC2Client): Promise<Piece> {
  const { id, volumes, look } = await launch(ec2);
  const counted = async () =>
    `${await look()}, snapshots ${(await Promise.all(volumes.map((one) => snapshotsOf(ec2, one)))).join(' ')}`;
  return {
    ...{ resourceId: id, state: 'running', configuration: { instanceType: 'm5.2xlarge', volumes } },
    ...{ action: 'terminate-instance', parameters: { snapshotVolumeIds: volumes }, look: counted },
    ...{ before: 'running m5.2xlarge, snapshots 0', after: 'terminated m5.2xlarge, snapshots 1' },
  };
}

const shapeOf = (ec2: EC2Client, id: string) =>
  orGone(async () => {
    const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
    return `${Volumes?.[0]?.VolumeType} ${Volumes?.[0]?.Iops ?? ''}`.trim();
  });

async function deleteVolume(ec2: EC2Client): Promise<Piece> {
  const shape = { VolumeType: 'gp3', Size: 20, Iops: 3000, Throughput: 125 } as const;
  const { VolumeId = '' } = await ec2.send(new CreateVolumeCommand({ ...shape, AvailabilityZone: ZONE }));
  let snapshotIds: string[] = [];
  const look = async () => {
    const Filters = [{ Name: 'volume-id', Values: [VolumeId] }];
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters }));
    snapshotIds = (Snapshots ?? []).flatMap(({ SnapshotId }) => SnapshotId ?? []);
    const from = [{ Name: 'snapshot-id', Values: snapshotIds }];
    const made =
      snapshotIds.length === 0 ? [] : (await ec2.send(new DescribeVolumesCommand({ Filters: from }))).Volumes;
    return `${await shapeOf(ec2, VolumeId)}, snapshots ${snapshotIds.length}, made again ${made?.length ?? 0}`;
  };
  return {
    ...{ resourceId: VolumeId, state: 'available', configuration: { volumeType: 'gp3', sizeGib: 20 } },
    ...{ action: 'delete-volume', parameters: { withSnapshot: true }, look },
    ...{ before: 'gp3 3000, snapshots 0, made again 0', after: '-, snapshots 1, made again 0' },
    restored: '-, snapshots 1, made again 1',
  };
}

async function changeVolumeType(ec2: EC2Client): Promise<Piece> {
  const shape = { VolumeType: 'io2', Size: 100, Iops: 8000 } as const;
  const { VolumeId = '' } = await ec2.send(new CreateVolumeCommand({ ...shape, AvailabilityZone: ZONE }));
  return {
    ...{ resourceId: VolumeId, state: 'available', configuration: { volumeType: 'io2', sizeGib: 100, iops: 8000 } },
    ...{ action: 'change-volume-type', parameters: { volumeType: 'io2', iops: 2000 } },
    ...{ look: () => shapeOf(ec2, VolumeId), before: 'io2 8000', after: 'io2 2000', restored: 'io2 8000' },
  };
}

async function deleteSnapshot(ec2: EC2Client): Promise<Piece> {
  const { VolumeId } = await ec2.send(new CreateVolumeCommand({ Size: 8, AvailabilityZone: ZONE }));
  const { SnapshotId = '' } = await ec2.send(new CreateSnapshotCommand({ VolumeId }));
  const look = () =>
    orGone(async () => {
      const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] }));
      return Snapshots?.[0]?.State ?? '-';
    });
  return {
    ...{ resourceId: arn('snapshot', SnapshotId), state: 'completed', configuration: {} },
    ...{ action: 'delete-snapshot', parameters: {}, look, before: 'completed', after: '-' },
  };
}

async function releaseAddress(ec2: EC2Client): Promise<Piece> {
  const { AllocationId = '' } = await ec2.send(new AllocateAddressCommand({}));
  const look = () =>
    orGone(async () => {
      const { Addresses } = await ec2.send(new DescribeAddressesCommand({ AllocationIds: [AllocationId] }));
      return Addresses?.length === 1 ? 'held' : '-';
    });
  return {
    ...{ resourceId: arn('elastic-ip', AllocationId), state: 'unassociated', configuration: {} },
    ...{ action: 'release-address', parameters: {}, look, before: 'held', after: '-' },
  };
}

async function scaleGroup(scaling: AutoScalingClient, nth: number): Promise<Piece> {
  const AutoScalingGroupName = `workers-${nth}`;
  const sizes = { MinSize: 1, MaxSize: 4, DesiredCapacity: 2 };
  const from = { LaunchConfigurationName: 'workers', AvailabilityZones: [ZONE] };
  await scaling.send(new CreateAutoScalingGroupCommand({ AutoScalingGroupName, ...sizes, ...from }));
  const describe = async () => {
    const asked = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] });
    return (await scaling.send(asked)).AutoScalingGroups?.[0];
  };
  const look = async () => {
    const group = await describe();
    return `${group?.Instances?.length} of ${group?.MinSize}`;
  };
  return {
    ...{ resourceId: (await describe())?.AutoScalingGroupARN ?? '', state: 'active' },
    ...{ configuration: { minSize: 1, desiredCapacity: 2 }, action: 'scale-group' },
    ...{ parameters: { minSize: 0, desiredCapacity: 0 }, look, before: '2 of 1', after: '0 of 0', restored: '2 of 1' },
  };
}

interface Made {
  arn: string;
  name: string;
  look(): Promise<string>;
}

async function makeService(ecs: ECSClient, name: string): Promise<Made> {
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      ...{ family: name, cpu: '1024', memory: '4096', networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] },
      containerDefinitions: [{ name, image: name }],
    }),
  );
  // The stand-in takes a deployment to be over when it is made with no tasks, and runs those that are asked for later.
  const asked = { cluster: 'shop', serviceName: name, taskDefinition: `${name}:1`, desiredCount: 0 };
  const { service } = await ecs.send(new CreateServiceCommand({ ...asked, launchType: 'FARGATE' }));
  await ecs.send(new UpdateServiceCommand({ cluster: 'shop', service: name, desiredCount: 2 }));
  const look = async () => {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'shop', services: [name] }));
    const { taskDefinitionArns } = await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: name }));
    const revision = services?.[0]?.taskDefinition?.split(':').at(-1);
    return `${services?.[0]?.desiredCount} tasks of revision ${revision} of ${taskDefinitionArns?.length}`;
  };
  return { arn: service?.serviceArn ?? '', name, look };
}

async function stopService(ecs: ECSClient, nth: number): Promise<Piece> {
  const { arn: resourceId, name, look } = await makeService(ecs, `idle-${nth}`);
  return {
    ...{ resourceId, state: 'active', configuration: { desiredTasks: 2, taskDefinition: `${name}:1` } },
    ...{ action: 'stop-ecs-service', parameters: { serviceId: resourceId, desiredTasks: 0 }, look },
    ...{ before: '2 tasks of revision 1 of 1', after: '0 tasks of revision 1 of 1' },
    restored: '2 tasks of revision 1 of 1',
  };
}

async function resizeService(ecs: ECSClient, nth: number): Promise<Piece> {
  const { arn: resourceId, name, look } = await makeService(ecs, `cart-${nth}`);
  const [from, to] = [
    { vcpus: 1, memoryGib: 4 },
    { vcpus: 0.5, memoryGib: 2 },
  ];
  return {
    ...{ resourceId, state: 'active', configuration: { desiredTasks: 2, taskDefinition: `${name}:1` } },
    ...{ action: 'resize-ecs-service', parameters: { serviceId: resourceId, from, to }, look },
    ...{ before: '2 tasks of revision 1 of 1', after: '2 tasks of revision 2 of 2' },
    restored: '2 tasks of revision 1 of 2',
  };
}
