import { ec2Oversized } from './ec2-oversized.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const type = (name: string, vcpu: string, memory: string, listUnitPrice: string) => ({
  product: `${name} linux`,
  listUnitPrice,
  attributes: { vcpu, memory: `${memory} GiB` },
});
const PRICES = [
  type('m5.large', '2', '8', '0.096'),
  type('m5.xlarge', '4', '16', '0.192'),
  type('m5.2xlarge', '8', '32', '0.384'),
  type('m5.4xlarge', '16', '64', '0.768'),
  type('r5.xlarge', '4', '32', '0.252'),
  type('r5.2xlarge', '8', '64', '0.504'),
  type('m6g.large', '2', '8', '0.077'),
];

/** An m5.4xlarge (16 vCPUs, 64 GiB) that costs 720 in 720 hours, at these levels in percent. */
const machine = (cpu: number, memory?: number, more: Given['metrics'] = {}): Given => ({
  resource: { configuration: { instanceType: 'm5.4xlarge', platform: 'Linux/UNIX' } },
  metrics: {
    cpu_utilization: cpu,
    network_bytes: 3e6,
    ...(memory === undefined ? {} : { memory_utilization: memory }),
    ...more,
  },
  charges: [
    { usageType: 'BoxUsage:m5.4xlarge', instanceType: 'm5.4xlarge', effectiveCost: '720' },
    { usageType: 'DataTransfer-Out-Bytes', effectiveCost: '55' },
  ],
  prices: PRICES,
});
const to = (instanceType: string, saves: string) => ({ does: { instanceType }, saves });

golden(ec2Oversized, [
  [
    'an eighth of all is needed: two sizes smaller are a quarter of the price',
    machine(10, 10),
    to('m5.large', '638.75'),
  ],
  // 12.5 percent of 16 are 2 vCPUs; with a fifth free that is 10 percent.
  ['CPU just above an eighth with headroom', machine(10.1, 10), to('m5.xlarge', '547.50')],
  ['memory decides', machine(3, 30), to('m5.2xlarge', '365.00')],
  ['memory exactly half with headroom', machine(3, 40), to('m5.2xlarge', '365.00')],
  ['memory just above half: another family has as much for less', machine(3, 40.1), to('r5.2xlarge', '250.94')],
  ['a busy CPU', machine(44, 20), 'keep'],
  ['full memory beside a quiet CPU', machine(9, 84), 'keep'],
  ['without memory only types with as much of it', machine(10), to('r5.2xlarge', '250.94')],
  // 750 Mbit a second are 28 GB in five minutes.
  ['a network that the smaller ones do not have', machine(10, 10, { network_bytes: 30e9 }), to('m5.xlarge', '547.50')],
  [
    'disks that the smaller ones cannot serve',
    machine(10, 10, { disk_operations: 300 * 5000 }),
    to('m5.xlarge', '547.50'),
  ],
  ['nothing measured', { ...machine(10), metrics: {} }, 'unknown'],
  ['no price list for its region', { ...machine(10, 10), prices: [] }, 'unknown'],
  [
    'an operating system without prices',
    {
      ...machine(10, 10),
      resource: { configuration: { instanceType: 'm5.4xlarge', platform: 'Windows with SQL Server' } },
    },
    'unknown',
  ],
  ['not in the inventory', { ...machine(10, 10), resource: { configuration: null } }, 'unknown'],
  [
    'resized the day before yesterday',
    {
      ...machine(10, 10),
      history: {
        changes: [
          {
            ...{ observedAt: '2026-11-22T00:00:00Z', kind: 'changed' as const },
            before: { configuration: { instanceType: 'm5.large' } },
            after: { configuration: { instanceType: 'm5.4xlarge' } },
          },
        ],
      },
    },
    'unknown',
  ],
  [
    'in a group',
    { ...machine(10, 10), resource: { configuration: { instanceType: 'm5.4xlarge', autoScalingGroup: 'web' } } },
    'keep',
  ],
  ['burstable', { ...machine(10, 10), resource: { configuration: { instanceType: 't3.2xlarge' } } }, 'keep'],
  ['with accelerators', { ...machine(10, 10), resource: { configuration: { instanceType: 'g5.4xlarge' } } }, 'keep'],
  [
    'stopped',
    { ...machine(10, 10), resource: { state: 'stopped', configuration: { instanceType: 'm5.4xlarge' } } },
    'not concerned',
  ],
]);
