import {
  EC2Client,
  type NatGateway,
  paginateDescribeNatGateways,
  paginateDescribeRouteTables,
  paginateDescribeSubnets,
} from '@aws-sdk/client-ec2';
import { type InventoryKind, inGroups, known, nameIn, SERVICE, tagsOf } from './kind.ts';

/**
 * NAT gateways, with the zone they stand in and the route tables that lead to them. On the bill a gateway is its ARN. Deleted ones are shown
 * for an hour and are gone.
 */
export const natGateways: InventoryKind = {
  resourceTypes: ['ec2:natgateway'],
  async *read({ place, accountId, regionId }) {
    const client = place.client(EC2Client);
    for await (const { NatGateways } of paginateDescribeNatGateways({ client, pageSize: 100 }, {})) {
      const found = (NatGateways ?? []).filter(({ NatGatewayId, State }) => NatGatewayId && State !== 'deleted');
      const zones = await zonesOf(client, found);
      const tables = await routeTablesTo(client, found);
      for (const gateway of found) {
        const { NatGatewayId = '', SubnetId = '' } = gateway;
        const tags = tagsOf(gateway.Tags);
        yield {
          resourceId: `arn:aws:ec2:${regionId}:${accountId}:natgateway/${NatGatewayId}`,
          resourceType: 'ec2:natgateway',
          serviceName: SERVICE.ec2,
          name: nameIn(tags),
          availabilityZone: zones.get(SubnetId) ?? null,
          state: gateway.State ?? 'unknown',
          createdAt: gateway.CreateTime,
          tags,
          configuration: known({
            natGatewayId: NatGatewayId,
            connectivity: gateway.ConnectivityType,
            // 'regional' stands in all zones, and in no subnet.
            availabilityMode: gateway.AvailabilityMode,
            vpcId: gateway.VpcId,
            subnetId: gateway.SubnetId,
            routeTables: [...(tables.get(NatGatewayId) ?? [])].sort(),
          }),
        };
      }
    }
  },
};

/** Returns the zone of each gateway's subnet. */
async function zonesOf(client: EC2Client, gateways: readonly NatGateway[]): Promise<ReadonlyMap<string, string>> {
  const zones = new Map<string, string>();
  const subnets = new Set(gateways.flatMap(({ SubnetId }) => SubnetId ?? []));
  for (const Values of inGroups([...subnets], 100)) {
    const asked = { Filters: [{ Name: 'subnet-id', Values }] };
    for await (const { Subnets } of paginateDescribeSubnets({ client }, asked))
      for (const { SubnetId = '', AvailabilityZone = '' } of Subnets ?? []) zones.set(SubnetId, AvailabilityZone);
  }
  return zones;
}

/** Returns the route tables with a route to each gateway. */
async function routeTablesTo(
  client: EC2Client,
  gateways: readonly NatGateway[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const tables = new Map<string, Set<string>>();
  const ids = gateways.flatMap(({ NatGatewayId }) => NatGatewayId ?? []);
  for (const Values of inGroups(ids, 100)) {
    const asked = { Filters: [{ Name: 'route.nat-gateway-id', Values }] };
    for await (const { RouteTables } of paginateDescribeRouteTables({ client }, asked)) {
      for (const { RouteTableId = '', Routes } of RouteTables ?? []) {
        for (const { NatGatewayId } of Routes ?? [])
          if (NatGatewayId) tables.set(NatGatewayId, (tables.get(NatGatewayId) ?? new Set()).add(RouteTableId));
      }
    }
  }
  return tables;
}
