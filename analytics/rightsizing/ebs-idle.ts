import { allChargesOf } from './charges.ts';
import { defineCheck, keep, NOT_CONCERNED, unknown } from './check.ts';
import { numberOf, textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';

export const ebsIdle = defineCheck({
  id: 'ebs-idle',
  version: '1',
  title: 'Attached EBS volumes nobody reads or writes',
  about:
    'A volume attached to a running instance that is read and written less than once a day, as AWS Compute Optimizer has it.',
  resourceTypes: ['ec2:volume'],
  needs: ({ lookBackDays }) => ({
    metrics: [{ metric: 'volume_operations', windowDays: lookBackDays }],
    related: [{ name: 'instance', resourceType: 'ec2:instance', on: [[['configuration.attachedTo', 'resourceId']]] }],
  }),
  evaluate(evidence, settings) {
    const { resource, metrics, related } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'in-use') return NOT_CONCERNED;
    const [instance] = related.instance ?? [];
    if (instance !== undefined && instance.resource.state !== 'running') return NOT_CONCERNED;
    const missing = missingMetrics(metrics, ['volume_operations'], settings.measuredShare);
    const { volume_operations: operations } = metrics;
    if (missing.length > 0 || operations === undefined) return unknown(...missing);
    const measured = [
      {
        what: 'operations of the busiest day',
        value: operations.maxDaySum,
        unit: null,
        limit: settings.operationsPerDay,
      },
      { what: 'hours measured', value: operations.hours, unit: 'hours' },
    ];
    if (operations.maxDaySum >= settings.operationsPerDay) return keep('It is read or written.', measured);
    return {
      verdict: 'recommend',
      action: {
        action: 'delete-volume',
        parameters: { withSnapshot: true, detachFrom: textOf(resource, 'attachedTo') ?? null },
      },
      title: `Snapshot, detach and delete the idle volume of ${numberOf(resource, 'sizeGib') ?? 'unknown'} GiB`,
      measured,
      rule: `Fewer than ${settings.operationsPerDay} read or written a day, over ${settings.lookBackDays} days.`,
      savings: [allChargesOf(evidence)],
      risk: 'medium',
      effort: 'medium',
      notes: ['Unmount it first: a system that finds it missing may not start again.'],
    };
  },
});
