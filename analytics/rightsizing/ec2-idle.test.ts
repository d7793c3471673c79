import { ec2Idle } from './ec2-idle.ts';
import type { Given } from './evidence.fixture.ts';
import { type Expected, golden } from './golden.fixture.ts';

/** CPU at its peak, network of the busiest day in bytes, hours measured of 336. An hour of it costs 0.1. */
const machine = (cpu: number, network: number, hours = 336): Given => ({
  resource: { configuration: { instanceType: 'm5.large' } },
  metrics: { cpu_utilization: { max: cpu, hours }, network_bytes: { maxDaySum: network, hours } },
  charges: [{ usageType: 'BoxUsage:m5.large', pricingUnit: 'Hrs', effectiveCost: '72', listCost: '96' }],
});
const gpu = (more: Given['metrics']): Given => ({
  ...machine(0.7, 120_000),
  resource: { configuration: { instanceType: 'g5.xlarge' } },
  metrics: { ...machine(0.7, 120_000).metrics, ...more },
});
const volume = (operationsPerSecond?: number): Given => ({
  resource: { resourceId: 'vol-1', type: 'ec2:volume' },
  metrics: operationsPerSecond === undefined ? {} : { volume_operations: operationsPerSecond * 300 },
  charges: [{ usageType: 'EBS:VolumeUsage.gp3', effectiveCost: '24', listCost: '24' }],
});
// 72 in 720 hours are 73 in 730.
const terminated: Expected = { does: {}, saves: '73.00', list: '97.33' };

golden(ec2Idle, [
  ['quiet on CPU and network', machine(0.7, 120_000), terminated],
  ['just below both limits', machine(4.99, 4_999_999), terminated],
  ['a CPU at the limit', machine(5, 120_000), 'keep'],
  ['a network at the limit', machine(0.7, 5_000_000), 'keep'],
  ['a busy one', machine(81, 9e9), 'keep'],
  ['half of the hours measured', machine(0.7, 120_000, 168), terminated],
  ['less than half of them', machine(0.7, 120_000, 167), 'unknown'],
  [
    'all of the hours measured in which it ran, which are few',
    {
      ...machine(0.7, 120_000, 100),
      charges: [{ usageType: 'BoxUsage:m5.large', pricingUnit: 'Hrs', quantity: '216', effectiveCost: '21.6' }],
    },
    { does: {}, saves: '21.90' },
  ],
  ['nothing measured', {}, 'unknown'],
  ['a quiet CPU and no word on the network', { metrics: { cpu_utilization: { max: 0.7 } } }, 'unknown'],
  ['not in the inventory', { ...machine(0.7, 0), resource: { configuration: null } }, 'unknown'],
  ['a stopped one', { ...machine(0.7, 0), resource: { state: 'stopped' } }, 'not concerned'],
  ['accelerators that nobody measured', gpu({}), 'unknown'],
  ['accelerators in use', gpu({ gpu_utilization: 60 }), 'keep'],
  ['idle accelerators', gpu({ gpu_utilization: 0 }), terminated],
  [
    'with a volume, which goes too',
    { ...machine(0.7, 120_000), related: { volumes: [volume(0.5)] } },
    { does: { snapshotVolumeIds: ['vol-1'] }, saves: '97.33' },
  ],
  [
    'with a volume that was not measured',
    { ...machine(0.7, 120_000), related: { volumes: [volume()] } },
    { does: { snapshotVolumeIds: ['vol-1'] }, saves: '97.33' },
  ],
  [
    'with a volume that is read or written, which stays out',
    { ...machine(0.7, 120_000), related: { volumes: [volume(1.1)] } },
    { does: { snapshotVolumeIds: [] }, saves: '73.00' },
  ],
  [
    'with a volume that another machine uses too, which stays out',
    {
      ...machine(0.7, 120_000),
      related: {
        volumes: [{ ...volume(0.5), resource: { resourceId: 'vol-1', configuration: { alsoAttachedTo: ['i-2'] } } }],
      },
    },
    { does: { snapshotVolumeIds: [] }, saves: '73.00' },
  ],
]);
