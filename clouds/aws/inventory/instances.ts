import { EC2Client, type Instance, type InstanceTypeInfo, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { type FoundResource, type InventoryKind, known, nameIn, SERVICE, tagsOf } from './kind.ts';

/** EC2 instances, those of node groups and Auto Scaling groups included. Terminated ones are shown for an hour and are gone. */
export const instances: InventoryKind = {
  resourceTypes: ['ec2:instance'],
  async *read(region) {
    const client = region.place.client(EC2Client);
    for await (const { Reservations } of paginateDescribeInstances({ client, pageSize: 500 }, {})) {
      const found = (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []).filter(isThere);
      const types = await region.instanceTypes(found.flatMap(({ InstanceType }) => InstanceType ?? []));
      for (const instance of found) yield resourceOf(instance, types.get(instance.InstanceType ?? ''));
    }
  },
};

function isThere({ InstanceId, State }: Instance): boolean {
  return InstanceId !== undefined && State?.Name !== 'terminated';
}

function resourceOf(instance: Instance, type: InstanceTypeInfo | undefined): FoundResource {
  const tags = tagsOf(instance.Tags);
  return {
    resourceId: instance.InstanceId ?? '',
    resourceType: 'ec2:instance',
    serviceName: SERVICE.ec2,
    name: nameIn(tags),
    availabilityZone: instance.Placement?.AvailabilityZone ?? null,
    state: instance.State?.Name ?? 'unknown',
    createdAt: instance.LaunchTime,
    tags,
    configuration: known({
      instanceType: instance.InstanceType,
      ...sizeOf(type),
      architecture: instance.Architecture,
      platform: instance.PlatformDetails ?? (instance.Platform === 'Windows' ? 'Windows' : 'Linux/UNIX'),
      lifecycle: instance.InstanceLifecycle,
      tenancy: instance.Placement?.Tenancy,
      imageId: instance.ImageId,
      isEbsOptimized: instance.EbsOptimized,
      volumes: (instance.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.VolumeId ?? []).sort(),
      stoppedReason: instance.State?.Name === 'stopped' ? instance.StateTransitionReason : undefined,
      autoScalingGroup: tags['aws:autoscaling:groupName'],
      eksCluster: tags['eks:cluster-name'] ?? tags['aws:eks:cluster-name'],
      eksNodegroup: tags['eks:nodegroup-name'],
    }),
  };
}

/** Returns what a type of instance is made of, as far as it is known. */
export function sizeOf(type: InstanceTypeInfo | undefined): Record<string, unknown> {
  const memory = type?.MemoryInfo?.SizeInMiB;
  return known({
    vcpus: type?.VCpuInfo?.DefaultVCpus,
    memoryGib: memory === undefined ? undefined : memory / 1024,
    accelerators: type?.GpuInfo?.Gpus?.reduce((sum, { Count }) => sum + (Count ?? 0), 0),
  });
}
