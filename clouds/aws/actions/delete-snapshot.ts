import {
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  paginateDescribeImages,
} from '@aws-sdk/client-ec2';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { lastPart, tagsOf } from '../inventory/kind.ts';
import { type AwsAction, ifThere, type PlaceOf } from './action.ts';
import { wouldDo } from './dry-run.ts';

/** Deletes an EBS snapshot that no image of the account begins with. */
export const deleteSnapshot: AwsAction = (at) => ({
  name: 'delete-snapshot',
  restsOn: ['state'],
  operations: ['EC2.DescribeSnapshots', 'EC2.DescribeImages', 'EC2.DeleteSnapshot'],
  observe: (target) => observe(at, target),
  refusal: refuse,
  rehearse: (target) =>
    wouldDo(() =>
      at(target)
        .client(EC2Client)
        .send(new DeleteSnapshotCommand({ SnapshotId: idOf(target), DryRun: true })),
    ),
  async apply({ target }) {
    const command = new DeleteSnapshotCommand({ SnapshotId: idOf(target) });
    await ifThere(() => at(target).client(EC2Client).send(command));
  },
  isDone: (observed) => observed === undefined,
});

/** On the bill a snapshot is its ARN. */
const idOf = ({ resourceId }: ActionTarget): string => lastPart(resourceId);

async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const client = at(target).client(EC2Client);
  const id = idOf(target);
  const found = await ifThere(() => client.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] })));
  const snapshot = found?.Snapshots?.[0];
  if (snapshot?.State === undefined) return undefined;
  const usedByImages: string[] = [];
  const asked = { Owners: ['self'], IncludeDisabled: true, IncludeDeprecated: true };
  for await (const { Images } of paginateDescribeImages({ client }, asked)) {
    for (const { ImageId, BlockDeviceMappings } of Images ?? [])
      if (ImageId !== undefined && BlockDeviceMappings?.some(({ Ebs }) => Ebs?.SnapshotId === id))
        usedByImages.push(ImageId);
  }
  return { state: snapshot.State, configuration: { usedByImages }, tags: tagsOf(snapshot.Tags) };
}

function refuse({ state, configuration }: ObservedResource): string | undefined {
  const images = configuration.usedByImages as string[];
  if (images.length > 0) return `The image ${images.join(', ')} begins with it; deregister that first.`;
  return state === 'completed' ? undefined : `It is ${state}.`;
}
