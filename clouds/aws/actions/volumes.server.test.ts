import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AttachVolumeCommand,
  CreateImageCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ACCOUNT,
  type ActionScene,
  applyThrice,
  openActionScene,
  REGION,
  refusalOf,
  runOf,
  targetOf,
} from './action.fixture.ts';

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

const arn = (kind: string, id = '') => `arn:aws:ec2:${REGION}:${ACCOUNT}:${kind}/${id}`;

async function volume(more: Partial<ConstructorParameters<typeof CreateVolumeCommand>[0]> = {}): Promise<string> {
  const Tags = [{ Key: 'team', Value: 'web' }];
  const asked = { AvailabilityZone: 'eu-west-1a', Size: 20, VolumeType: 'gp3', Iops: 4000, Throughput: 200 } as const;
  const TagSpecifications = [{ ResourceType: 'volume' as const, Tags }];
  return (await ec2.send(new CreateVolumeCommand({ ...asked, TagSpecifications, ...more }))).VolumeId ?? '';
}

async function launch(): Promise<{ id: string; root: string }> {
  const made = await ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-12c6146b', InstanceType: 'm5.large', MinCount: 1, MaxCount: 1 }),
  );
  const id = made.Instances?.[0]?.InstanceId ?? '';
  const Filters = [{ Name: 'attachment.instance-id', Values: [id] }];
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({ Filters }));
  return { id, root: Volumes?.[0]?.VolumeId ?? '' };
}

const snapshotsOf = async (volumeId: string) => {
  const Filters = [{ Name: 'volume-id', Values: [volumeId] }];
  return (await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters }))).Snapshots ?? [];
};

const attach = (VolumeId: string, InstanceId: string) =>
  ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: '/dev/sdf' }));

test('a volume is deleted after one snapshot with its tags, and is made again from that', async () => {
  const action = scene.action('delete-volume');
  const id = await volume();
  const target = targetOf(id, { withSnapshot: true });
  expect(await refusalOf(action, target)).toBeUndefined();
  const run = await applyThrice(action, target);
  expect(action.isDone(await action.observe(target), run)).toBe(true);
  const snapshots = await snapshotsOf(id);
  expect(snapshots.map(({ SnapshotId }) => SnapshotId)).toEqual([run.outcome.snapshotId]);
  expect(snapshots[0]?.Tags).toContainEqual({ Key: 'team', Value: 'web' });

  await action.undo?.(run);
  const again = runOf(target, { ...run.outcome, restoredVolumeId: undefined });
  await action.undo?.(again);
  expect(again.outcome.restoredVolumeId).toBe(run.outcome.restoredVolumeId);
  expect(action.isUndone?.(undefined, again)).toBe(true);
  const made = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [String(run.outcome.restoredVolumeId)] }));
  expect(made.Volumes?.[0]).toMatchObject({
    ...{ SnapshotId: run.outcome.snapshotId, VolumeType: 'gp3', Iops: 4000, Throughput: 200 },
    Tags: expect.arrayContaining([{ Key: 'team', Value: 'web' }]),
  });
});

test('a worker that died after the snapshot does not make another one', async () => {
  const action = scene.action('delete-volume');
  const id = await volume();
  const target = targetOf(id, { withSnapshot: true });
  const dies = { ...runOf(target), keep: () => Promise.reject(new Error('killed')) };
  await expect(action.apply(dies)).rejects.toThrow('killed');
  expect(await snapshotsOf(id)).toHaveLength(1);
  await action.apply(runOf(target));
  expect(await snapshotsOf(id)).toHaveLength(1);
  expect(await action.observe(target)).toBeUndefined();
});

test('an attached volume is detached from the instance that was named, and from no other', async () => {
  const action = scene.action('delete-volume');
  const [{ id: instance, root }, id] = [await launch(), await volume()];
  await attach(id, instance);
  const plain = targetOf(id, { withSnapshot: true });
  expect(await refusalOf(action, plain)).toContain(`attached to ${instance}`);
  expect(await refusalOf(action, targetOf(id, { withSnapshot: true, detachFrom: 'i-other' }))).toContain('attached');
  expect(await refusalOf(action, targetOf(root, { withSnapshot: true, detachFrom: instance }))).toContain('root');
  expect(await refusalOf(action, targetOf(id, { withSnapshot: false, detachFrom: instance }))).toContain('snapshot');
  const target = targetOf(id, { withSnapshot: true, detachFrom: instance });
  expect(await refusalOf(action, target)).toBeUndefined();
  await action.apply(runOf(target));
  expect(await action.observe(target)).toBeUndefined();
});

