import { asgIdle } from './asg-idle.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const member = (cpu: number, network: number, state = 'running') => ({
  resource: { resourceId: `i-${cpu}`, state },
  metrics: { cpu_utilization: { max: cpu }, network_bytes: { maxDaySum: network } },
  charges: [{ usageType: 'BoxUsage:m5.large', effectiveCost: '72' }],
});
const group = (instances: ReturnType<typeof member>[], configuration = {}): Given => ({
  resource: { type: 'autoscaling:autoScalingGroup', state: 'active', configuration },
  related: { instances },
});

golden(asgIdle, [
  [
    'all of its instances are quiet',
    group([member(1, 1000), member(4.99, 4_999_999)]),
    { does: { desiredCapacity: 0 }, saves: '146.00' },
  ],
  ['one has a CPU at the limit', group([member(1, 1000), member(5, 1000)]), 'keep'],
  ['one has a network at the limit', group([member(1, 1000), member(2, 5_000_000)]), 'keep'],
  [
    'one that is stopped does not count',
    group([member(1, 1000), member(90, 1000, 'stopped')]),
    { does: {}, saves: '73.00' },
  ],
  ['one was not measured', group([member(1, 1000), { ...member(2, 0), metrics: {} as never }]), 'unknown'],
  ['its instances are not known', group([]), 'unknown'],
  ['it runs none', group([], { desiredCapacity: 0 }), 'keep'],
]);
