import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';
import { natDoubled } from './nat-doubled.ts';

const gateway = (resourceId: string, bytes: number, availabilityZone: string | null = 'us-east-1a') => ({
  resource: {
    ...{ resourceId, type: 'ec2:natgateway', state: 'available', availabilityZone },
    configuration: { vpcId: 'vpc-1' },
  },
  metrics: { bytes_in_from_source: { sum: bytes }, bytes_in_from_destination: { sum: 0 } },
  charges: [
    { usageType: 'NatGateway-Hours', effectiveCost: '32.4' },
    { usageType: 'NatGateway-Bytes', effectiveCost: '90' },
  ],
});
const beside = (own: ReturnType<typeof gateway>, ...others: ReturnType<typeof gateway>[]): Given => ({
  ...own,
  related: { sameZone: others },
});
const deleted = (routesTo: string) => ({ does: { routesTo }, saves: '32.85' });

golden(natDoubled, [
  [
    'the other one carries more; what this one carries is paid for there',
    beside(gateway('b', 5), gateway('a', 10)),
    deleted('a'),
  ],
  ['of equal ones the first stays', beside(gateway('b', 5), gateway('a', 5)), deleted('a')],
  ['it is the first of equal ones', beside(gateway('a', 5), gateway('b', 5)), 'keep'],
  ['it carries most', beside(gateway('b', 10), gateway('a', 5)), 'keep'],
  ['alone in its zone', beside(gateway('a', 5)), 'keep'],
  ['its zone is not known', beside(gateway('a', 5, null)), 'unknown'],
  [
    'of all zones',
    { ...gateway('a', 5, null), resource: { state: 'available', configuration: { availabilityMode: 'regional' } } },
    'not concerned',
  ],
]);
