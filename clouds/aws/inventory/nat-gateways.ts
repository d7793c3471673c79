import { EC2Client, paginateDescribeNatGateways } from '@aws-sdk/client-ec2';
import { type InventoryKind, known, nameIn, SERVICE, tagsOf } from './kind.ts';

/** NAT gateways. On the bill a gateway is its ARN. Deleted ones are shown for an hour and are gone. */
export const natGateways: InventoryKind = {
  resourceTypes: ['ec2:natgateway'],
  async *read({ place, accountId, regionId }) {
    for await (const { NatGateways } of paginateDescribeNatGateways({ client: place.client(EC2Client) }, {})) {
      for (const gateway of NatGateways ?? []) {
        if (gateway.NatGatewayId === undefined || gateway.State === 'deleted') continue;
        const tags = tagsOf(gateway.Tags);
        yield {
          resourceId: `arn:aws:ec2:${regionId}:${accountId}:natgateway/${gateway.NatGatewayId}`,
          resourceType: 'ec2:natgateway',
          serviceName: SERVICE.ec2,
          name: nameIn(tags),
          state: gateway.State ?? 'unknown',
          createdAt: gateway.CreateTime,
          tags,
          configuration: known({
            natGatewayId: gateway.NatGatewayId,
            connectivity: gateway.ConnectivityType,
            vpcId: gateway.VpcId,
            subnetId: gateway.SubnetId,
          }),
        };
      }
    }
  },
};
