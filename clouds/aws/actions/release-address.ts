import { DescribeAddressesCommand, EC2Client, ReleaseAddressCommand } from '@aws-sdk/client-ec2';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { lastPart, tagsOf } from '../inventory/kind.ts';
import { type AwsAction, ifThere, type PlaceOf } from './action.ts';
import { wouldDo } from './dry-run.ts';

/** Gives an Elastic IP address back that is associated with nothing. */
export const releaseAddress: AwsAction = (at) => ({
  name: 'release-address',
  restsOn: ['state'],
  operations: ['EC2.DescribeAddresses', 'EC2.ReleaseAddress'],
  observe: (target) => observe(at, target),
  refusal: ({ state, configuration }) => {
    if (state !== 'unassociated') return `It is associated with ${configuration.attachedTo ?? 'something'}.`;
    if (configuration.serviceManaged !== undefined) return 'A service of AWS manages it.';
    return undefined;
  },
  rehearse: (target) =>
    wouldDo(() =>
      at(target)
        .client(EC2Client)
        .send(new ReleaseAddressCommand({ AllocationId: idOf(target), DryRun: true })),
    ),
  async apply({ target }) {
    const command = new ReleaseAddressCommand({ AllocationId: idOf(target) });
    await ifThere(() => at(target).client(EC2Client).send(command));
  },
  isDone: (observed) => observed === undefined,
});

/** On the bill an address is the ARN of its allocation. */
const idOf = ({ resourceId }: ActionTarget): string => lastPart(resourceId);

async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const command = new DescribeAddressesCommand({ AllocationIds: [idOf(target)] });
  const found = await ifThere(() => at(target).client(EC2Client).send(command));
  const address = found?.Addresses?.[0];
  if (address === undefined) return undefined;
  const attachedTo = address.InstanceId || address.NetworkInterfaceId || undefined;
  return {
    state: address.AssociationId || attachedTo !== undefined ? 'associated' : 'unassociated',
    configuration: { publicIp: address.PublicIp, attachedTo, serviceManaged: address.ServiceManaged },
    tags: tagsOf(address.Tags),
  };
}
