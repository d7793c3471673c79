import {
  CreateSnapshotCommand,
  EC2Client,
  paginateDescribeSnapshots,
  type Volume,
  waitUntilSnapshotCompleted,
} from '@aws-sdk/client-ec2';
import { PennyError } from '../../../errors.ts';
import type { ActionRun } from '../../action.ts';
import { tagsOf } from '../inventory/kind.ts';
import { type PlaceOf, TOKEN_TAG, tagsFrom } from './action.ts';

/**
 * Returns the id of a complete snapshot of a volume that is going to be deleted. It has the tags of the volume and the token of the
 * remediation, by which a later try finds it instead of making another one.
 */
export async function snapshotFirst(at: PlaceOf, { target, signal }: ActionRun, volume: Volume): Promise<string> {
  const client = at(target).client(EC2Client);
  const id = (await findSnapshot(client, target.token, volume)) ?? (await makeSnapshot(client, target.token, volume));
  // Its first copy of a large volume takes long; a later try goes on waiting.
  const patience = { client, maxWaitTime: 1800, minDelay: 2, maxDelay: 15, abortSignal: signal };
  await waitUntilSnapshotCompleted(patience, { SnapshotIds: [id] });
  return id;
}

async function findSnapshot(client: EC2Client, token: string, { VolumeId = '' }: Volume): Promise<string | undefined> {
  const Filters = [
    { Name: `tag:${TOKEN_TAG}`, Values: [token] },
    { Name: 'volume-id', Values: [VolumeId] },
  ];
  for await (const { Snapshots } of paginateDescribeSnapshots({ client }, { OwnerIds: ['self'], Filters })) {
    for (const { SnapshotId, State, StateMessage } of Snapshots ?? []) {
      if (State === 'error')
        throw new PennyError(
          'cloud_refused',
          `The snapshot ${SnapshotId} failed: ${StateMessage ?? 'no reason given'}.`,
        );
      if (SnapshotId !== undefined) return SnapshotId;
    }
  }
  return undefined;
}

async function makeSnapshot(client: EC2Client, token: string, { VolumeId, Tags }: Volume): Promise<string> {
  const made = await client.send(
    new CreateSnapshotCommand({
      VolumeId,
      Description: `Made by Penny before ${VolumeId} was deleted`,
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: tagsFrom(tagsOf(Tags), token) }],
    }),
  );
  if (made.SnapshotId === undefined)
    throw new PennyError('cloud_unavailable', 'AWS does not name the snapshot it made.');
  return made.SnapshotId;
}
