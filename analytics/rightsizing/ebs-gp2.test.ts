import { ebsGp2 } from './ebs-gp2.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const PRICES = [
  { product: 'gp2 storage', pricingUnit: 'GB-Mo', listUnitPrice: '0.10' },
  { product: 'gp3 storage', pricingUnit: 'GB-Mo', listUnitPrice: '0.08' },
  { product: 'gp3 iops', pricingUnit: 'IOPS-Mo', listUnitPrice: '0.005' },
  { product: 'gp3 throughput', pricingUnit: 'GiBps-Mo', listUnitPrice: '40.96' },
];

/** A gp2 volume of a size that costs 720 in 720 hours, with this many operations (and MiB) a second at its peak. */
const volume = (sizeGib: number, operations?: number, mib?: number): Given => ({
  resource: { type: 'ec2:volume', state: 'in-use', configuration: { volumeType: 'gp2', sizeGib } },
  metrics: {
    ...(operations === undefined ? {} : { volume_operations: operations * 300 }),
    ...(mib === undefined ? {} : { volume_bytes: mib * 300 * 2 ** 20 }),
  },
  charges: [
    { usageType: 'EBS:VolumeUsage.gp2', effectiveCost: '720' },
    { usageType: 'EBS:SnapshotUsage', effectiveCost: '50' },
  ],
  prices: PRICES,
});
const gp3 = (iops: number, throughputMibPerSecond: number, saves: string) => ({
  does: { volumeType: 'gp3', iops, throughputMibPerSecond },
  saves,
});

golden(ebsGp2, [
  ['a small one, not measured: gp2 gave it little', volume(100), gp3(3000, 128, '137.24')],
  ['a quiet one: what gp3 includes is enough', volume(2000, 50), gp3(3000, 125, '146.00')],
  ['operations that gp3 includes, however large', volume(2000, 416), gp3(3000, 125, '146.00')],
  ['operations that may move more than gp3 includes', volume(2000, 1000), gp3(3000, 250, '127.75')],
  ['the same with what it moves measured', volume(2000, 1000, 60), gp3(3000, 125, '146.00')],
  ['more operations than gp3 includes', volume(2000, 4000, 60), gp3(4800, 125, '113.15')],
  ['a large one, not measured, keeps all that gp2 gave it', volume(2000), gp3(6000, 250, '73.00')],
  ['with all that, gp3 costs as much', volume(250), 'keep'],
  ['no prices in its region', { ...volume(100), prices: [] }, 'unknown'],
  [
    'of unknown size',
    { ...volume(100), resource: { state: 'in-use', configuration: { volumeType: 'gp2' } } },
    'unknown',
  ],
  [
    'gp3 already',
    { ...volume(100), resource: { state: 'in-use', configuration: { volumeType: 'gp3', sizeGib: 100 } } },
    'not concerned',
  ],
  [
    'unattached',
    { ...volume(100), resource: { state: 'available', configuration: { volumeType: 'gp2', sizeGib: 100 } } },
    'not concerned',
  ],
]);
