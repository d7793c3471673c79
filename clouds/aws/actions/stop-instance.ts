import { EC2Client, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import type { AwsAction } from './action.ts';
import { wouldDo } from './dry-run.ts';
import { observeInstance, refuseInstance } from './instance.ts';

/** Stops an EC2 instance: its compute is no longer paid for, its volumes and addresses are. Both calls do nothing to what is so already. */
export const stopInstance: AwsAction = (at) => ({
  name: 'stop-instance',
  restsOn: ['state', 'configuration.instanceType'],
  operations: ['EC2.DescribeInstances', 'EC2.StopInstances', 'EC2.StartInstances'],
  observe: (target) => observeInstance(at, target),
  refusal: refuseInstance,
  rehearse: (target) =>
    wouldDo(() =>
      at(target)
        .client(EC2Client)
        .send(new StopInstancesCommand({ InstanceIds: [target.resourceId], DryRun: true })),
    ),
  async apply({ target }) {
    await at(target)
      .client(EC2Client)
      .send(new StopInstancesCommand({ InstanceIds: [target.resourceId] }));
  },
  isDone: (observed) => observed?.state === 'stopped',
  async undo({ target }) {
    await at(target)
      .client(EC2Client)
      .send(new StartInstancesCommand({ InstanceIds: [target.resourceId] }));
  },
  isUndone: (observed) => observed?.state === 'running',
});