test('a volume that is attached between the check and the deletion is left, and a snapshot of it is there', async () => {
  const action = scene.action('delete-volume');
  const [{ id: instance }, id] = [await launch(), await volume()];
  const target = targetOf(id, { withSnapshot: true });
  expect(await refusalOf(action, target)).toBeUndefined();
  await attach(id, instance);
  await expect(action.apply(runOf(target))).rejects.toMatchObject({ code: 'cloud_refused' });
  expect((await action.observe(target))?.configuration.attachedTo).toBe(instance);
  expect(await snapshotsOf(id)).toHaveLength(1);
});

test('a volume that somebody else deleted cannot be made again by Penny', async () => {
  const action = scene.action('delete-volume');
  const id = await volume();
  await ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
  const target = targetOf(id, { withSnapshot: true });
  expect(await action.observe(target)).toBeUndefined();
  await action.apply(runOf(target));
  await expect(action.undo?.(runOf(target))).rejects.toMatchObject({ code: 'cloud_refused' });
});

test('a gp2 volume becomes gp3 with what was asked for, and gp2 again', async () => {
  const action = scene.action('change-volume-type');
  const id = await volume({ VolumeType: 'gp2', Iops: undefined, Throughput: undefined });
  const target = targetOf(id, { volumeType: 'gp3', iops: 3500, throughputMibPerSecond: 150 });
  expect(await refusalOf(action, target)).toBeUndefined();
  const run = await applyThrice(action, target);
  const changed = await action.observe(target);
  expect(changed?.configuration).toMatchObject({ volumeType: 'gp3', iops: 3500, throughputMibPerSecond: 150 });
  expect([action.isDone(changed, run), action.isUndone?.(changed, run)]).toEqual([true, false]);
  await action.undo?.(run);
  expect(action.isUndone?.(await action.observe(target), run)).toBe(true);
});

test('the IOPS of an io2 volume are lowered and given back', async () => {
  const action = scene.action('change-volume-type');
  const id = await volume({ VolumeType: 'io2', Iops: 8000, Throughput: undefined });
  const target = targetOf(id, { volumeType: 'io2', iops: 2000 });
  const run = await applyThrice(action, target);
  expect(action.isDone(await action.observe(target), run)).toBe(true);
  await action.undo?.(run);
  expect((await action.observe(target))?.configuration).toMatchObject({ volumeType: 'io2', iops: 8000 });
});

test('an old snapshot is deleted, once; one that an image begins with is not', async () => {
  const action = scene.action('delete-snapshot');
  const made = await ec2.send(new CreateSnapshotCommand({ VolumeId: await volume() }));
  const target = targetOf(arn('snapshot', made.SnapshotId));
  expect(await refusalOf(action, target)).toBeUndefined();
  await applyThrice(action, target);
  expect(await action.observe(target)).toBeUndefined();

  const { ImageId = '' } = await ec2.send(new CreateImageCommand({ InstanceId: (await launch()).id, Name: 'golden' }));
  const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
  const used = Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId;
  expect(await refusalOf(action, targetOf(arn('snapshot', used)))).toContain(ImageId);
});

test('an address that nothing uses is released, once; one that is associated meanwhile is not', async () => {
  const action = scene.action('release-address');
  const free = targetOf(arn('elastic-ip', (await ec2.send(new AllocateAddressCommand({}))).AllocationId));
  expect(await refusalOf(action, free)).toBeUndefined();
  await applyThrice(action, free);
  expect(await action.observe(free)).toBeUndefined();

  const { AllocationId } = await ec2.send(new AllocateAddressCommand({}));
  await ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId: (await launch()).id }));
  expect(await refusalOf(action, targetOf(arn('elastic-ip', AllocationId)))).toContain('associated');
});

test('an instance is terminated after snapshots of the volumes that go with it; the others stay', async () => {
  const action = scene.action('terminate-instance');
  const { id, root } = await launch();
  const data = await volume();
  await attach(data, id);
  await ec2.send(new CreateTagsCommand({ Resources: [root], Tags: [{ Key: 'team', Value: 'web' }] }));
  const target = targetOf(id, { snapshotVolumeIds: [root] });
  expect(await refusalOf(action, target)).toBeUndefined();
  const run = await applyThrice(action, target);
  expect(action.isDone(await action.observe(target), run)).toBe(true);
  expect((await snapshotsOf(root)).map(({ SnapshotId }) => SnapshotId)).toEqual([Object(run.outcome.snapshots)[root]]);
  expect(await snapshotsOf(data)).toEqual([]);
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [data] }));
  expect(Volumes?.[0]?.State).toBe('available');
});

test('an instance with termination protection, or without a volume that was to go with it, is left alone', async () => {
  const action = scene.action('terminate-instance');
  const { id } = await launch();
  expect(await refusalOf(action, targetOf(id, { snapshotVolumeIds: ['vol-gone'] }))).toContain('vol-gone');
  await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: true } }));
  expect(await refusalOf(action, targetOf(id, { snapshotVolumeIds: [] }))).toContain('protection');
});
