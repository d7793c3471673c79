import {
  EC2Client,
  paginateDescribeImages,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
} from '@aws-sdk/client-ec2';
import { type InventoryKind, known, nameIn, type Region, SERVICE, tagsOf } from './kind.ts';

/** What AWS names as the volume of a snapshot that was copied or imported. */
const NO_VOLUME = 'vol-ffffffff';

/** EBS snapshots that the account owns. On the bill a snapshot is its ARN. */
export const snapshots: InventoryKind = {
  resourceTypes: ['ec2:snapshot'],
  async *read(region) {
    const { place, accountId, regionId } = region;
    const existing = await volumeIds(region);
    const images = await imagesBySnapshot(region);
    const pages = paginateDescribeSnapshots(
      { client: place.client(EC2Client), pageSize: 1000 },
      { OwnerIds: ['self'] },
    );
    for await (const { Snapshots } of pages) {
      for (const snapshot of Snapshots ?? []) {
        if (snapshot.SnapshotId === undefined) continue;
        const tags = tagsOf(snapshot.Tags);
        const source = snapshot.VolumeId === NO_VOLUME ? undefined : snapshot.VolumeId;
        yield {
          resourceId: `arn:aws:ec2:${regionId}:${accountId}:snapshot/${snapshot.SnapshotId}`,
          resourceType: 'ec2:snapshot',
          serviceName: SERVICE.ec2,
          name: nameIn(tags),
          state: snapshot.State ?? 'unknown',
          createdAt: snapshot.StartTime,
          tags,
          configuration: known({
            snapshotId: snapshot.SnapshotId,
            sizeGib: snapshot.VolumeSize,
            sourceVolumeId: source,
            sourceVolumeExists: source === undefined ? undefined : existing.has(source),
            usedByImages: images.get(snapshot.SnapshotId) ?? [],
            storageTier: snapshot.StorageTier,
            description: snapshot.Description || undefined,
          }),
        };
      }
    }
  },
};

/** Volumes are asked for before snapshots, so that none made in between looks like one that was deleted. */
async function volumeIds({ place }: Region): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { Volumes } of paginateDescribeVolumes({ client: place.client(EC2Client), pageSize: 500 }, {})) {
    for (const { VolumeId } of Volumes ?? []) if (VolumeId !== undefined) ids.add(VolumeId);
  }
  return ids;
}

/** Returns the account's own images that begin with a snapshot, by its id: it can't be deleted while they are registered. */
async function imagesBySnapshot({ place }: Region): Promise<Map<string, string[]>> {
  const images = new Map<string, string[]>();
  const pages = paginateDescribeImages(
    { client: place.client(EC2Client), pageSize: 500 },
    { Owners: ['self'], IncludeDisabled: true, IncludeDeprecated: true },
  );
  for await (const { Images } of pages) {
    for (const { ImageId = '', BlockDeviceMappings } of Images ?? []) {
      for (const { Ebs } of BlockDeviceMappings ?? []) {
        if (Ebs?.SnapshotId !== undefined)
          images.set(Ebs.SnapshotId, [...(images.get(Ebs.SnapshotId) ?? []), ImageId].sort());
      }
    }
  }
  return images;
}
