import {
  type ConnectivityType,
  CreateNatGatewayCommand,
  DeleteNatGatewayCommand,
  EC2Client,
  paginateDescribeNatGateways,
  waitUntilNatGatewayAvailable,
} from '@aws-sdk/client-ec2';
import { PennyError } from '../../../errors.ts';
import type { ActionRun, ActionTarget, ObservedResource } from '../../action.ts';
import { lastPart, tagsOf } from '../inventory/kind.ts';
import { type AwsAction, ifThere, type PlaceOf, TOKEN_TAG, tagsFrom } from './action.ts';
import { wouldDo } from './dry-run.ts';
import { type GatewayRoute, leadTo, observeGateway, routesTo, routeTablesOf, subnetsServed } from './nat-gateway.ts';

/**
 * Deletes a NAT gateway: one through which nothing that runs is routed, or one whose routes are given to another gateway first. Its address
 * stays, so that the gateway can be made again with it.
 */
export const deleteNatGateway: AwsAction = (at) => ({
  name: 'delete-nat-gateway',
  restsOn: ['state', 'configuration.vpcId', 'configuration.subnetId'],
  operations: [
    'EC2.DescribeNatGateways',
    'EC2.DescribeRouteTables',
    'EC2.DescribeSubnets',
    'EC2.DescribeNetworkInterfaces',
    'EC2.ReplaceRoute',
    'EC2.DeleteNatGateway',
    'EC2.CreateNatGateway',
  ],
  observe: (target) => observe(at, target),
  refusal: refuse,
  rehearse: (target) =>
    wouldDo(() =>
      at(target)
        .client(EC2Client)
        .send(new DeleteNatGatewayCommand({ NatGatewayId: idOf(target), DryRun: true })),
    ),
  apply: (run) => apply(at, run),
  isDone: (observed) => observed === undefined,
  undo: (run) => restore(at, run),
  isUndone: (_, { outcome }) => typeof outcome.restoredNatGatewayId === 'string',
});

/** On the bill a gateway is its ARN. */
const idOf = ({ resourceId }: ActionTarget): string => lastPart(resourceId);

function otherGateway({ parameters }: ActionTarget): string | undefined {
  return typeof parameters.routesTo === 'string' ? lastPart(parameters.routesTo) : undefined;
}

/** With who is routed through it, and how the gateway is that takes over. */
async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const gatewayId = idOf(target);
  const observed = await observeGateway(at, target, gatewayId);
  if (observed === undefined || observed.state !== 'available') return observed;
  const vpcId = String(observed.configuration.vpcId);
  const tables = await routeTablesOf(at, target, vpcId);
  const served = await subnetsServed(at, target, { vpcId, gatewayId, tables });
  const otherId = otherGateway(target);
  const other = otherId === undefined ? undefined : await observeGateway(at, target, otherId);
  const configuration = {
    ...observed.configuration,
    ...{ served, otherState: other?.state, otherVpcId: other?.configuration.vpcId },
  };
  return { ...observed, configuration };
}

function refuse({ state, configuration }: ObservedResource, target: ActionTarget): string | undefined {
  const { subnetId, addresses, served, otherState, vpcId, otherVpcId } = configuration;
  const other = otherGateway(target);
  if (state !== 'available') return `It is ${state}.`;
  if (subnetId === undefined || Number(addresses) > 1)
    return 'It has several addresses or subnets; that is work for people.';
  if (other !== undefined && (otherState !== 'available' || vpcId !== otherVpcId))
    return `The gateway that would take over, ${other}, is not available in its VPC.`;
  if (other === undefined && (served as string[]).length > 0)
    return `What runs in ${(served as string[]).join(', ')} is routed through it.`;
  return undefined;
}

async function apply(at: PlaceOf, run: ActionRun): Promise<void> {
  const { target, outcome, keep } = run;
  const gatewayId = idOf(target);
  const observed = await observeGateway(at, target, gatewayId);
  if (observed === undefined || observed.state === 'deleting') return;
  // Those of the first try: some lead elsewhere by now.
  if (outcome.routes === undefined) {
    const tables = await routeTablesOf(at, target, String(observed.configuration.vpcId));
    await keep({ gateway: observed, routes: routesTo(tables, gatewayId) });
  }
  const other = otherGateway(target);
  if (other !== undefined) await leadTo(at, target, run.outcome.routes as GatewayRoute[], other);
  const command = new DeleteNatGatewayCommand({ NatGatewayId: gatewayId });
  await ifThere(() => at(target).client(EC2Client).send(command));
}

async function restore(at: PlaceOf, { target, outcome, keep, signal }: ActionRun): Promise<void> {
  const before = outcome.gateway as ObservedResource | undefined;
  if (before === undefined)
    throw new PennyError('cloud_refused', 'It is not known how it was: it was not Penny that deleted it.');
  const client = at(target).client(EC2Client);
  const id = (await findRestored(client, target.token)) ?? (await make(before));
  const patience = { client, maxWaitTime: 900, minDelay: 2, maxDelay: 15, abortSignal: signal };
  await waitUntilNatGatewayAvailable(patience, { NatGatewayIds: [id] });
  await leadTo(at, target, outcome.routes as GatewayRoute[], id);
  await keep({ restoredNatGatewayId: id });

  async function make({ configuration, tags }: ObservedResource): Promise<string> {
    const asked = new CreateNatGatewayCommand({
      SubnetId: String(configuration.subnetId),
      ConnectivityType: configuration.connectivity as ConnectivityType,
      AllocationId: configuration.allocationId as string | undefined,
      ClientToken: target.token,
      TagSpecifications: [{ ResourceType: 'natgateway', Tags: tagsFrom(tags, target.token) }],
    });
    return (await client.send(asked)).NatGateway?.NatGatewayId ?? '';
  }
}

async function findRestored(client: EC2Client, token: string): Promise<string | undefined> {
  const Filter = [{ Name: `tag:${TOKEN_TAG}`, Values: [token] }];
  for await (const { NatGateways } of paginateDescribeNatGateways({ client }, { Filter })) {
    // Not every stand-in for EC2 knows that filter.
    for (const { NatGatewayId, State, Tags } of NatGateways ?? [])
      if ((State === 'pending' || State === 'available') && tagsOf(Tags)[TOKEN_TAG] === token) return NatGatewayId;
  }
  return undefined;
}
