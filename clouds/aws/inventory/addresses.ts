import { DescribeAddressesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { type InventoryKind, known, nameIn, SERVICE, tagsOf } from './kind.ts';

/** Elastic IP addresses. On the bill an address is the ARN of its allocation. */
export const addresses: InventoryKind = {
  resourceTypes: ['ec2:elastic-ip'],
  async *read({ place, accountId, regionId }) {
    // This operation has no pages.
    const { Addresses } = await place.client(EC2Client).send(new DescribeAddressesCommand({}));
    for (const address of Addresses ?? []) {
      if (address.AllocationId === undefined) continue;
      const tags = tagsOf(address.Tags);
      const user = address.InstanceId || address.NetworkInterfaceId || undefined;
      yield {
        resourceId: `arn:aws:ec2:${regionId}:${accountId}:elastic-ip/${address.AllocationId}`,
        resourceType: 'ec2:elastic-ip',
        serviceName: SERVICE.vpc,
        name: nameIn(tags),
        state: address.AssociationId || user !== undefined ? 'associated' : 'unassociated',
        tags,
        configuration: known({
          allocationId: address.AllocationId,
          publicIp: address.PublicIp,
          attachedTo: user,
          serviceManaged: address.ServiceManaged,
        }),
      };
    }
  },
};
