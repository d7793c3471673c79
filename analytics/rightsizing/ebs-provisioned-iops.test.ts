import { ebsProvisionedIops } from './ebs-provisioned-iops.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const price = (product: string, pricingUnit: string, listUnitPrice: string) => ({
  product,
  pricingUnit,
  listUnitPrice,
});
const PRICES = [
  price('io1 storage', 'GB-Mo', '0.125'),
  price('io1 iops', 'IOPS-Mo', '0.065'),
  price('io2 storage', 'GB-Mo', '0.125'),
  price('io2 iops', 'IOPS-Mo', '0.065'),
  price('gp3 storage', 'GB-Mo', '0.08'),
  price('gp3 iops', 'IOPS-Mo', '0.005'),
  price('gp3 throughput', 'GiBps-Mo', '40.96'),
];

/** A volume of 800 GiB with these IOPS whose charges are those of the list prices, in 720 hours: so many operations a second at its peak. */
const volume = (volumeType: string, iops: number, operations?: number, mib = 20): Given => ({
  resource: { type: 'ec2:volume', state: 'in-use', configuration: { volumeType, iops, sizeGib: 800 } },
  metrics: operations === undefined ? {} : { volume_operations: operations * 300, volume_bytes: mib * 300 * 2 ** 20 },
  charges: [
    { usageType: 'EBS:VolumeUsage.piops', effectiveCost: '100' },
    { usageType: 'EBS:VolumeP-IOPS.piops', effectiveCost: '585' },
  ],
  prices: PRICES,
});

golden(ebsProvisionedIops, [
  // 100 + 585 become 64.
  [
    'little used: gp3 includes it',
    volume('io1', 9000, 900),
    { does: { volumeType: 'gp3', iops: 3000 }, saves: '629.63' },
  ],
  ['more than gp3 includes', volume('io1', 9000, 5000), { does: { volumeType: 'gp3', iops: 6000 }, saves: '614.42' }],
  [
    'as much as gp3 can have',
    volume('io1', 20_000, 13_333),
    { does: { volumeType: 'gp3', iops: 16_000 }, saves: '630.52' },
  ],
  [
    'more than that, and less than provisioned',
    volume('io2', 30_000, 20_000),
    { does: { volumeType: 'io2', iops: 24_000 }, saves: '132.13' },
  ],
  ['all of it used', volume('io2', 30_000, 29_000), 'keep'],
  [
    'gp3 with more than it uses',
    volume('gp3', 12_000, 900),
    { does: { volumeType: 'gp3', iops: 3000 }, saves: '286.73' },
  ],
  ['gp3 with what is included', volume('gp3', 3000, 900), 'not concerned'],
  ['not measured', volume('io1', 9000), 'unknown'],
  ['no prices in its region', { ...volume('io1', 9000, 900), prices: [] }, 'unknown'],
  ['gp2', volume('gp2', 2400, 900), 'not concerned'],
]);
