import { allChargesOf } from './charges.ts';
import { defineCheck, keep, NOT_CONCERNED, unknown } from './check.ts';
import { numberOf } from './evidence.ts';
import { daysSince, unchangedSince } from './unchanged-since.ts';

export const ebsUnattached = defineCheck({
  id: 'ebs-unattached',
  version: '1',
  title: 'EBS volumes attached to nothing',
  about: 'A volume that has been attached to no instance for a month, as AWS Compute Optimizer has it.',
  resourceTypes: ['ec2:volume'],
  needs: () => ({}),
  evaluate(evidence, settings, now) {
    const { resource } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'available') return NOT_CONCERNED;
    const since = unchangedSince(evidence, ['attachedTo']);
    if (since === undefined) return unknown('since when it is unattached');
    const days = daysSince(since.at, now);
    const measured = [
      {
        what: since.kind === 'exact' ? 'unattached for' : 'unattached for at least',
        ...{ value: days, unit: 'days', limit: settings.unattachedDays },
      },
    ];
    if (days < settings.unattachedDays) {
      return since.kind === 'exact'
        ? keep('It was detached or made not long ago.', measured)
        : unknown(`since when it is unattached; it has been watched for ${days} days`);
    }
    return {
      verdict: 'recommend',
      action: { action: 'delete-volume', parameters: { withSnapshot: true } },
      title: `Snapshot and delete the unattached volume of ${numberOf(resource, 'sizeGib') ?? 'unknown'} GiB`,
      measured,
      rule: `Attached to no instance for ${settings.unattachedDays} days or more.`,
      savings: [allChargesOf(evidence)],
      risk: 'low',
      effort: 'low',
      notes: [
        'A snapshot costs a part of what the volume does; that is not taken off, because it depends on what is written on it.',
      ],
    };
  },
});
