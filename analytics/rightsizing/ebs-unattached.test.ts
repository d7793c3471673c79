import { ebsUnattached } from './ebs-unattached.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const volume = (state: string, history: Given['history'] = {}, createdAt = '2025-01-01T00:00:00Z'): Given => ({
  resource: { type: 'ec2:volume', state, createdAt, configuration: { sizeGib: 500 } },
  charges: [{ usageType: 'EBS:VolumeUsage.gp2', effectiveCost: '72' }],
  history,
});
const detached = (observedAt: string): Given['history'] => ({
  changes: [
    {
      ...{ observedAt, kind: 'changed' as const },
      before: { state: 'in-use', configuration: { sizeGib: 500, attachedTo: 'i-1' } },
      after: { state: 'available', configuration: { sizeGib: 500 } },
    },
  ],
});
const deleted = { does: { withSnapshot: true }, saves: '73.00' };

golden(ebsUnattached, [
  ['for as long as anybody watched, which is long', volume('available'), deleted],
  ['detached exactly 32 days ago', volume('available', detached('2026-10-23T00:00:00Z')), deleted],
  ['detached 31 days ago', volume('available', detached('2026-10-24T00:00:00Z')), 'keep'],
  [
    'a new name is no detachment',
    volume('available', {
      changes: [{ observedAt: '2026-11-20T00:00:00Z', kind: 'changed', before: { name: 'a' }, after: { name: 'b' } }],
    }),
    deleted,
  ],
  ['made five days ago', volume('available', {}, '2026-11-19T00:00:00Z'), 'keep'],
  ['watched for ten days', volume('available', { observedSince: '2026-11-14T00:00:00Z' }), 'unknown'],
  ['never watched', volume('available', { observedSince: null }), 'unknown'],
  ['only on the bill', { ...volume('available'), resource: { configuration: null } }, 'unknown'],
  ['attached', volume('in-use'), 'not concerned'],
]);
