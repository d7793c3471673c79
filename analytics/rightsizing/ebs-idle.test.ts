import { ebsIdle } from './ebs-idle.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const volume = (operationsPerDay?: number, hours = 336, host = 'running'): Given => ({
  resource: { type: 'ec2:volume', state: 'in-use', configuration: { sizeGib: 500, attachedTo: 'i-1' } },
  metrics: operationsPerDay === undefined ? {} : { volume_operations: { maxDaySum: operationsPerDay, hours } },
  charges: [{ usageType: 'EBS:VolumeUsage.gp3', effectiveCost: '72' }],
  related: { instance: [{ resource: { resourceId: 'i-1', state: host } }] },
});
const deleted = { does: { detachFrom: 'i-1' }, saves: '73.00' };

golden(ebsIdle, [
  ['nothing read or written', volume(0), deleted],
  ['just below once a day', volume(0.9), deleted],
  ['once a day', volume(1), 'keep'],
  ['in use', volume(90_000), 'keep'],
  ['half of the hours measured', volume(0, 168), deleted],
  ['less than half of them', volume(0, 167), 'unknown'],
  ['not measured', volume(), 'unknown'],
  ['its instance is stopped', volume(0, 336, 'stopped'), 'not concerned'],
  ['unattached', { ...volume(0), resource: { state: 'available', configuration: {} } }, 'not concerned'],
]);
