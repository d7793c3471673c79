import { ec2PreviousGeneration } from './ec2-previous-generation.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const type = (name: string, vcpu: string, memory: string, listUnitPrice: string) => ({
  product: `${name} linux`,
  listUnitPrice,
  attributes: { vcpu, memory: `${memory} GiB` },
});

const machine = (instanceType: string, prices: Given['prices']): Given => ({
  resource: { configuration: { instanceType } },
  charges: [{ usageType: `BoxUsage:${instanceType}`, instanceType, effectiveCost: '720' }],
  ...(prices === undefined ? {} : { prices }),
});
const M4 = type('m4.large', '2', '8', '0.100');

golden(ec2PreviousGeneration, [
  [
    'a cheaper newer type of its size',
    machine('m4.large', [M4, type('m5.large', '2', '8', '0.096'), type('m6g.large', '2', '8', '0.077')]),
    { does: { instanceType: 'm5.large' }, saves: '29.20' },
  ],
  [
    'saves exactly what is worth it',
    machine('m4.large', [M4, type('m5.large', '2', '8', '0.098')]),
    { does: { instanceType: 'm5.large' }, saves: '14.60' },
  ],
  ['saves less than that', machine('m4.large', [M4, type('m5.large', '2', '8', '0.0981')]), 'keep'],
  ['the newer ones have less memory', machine('m4.large', [M4, type('m5.large', '2', '4', '0.05')]), 'keep'],
  ['nothing newer is cheaper', machine('m4.large', [M4, type('m7i.large', '2', '8', '0.1008')]), 'keep'],
  [
    'a burstable one',
    machine('t2.large', [type('t2.large', '2', '8', '0.0928'), type('t3.large', '2', '8', '0.0832')]),
    { does: { instanceType: 't3.large' }, saves: '75.52' },
  ],
  ['of today', machine('m5.large', [type('m5.large', '2', '8', '0.096')]), 'not concerned'],
  ['another kind of machine', machine('i3.large', [type('i3.large', '2', '15', '0.156')]), 'not concerned'],
  ['its own price is not known', machine('m4.large', []), 'unknown'],
  ['not in the inventory', { resource: { configuration: null } }, 'unknown'],
]);
