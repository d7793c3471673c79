import { allChargesOf } from './charges.ts';
import { defineCheck, keep, NOT_CONCERNED, unknown } from './check.ts';
import { daysSince, unchangedSince } from './unchanged-since.ts';

export const eipUnattached = defineCheck({
  id: 'eip-unattached',
  version: '1',
  title: 'Elastic IP addresses attached to nothing',
  about: 'An Elastic IP address that has been associated with nothing for a week and costs money all the same.',
  resourceTypes: ['ec2:elastic-ip'],
  needs: () => ({}),
  evaluate(evidence, settings, now) {
    const { resource } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'unassociated') return NOT_CONCERNED;
    const since = unchangedSince(evidence, ['attachedTo']);
    if (since === undefined) return unknown('since when it is associated with nothing');
    const days = daysSince(since.at, now);
    const measured = [
      {
        what: since.kind === 'exact' ? 'unassociated for' : 'unassociated for at least',
        ...{ value: days, unit: 'days', limit: settings.unattachedDays },
      },
    ];
    if (days < settings.unattachedDays) {
      return since.kind === 'exact'
        ? keep('It was associated, or made, not long ago.', measured)
        : unknown(`since when it is associated with nothing; it has been watched for ${days} days`);
    }
    return {
      verdict: 'recommend',
      action: { action: 'release-address', parameters: {} },
      title: 'Release the Elastic IP address that nothing uses',
      measured,
      rule: `Associated with nothing for ${settings.unattachedDays} days or more.`,
      savings: [allChargesOf(evidence)],
      risk: 'low',
      effort: 'low',
      notes: ['The address is gone for good: look first whether a partner or a DNS record names it.'],
    };
  },
});
