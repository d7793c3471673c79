import { ebsSnapshotOld } from './ebs-snapshot-old.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const snapshot = (createdAt: string, configuration: Record<string, unknown>, tags = {}): Given => ({
  resource: { type: 'ec2:snapshot', state: 'completed', createdAt, configuration, tags },
  charges: [{ usageType: 'EBS:SnapshotUsage', effectiveCost: '72' }],
});
const OLD = '2026-01-01T00:00:00Z';
const deleted = { does: {}, saves: '73.00' };

golden(ebsSnapshotOld, [
  ['old, its volume gone, and no image known', snapshot(OLD, { sourceVolumeExists: false }), deleted],
  [
    'old, its volume gone, and no image uses it',
    snapshot(OLD, { sourceVolumeExists: false, usedByImages: [] }),
    deleted,
  ],
  ['exactly ninety days old', snapshot('2026-08-26T00:00:00Z', { sourceVolumeExists: false }), deleted],
  ['89 days old', snapshot('2026-08-27T00:00:00Z', { sourceVolumeExists: false }), 'keep'],
  ['an image uses it', snapshot(OLD, { sourceVolumeExists: false, usedByImages: ['ami-1'] }), 'keep'],
  ['its volume is there', snapshot(OLD, { sourceVolumeExists: true }), 'keep'],
  [
    'a backup service keeps it',
    snapshot(OLD, { sourceVolumeExists: false }, { 'aws:backup:source-resource': 'x' }),
    'keep',
  ],
  ['copied, so that its volume is not known', snapshot(OLD, {}), 'unknown'],
  ['only on the bill', { resource: { configuration: null } }, 'unknown'],
  ['being made', { ...snapshot(OLD, {}), resource: { state: 'pending', configuration: {} } }, 'not concerned'],
]);
