import { ec2Stopped } from './ec2-stopped.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const volumes = [
  {
    resource: { resourceId: 'vol-1', type: 'ec2:volume' },
    charges: [{ usageType: 'EBS:VolumeUsage.gp2', effectiveCost: '72' }],
  },
];
const stopped = (configuration: Record<string, unknown>, history: Given['history'] = {}): Given => ({
  resource: { state: 'stopped', configuration },
  related: { volumes },
  history,
});
const since = (day: string) => ({ stoppedReason: `User initiated (${day} 08:00:00 GMT)` });
const seen = (observedAt: string): Given['history'] => ({
  changes: [{ observedAt, kind: 'changed', before: { state: 'running' }, after: { state: 'stopped' } }],
});
const gone = { does: { snapshotVolumeIds: ['vol-1'] }, saves: '73.00' };

golden(ec2Stopped, [
  ['stopped since the summer, as the cloud says', stopped(since('2026-07-01')), gone],
  ['stopped a few hours less than thirty days ago', stopped(since('2026-10-25')), 'keep'],
  ['stopped for thirty days', stopped(since('2026-10-24')), gone],
  ['seen to be stopped a month ago', stopped({}, seen('2026-10-25T00:00:00Z')), gone],
  ['seen to be stopped 29 days ago', stopped({}, seen('2026-10-26T00:00:00Z')), 'keep'],
  ['stopped for as long as anybody watched, which is long', stopped({}), gone],
  [
    'stopped for as long as anybody watched, which is short',
    stopped({}, { observedSince: '2026-11-20T00:00:00Z' }),
    'unknown',
  ],
  ['nobody ever watched', stopped({}, { observedSince: null }), 'unknown'],
  ['it ran this month', { ...stopped(since('2026-07-01')), charges: [{ usageType: 'BoxUsage:m5.large' }] }, 'keep'],
  [
    'with a volume that another machine uses too',
    {
      ...stopped(since('2026-07-01')),
      related: { volumes: [{ resource: { resourceId: 'vol-1', configuration: { alsoAttachedTo: ['i-2'] } } }] },
    },
    'keep',
  ],
  ['without volumes', { ...stopped(since('2026-07-01')), related: {} }, 'keep'],
  ['running', { resource: { state: 'running' }, related: { volumes } }, 'not concerned'],
]);
