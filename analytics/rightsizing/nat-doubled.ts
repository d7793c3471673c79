import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { type RelatedEvidence, textOf } from './evidence.ts';

export const natDoubled = defineCheck({
  id: 'nat-doubled',
  version: '2',
  title: 'NAT gateways of which one would do',
  about:
    'A NAT gateway that stands in the same availability zone of a VPC as another one: both are lost together, so the second protects nothing.',
  resourceTypes: ['ec2:natgateway'],
  needs: ({ lookBackDays }) => {
    const metrics = ['bytes_in_from_source', 'bytes_in_from_destination'].map((metric) => ({
      metric,
      windowDays: lookBackDays,
    }));
    return {
      metrics,
      related: [
        {
          name: 'sameZone',
          resourceType: 'ec2:natgateway',
          on: [
            [
              ['availabilityZone', 'availabilityZone'],
              ['configuration.vpcId', 'configuration.vpcId'],
              ['configuration.connectivity', 'configuration.connectivity'],
              ['subAccountId', 'subAccountId'],
            ],
          ],
          metrics,
        },
      ],
    };
  },
  evaluate(evidence, settings) {
    const { resource, related, charges } = evidence;
    if (resource.state !== 'available') return NOT_CONCERNED;
    if (textOf(resource, 'availabilityMode') === 'regional') return NOT_CONCERNED;
    if (textOf(resource, 'vpcId') === undefined || resource.availabilityZone === null)
      return unknown('the zone it stands in is not known');
    const others = (related.sameZone ?? []).filter((other) => other.resource.state === 'available');
    if (others.length === 0) return keep('It is the only one in its zone.');
    // One of them stays: the one that carries most, and of equal ones the first.
    const stays = [evidence, ...others].sort((one, other) => carried(other) - carried(one) || order(one, other))[0];
    const measured: Measured[] = [
      { what: 'other gateways in the zone', value: others.length, unit: null, limit: 0 },
      { what: 'carried', value: carried(evidence), unit: 'bytes' },
    ];
    if (stays?.resource.resourceId === resource.resourceId)
      return keep('Of those in its zone it carries most.', measured);
    return {
      verdict: 'recommend',
      action: { action: 'delete-nat-gateway', parameters: { routesTo: stays?.resource.resourceId ?? null } },
      title: 'Route through the other NAT gateway of the zone and delete this one',
      measured,
      rule: 'Another NAT gateway stands in the same zone of the VPC and carries more.',
      savings: [
        {
          resourceId: resource.resourceId,
          charges: charges.filter(({ usageType }) => usageType !== null && /NatGateway-Hours/.test(usageType)),
          savedShare: '1',
          why: 'hours of the gateway; what it carries goes through the other one',
        },
      ],
      risk: 'medium',
      effort: 'medium',
      notes: [
        `A gateway carries up to 100 Gbit a second and 55,000 connections to one destination; look whether both together stay below, over ${settings.lookBackDays} days.`,
        'Who is allowed by the address of this gateway has to be told of the other one.',
      ],
    };
  },
});

function carried({ metrics }: Pick<RelatedEvidence, 'metrics'>): number {
  return (metrics.bytes_in_from_source?.sum ?? 0) + (metrics.bytes_in_from_destination?.sum ?? 0);
}

const order = (one: Pick<RelatedEvidence, 'resource'>, other: Pick<RelatedEvidence, 'resource'>): number =>
  one.resource.resourceId < other.resource.resourceId ? -1 : 1;
