import { ec2Graviton } from './ec2-graviton.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const type = (name: string, listUnitPrice: string) => ({
  product: `${name} linux`,
  listUnitPrice,
  attributes: { vcpu: '2', memory: '8 GiB' },
});
const sibling = (instanceType: string) => ({ resource: { configuration: { instanceType } } });

/** An m5.large whose application runs on these types besides. */
const machine = (others: string[], graviton = '0.077', configuration = {}): Given => ({
  resource: { configuration: { instanceType: 'm5.large', platform: 'Linux/UNIX', ...configuration } },
  charges: [{ usageType: 'BoxUsage:m5.large', instanceType: 'm5.large', effectiveCost: '720' }],
  related: { sameApplication: others.map(sibling) },
  prices: [type('m5.large', '0.1'), type('m6g.large', graviton)],
});

golden(ec2Graviton, [
  [
    'its application runs on Arm',
    machine(['m5.large', 'm7g.large']),
    { does: { instanceType: 'm6g.large' }, saves: '167.90' },
  ],
  ['saves exactly enough', machine(['t4g.large'], '0.09'), { does: {}, saves: '73.00' }],
  ['saves too little', machine(['t4g.large'], '0.0901'), 'keep'],
  ['nobody knows whether its software runs on Arm', machine(['m5.large']), 'unknown'],
  ['it has no application', machine([]), 'unknown'],
  ['its price is not known', { ...machine(['m7g.large']), prices: [] }, 'unknown'],
  ['in a group', machine(['m7g.large'], '0.077', { autoScalingGroup: 'web' }), 'keep'],
  ['on Windows', machine(['m7g.large'], '0.077', { platform: 'Windows' }), 'not concerned'],
  ['on Arm already', machine(['m7g.large'], '0.077', { instanceType: 'm6g.large' }), 'not concerned'],
]);
