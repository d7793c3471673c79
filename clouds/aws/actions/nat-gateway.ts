import {
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  EC2Client,
  type NatGateway,
  paginateDescribeRouteTables,
  paginateDescribeSubnets,
  ReplaceRouteCommand,
  type Route,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { tagsOf } from '../inventory/kind.ts';
import { ifThere, type PlaceOf } from './action.ts';

/** A route that leads to a gateway; one of the destinations is given. */
export type GatewayRoute = Pick<
  Route,
  'DestinationCidrBlock' | 'DestinationIpv6CidrBlock' | 'DestinationPrefixListId'
> & {
  RouteTableId: string;
};

/** Returns a NAT gateway as EC2 describes it, deleted or not; undefined when it is not known any more. */
export async function describeGateway(at: PlaceOf, target: ActionTarget, id: string): Promise<NatGateway | undefined> {
  const command = new DescribeNatGatewaysCommand({ NatGatewayIds: [id] });
  const found = await ifThere(() => at(target).client(EC2Client).send(command));
  return found?.NatGateways?.[0];
}

/** Returns the NAT gateway `id` as it is now; undefined when it is deleted or was never there. */
export async function observeGateway(
  at: PlaceOf,
  target: ActionTarget,
  id: string,
): Promise<ObservedResource | undefined> {
  const gateway = await describeGateway(at, target, id);
  if (gateway?.State === undefined || gateway.State === 'deleted') return undefined;
  const addresses = gateway.NatGatewayAddresses ?? [];
  return {
    state: gateway.State,
    configuration: {
      connectivity: gateway.ConnectivityType ?? 'public',
      vpcId: gateway.VpcId,
      subnetId: gateway.SubnetId,
      addresses: addresses.length,
      allocationId: addresses[0]?.AllocationId,
    },
    tags: tagsOf(gateway.Tags),
  };
}

/** Returns the route tables of a VPC. */
export async function routeTablesOf(at: PlaceOf, target: ActionTarget, vpcId: string): Promise<RouteTable[]> {
  const tables: RouteTable[] = [];
  const client = at(target).client(EC2Client);
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  for await (const { RouteTables } of paginateDescribeRouteTables({ client }, { Filters }))
    tables.push(...(RouteTables ?? []));
  return tables;
}

/** Returns the routes among them that lead to a gateway. */
export function routesTo(tables: readonly RouteTable[], gatewayId: string): GatewayRoute[] {
  return tables.flatMap(({ RouteTableId = '', Routes }) =>
    (Routes ?? [])
      .filter(({ NatGatewayId }) => NatGatewayId === gatewayId)
      .map(({ DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId }) => ({
        ...{ RouteTableId, DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId },
      })),
  );
}

/** Returns the subnets that have network interfaces in use and whose traffic is routed to a gateway. */
export async function subnetsServed(
  at: PlaceOf,
  target: ActionTarget,
  { vpcId, gatewayId, tables }: { vpcId: string; gatewayId: string; tables: readonly RouteTable[] },
): Promise<string[]> {
  const leading = new Set(routesTo(tables, gatewayId).map(({ RouteTableId }) => RouteTableId));
  if (leading.size === 0) return [];
  const client = at(target).client(EC2Client);
  const associations = tables.flatMap(({ RouteTableId = '', Associations }) =>
    (Associations ?? []).map(({ SubnetId, Main }) => ({ RouteTableId, SubnetId, Main })),
  );
  const main = associations.find(({ Main }) => Main === true)?.RouteTableId ?? '';
  const tableOf = new Map(associations.map(({ SubnetId, RouteTableId }) => [SubnetId, RouteTableId]));
  const served: string[] = [];
  // A subnet without a table of its own uses the main one.
  for await (const { Subnets } of paginateDescribeSubnets(
    { client },
    { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] },
  ))
    for (const { SubnetId = '' } of Subnets ?? [])
      if (leading.has(tableOf.get(SubnetId) ?? main) && (await isUsed(client, SubnetId))) served.push(SubnetId);
  return served.sort();
}

/** The interface of a gateway itself: EC2 answers nat_gateway, its description says natGateway. */
const NAT = /^nat_?gateway$/i;

async function isUsed(client: EC2Client, subnetId: string): Promise<boolean> {
  const Filters = [
    { Name: 'subnet-id', Values: [subnetId] },
    { Name: 'status', Values: ['in-use'] },
  ];
  const { NetworkInterfaces } = await client.send(new DescribeNetworkInterfacesCommand({ Filters }));
  return (NetworkInterfaces ?? []).some(({ InterfaceType }) => !NAT.test(String(InterfaceType)));
}

/** Has routes lead to another gateway; doing it twice is as good as once. */
export async function leadTo(
  at: PlaceOf,
  target: ActionTarget,
  routes: readonly GatewayRoute[],
  gatewayId: string,
): Promise<void> {
  for (const route of routes)
    await at(target)
      .client(EC2Client)
      .send(new ReplaceRouteCommand({ ...route, NatGatewayId: gatewayId }));
}
