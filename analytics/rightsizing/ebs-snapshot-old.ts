import { allChargesOf } from './charges.ts';
import { defineCheck, keep, NOT_CONCERNED, unknown } from './check.ts';
import { daysSince } from './unchanged-since.ts';

/** Tags by which backup services mark what they keep and delete themselves. */
const MANAGED = /^(aws:backup:|aws:dlm:|dlm:managed$|aws:rds:)/;

export const ebsSnapshotOld = defineCheck({
  id: 'ebs-snapshot-old',
  version: '1',
  title: 'Old EBS snapshots of volumes that are gone',
  about:
    'A snapshot that is months old and whose volume does not exist any more. One that an image uses, or that a backup service keeps, is left alone.',
  resourceTypes: ['ec2:snapshot'],
  needs: () => ({}),
  evaluate(evidence, settings, now) {
    const { resource } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'completed') return NOT_CONCERNED;
    const { sourceVolumeExists, usedByImages } = resource.configuration;
    if (Object.keys(resource.tags).some((key) => MANAGED.test(key))) return keep('A backup service keeps it.');
    if (resource.createdAt === null) return unknown('when it was made');
    const days = daysSince(resource.createdAt, now);
    const measured = [{ what: 'age', value: days, unit: 'days', limit: settings.ageDays }];
    if (days < settings.ageDays) return keep('It is not old.', measured);
    if (Array.isArray(usedByImages) && usedByImages.length > 0) return keep('An image uses it.', measured);
    if (sourceVolumeExists === true) return keep('Its volume is still there.', measured);
    if (sourceVolumeExists !== false) return unknown('whether its volume is still there');
    const isUseKnown = Array.isArray(usedByImages);
    return {
      verdict: 'recommend',
      action: { action: 'delete-snapshot', parameters: {} },
      title: 'Delete the old snapshot of a volume that is gone',
      measured,
      rule: `Older than ${settings.ageDays} days, its volume is gone${isUseKnown ? ', and no image uses it' : ''}.`,
      savings: [allChargesOf(evidence)],
      risk: isUseKnown ? 'low' : 'medium',
      effort: 'low',
      notes: [
        'What is deleted cannot be brought back, unless the Recycle Bin has a rule for snapshots.',
        ...(isUseKnown
          ? []
          : ['Whether an image uses it is not known; AWS refuses to delete one that a registered image uses.']),
        'Snapshots share blocks: what later ones need stays and is paid for with them.',
      ],
    };
  },
});
