import {
  EC2Client,
  ModifyInstanceAttributeCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  waitUntilInstanceStopped,
} from '@aws-sdk/client-ec2';
import type { ActionRun, ActionTarget, ObservedResource } from '../../action.ts';
import { type AwsAction, beforeOf, type PlaceOf, textParameter } from './action.ts';
import { wouldDo } from './dry-run.ts';
import { observeInstance, refuseInstance } from './instance.ts';

/**
 * Changes the type of an EC2 instance, which takes a stop and a start: the public address changes unless it is an Elastic IP.
 */
export const resizeInstance: AwsAction = (at) => ({
  name: 'resize-instance',
  restsOn: ['state', 'configuration.instanceType'],
  operations: ['EC2.DescribeInstances', 'EC2.StopInstances', 'EC2.ModifyInstanceAttribute', 'EC2.StartInstances'],
  observe: (target) => observeInstance(at, target),
  refusal: refuseInstance,
  rehearse: (target) =>
    wouldDo(() =>
      at(target)
        .client(EC2Client)
        .send(new StopInstancesCommand({ InstanceIds: [target.resourceId], DryRun: true })),
    ),
  apply: (run) => makeType(at, run, wantedType(run.target), stateBefore(run)),
  isDone: (observed, run) => isSo(observed, wantedType(run.target), stateBefore(run)),
  undo: (run) => makeType(at, run, typeBefore(run), stateBefore(run)),
  isUndone: (observed, run) => isSo(observed, typeBefore(run), stateBefore(run)),
});

const wantedType = (target: ActionTarget): string => textParameter(target, 'instanceType');
const stateBefore = (run: Pick<ActionRun, 'outcome'>): string => String(beforeOf(run).state ?? 'running');
const typeBefore = (run: Pick<ActionRun, 'outcome'>): string => String(beforeOf(run)['configuration.instanceType']);

const isSo = (observed: ObservedResource | undefined, type: string, state: string): boolean =>
  observed?.configuration.instanceType === type && observed.state === state;

/** A machine takes a new type only while it is stopped, and is started again only where it ran before. */
async function makeType(at: PlaceOf, { target, signal }: ActionRun, type: string, state: string): Promise<void> {
  const client = at(target).client(EC2Client);
  const id = target.resourceId;
  const observed = await observeInstance(at, target);
  if (observed?.configuration.instanceType !== type) {
    await client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    const patience = { client, maxWaitTime: 600, minDelay: 2, maxDelay: 10, abortSignal: signal };
    await waitUntilInstanceStopped(patience, { InstanceIds: [id] });
    await client.send(new ModifyInstanceAttributeCommand({ InstanceId: id, InstanceType: { Value: type } }));
  }
  if (state === 'running') await client.send(new StartInstancesCommand({ InstanceIds: [id] }));
}
