import { allChargesOf, chargesOf } from './charges.ts';
import { defineCheck, keep, NOT_CONCERNED, unknown } from './check.ts';
import { type Evidence, textOf } from './evidence.ts';
import { daysSince, type Since, unchangedSince } from './unchanged-since.ts';

export const ec2Stopped = defineCheck({
  id: 'ec2-stopped',
  version: '1',
  title: 'Stopped EC2 instances whose volumes are still paid for',
  about:
    'An instance that has been stopped for weeks. It costs nothing itself, but its volumes do; a snapshot keeps what is on them for less.',
  resourceTypes: ['ec2:instance'],
  needs: () => ({
    related: [{ name: 'volumes', resourceType: 'ec2:volume', on: [[['resourceId', 'configuration.attachedTo']]] }],
  }),
  evaluate(evidence, settings, now) {
    const { resource, related, charges } = evidence;
    if (resource.state !== 'stopped') return NOT_CONCERNED;
    if (chargesOf(charges, 'compute').length > 0) return keep('It ran within the last thirty settled days.');
    const since = stoppedSince(evidence);
    if (since === undefined) return unknown('since when it is stopped');
    const days = daysSince(since.at, now);
    if (days < settings.stoppedDays) {
      return since.kind === 'exact'
        ? keep('It was stopped not long ago.', [
            { what: 'stopped for', value: days, unit: 'days', limit: settings.stoppedDays },
          ])
        : unknown(`since when it is stopped; it has been watched for ${days} days`);
    }
    // Volumes with Multi-Attach serve other machines besides.
    const volumes = (related.volumes ?? []).filter(({ resource: { configuration } }) => !configuration?.alsoAttachedTo);
    if (volumes.length === 0) return keep('It has no volumes of its own.');
    return {
      verdict: 'recommend',
      action: {
        action: 'terminate-instance',
        parameters: { snapshotVolumeIds: volumes.map((volume) => volume.resource.resourceId) },
      },
      title: 'Snapshot the volumes of the stopped instance and terminate it',
      measured: [
        {
          what: since.kind === 'exact' ? 'stopped for' : 'stopped for at least',
          value: days,
          unit: 'days',
          limit: settings.stoppedDays,
        },
        { what: 'volumes', value: volumes.length, unit: null },
      ],
      rule: `Stopped for ${settings.stoppedDays} days or more, and without an hour of use on the bill.`,
      savings: volumes.map(allChargesOf),
      risk: 'medium',
      effort: 'low',
      notes: [
        'Snapshots cost a part of what the volumes do; that is not taken off, because it depends on what is written on them.',
      ],
    };
  },
});

/** The cloud says when somebody stopped it: 'User initiated (2026-08-01 12:00:00 GMT)'. */
function stoppedSince(evidence: Evidence): Since | undefined {
  const [, day, time] =
    /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) GMT\)/.exec(textOf(evidence.resource, 'stoppedReason') ?? '') ?? [];
  return day === undefined ? unchangedSince(evidence, []) : { at: `${day}T${time}Z`, kind: 'exact' };
}
