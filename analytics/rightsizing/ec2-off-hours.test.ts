import { expect, test } from 'vitest';
import { ec2OffHours } from './ec2-off-hours.ts';
import { evidenceOf, flat, type Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';
import { settingsOf } from './thresholds.ts';

const WEEK = Array.from({ length: 168 }, (_, hour) => hour);
const isOffice = (hour: number) => hour < 120 && hour % 24 >= 8 && hour % 24 < 18;

/** CPU by hour of the week, and a network that goes with it. */
function machine(
  cpuAt: (hour: number) => number | null,
  tags: Record<string, string> = { environment: 'development' },
): Given {
  const [cpu, sent] = [WEEK.map(cpuAt), WEEK.map((hour) => ((cpuAt(hour) ?? 0) >= 5 ? 5e6 : 1000))];
  return {
    resource: { tags, configuration: { instanceType: 'm5.large' } },
    metrics: {
      cpu_utilization: { ...flat(0), max: Math.max(...cpu.map((level) => level ?? 0)), maxByWeekHour: cpu },
      network_bytes: { ...flat(0), maxByWeekHour: sent },
    },
    charges: [{ usageType: 'BoxUsage:m5.large', pricingUnit: 'Hrs', effectiveCost: '168' }],
  };
}
const office = (hour: number) => (isOffice(hour) ? 40 : 2);

golden(ec2OffHours, [
  // 118 of 168 hours are idle.
  ['used in office hours', machine(office), { does: {}, saves: '119.64' }],
  ['idle for eight hours of each night', machine((hour) => (hour % 24 < 8 ? 4.9 : 30)), { does: {}, saves: '56.78' }],
  ['idle for seven', machine((hour) => (hour % 24 < 7 ? 4.9 : 30)), 'keep'],
  ['a CPU at the limit at night', machine((hour) => (isOffice(hour) ? 40 : 5)), 'keep'],
  ['many short breaks', machine((hour) => (hour % 6 === 0 ? 30 : 1)), 'keep'],
  ['idle all week', machine(() => 1), 'keep'],
  ['not measured at night', machine((hour) => (isOffice(hour) ? 40 : null)), 'keep'],
  ['production', machine(office, { env: 'Prod' }), 'keep'],
  ['of an environment nobody names', machine(office, {}), 'unknown'],
  ['nothing measured', { ...machine(office), metrics: {} }, 'unknown'],
  [
    'switched off at times',
    { ...machine(office), charges: [{ usageType: 'BoxUsage:m5.large', pricingUnit: 'Hrs', quantity: '683' }] },
    'keep',
  ],
  [
    'in a group',
    { ...machine(office), resource: { tags: { env: 'dev' }, configuration: { autoScalingGroup: 'ci' } } },
    'keep',
  ],
  ['stopped', { ...machine(office), resource: { state: 'stopped' } }, 'not concerned'],
]);

test('the schedule leaves it on in the hours that were used', () => {
  const verdict = ec2OffHours.evaluate(evidenceOf(machine(office)), settingsOf('ec2-off-hours'), new Date());
  if (verdict.verdict !== 'recommend') throw new Error(verdict.verdict);
  expect(verdict.action.parameters.onHoursOfWeekUtc).toEqual(WEEK.filter(isOffice));
});
