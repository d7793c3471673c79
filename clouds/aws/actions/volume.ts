import { DescribeVolumesCommand, EC2Client, type Volume } from '@aws-sdk/client-ec2';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { tagsOf } from '../inventory/kind.ts';
import { ifThere, type PlaceOf } from './action.ts';

/** Returns an EBS volume as EC2 describes it; undefined when it is not there. */
export async function describeVolume(at: PlaceOf, target: ActionTarget, id: string): Promise<Volume | undefined> {
  const found = await ifThere(() =>
    at(target)
      .client(EC2Client)
      .send(new DescribeVolumesCommand({ VolumeIds: [id] })),
  );
  return found?.Volumes?.[0];
}

/** Returns an EBS volume as it is now; undefined when it is deleted, is just being, or was never there. */
export async function observeVolume(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const volume = await describeVolume(at, target, target.resourceId);
  if (volume?.State === undefined || volume.State === 'deleted' || volume.State === 'deleting') return undefined;
  const attached = (volume.Attachments ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
  return {
    state: volume.State,
    configuration: {
      volumeType: volume.VolumeType,
      sizeGib: volume.Size,
      iops: volume.Iops,
      throughputMibPerSecond: volume.Throughput,
      attachedTo: attached[0],
      isMultiAttach: volume.MultiAttachEnabled || undefined,
      device: volume.Attachments?.[0]?.Device,
    },
    tags: tagsOf(volume.Tags),
  };
}
