import { EC2Client, paginateDescribeVolumes } from '@aws-sdk/client-ec2';
import { type InventoryKind, known, nameIn, SERVICE, tagsOf } from './kind.ts';

/** EBS volumes. */
export const volumes: InventoryKind = {
  resourceTypes: ['ec2:volume'],
  async *read({ place }) {
    for await (const { Volumes } of paginateDescribeVolumes({ client: place.client(EC2Client), pageSize: 500 }, {})) {
      for (const volume of Volumes ?? []) {
        if (volume.VolumeId === undefined) continue;
        const tags = tagsOf(volume.Tags);
        const attached = (volume.Attachments ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
        yield {
          resourceId: volume.VolumeId,
          resourceType: 'ec2:volume',
          serviceName: SERVICE.ec2,
          name: nameIn(tags),
          availabilityZone: volume.AvailabilityZone ?? null,
          state: volume.State ?? 'unknown',
          createdAt: volume.CreateTime,
          tags,
          configuration: known({
            volumeType: volume.VolumeType,
            sizeGib: volume.Size,
            iops: volume.Iops,
            throughputMibPerSecond: volume.Throughput,
            attachedTo: attached[0],
            alsoAttachedTo: attached.length > 1 ? attached.slice(1).sort() : undefined,
            attachedSince: volume.Attachments?.[0]?.AttachTime?.toISOString(),
            goesWithInstance: volume.Attachments?.[0]?.DeleteOnTermination,
            isMultiAttach: volume.MultiAttachEnabled || undefined,
            isEncrypted: volume.Encrypted,
            snapshotId: volume.SnapshotId || undefined,
          }),
        };
      }
    }
  },
};
