import { eipUnattached } from './eip-unattached.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const address = (state: string, history: Given['history'] = {}): Given => ({
  resource: { type: 'ec2:elastic-ip', state, createdAt: null, configuration: { allocationId: 'eipalloc-1' } },
  charges: [{ usageType: 'PublicIPv4:IdleAddress', effectiveCost: '3.6' }],
  history,
});
const freed = (observedAt: string): Given['history'] => ({
  changes: [
    {
      ...{ observedAt, kind: 'changed' as const },
      before: { state: 'associated', configuration: { attachedTo: 'eni-1' } },
      after: { state: 'unassociated', configuration: {} },
    },
  ],
});
const released = { does: {}, saves: '3.65' };

golden(eipUnattached, [
  ['for as long as anybody watched', address('unassociated'), released],
  ['for exactly a week', address('unassociated', freed('2026-11-17T00:00:00Z')), released],
  ['for six days', address('unassociated', freed('2026-11-18T00:00:00Z')), 'keep'],
  ['watched for two days', address('unassociated', { observedSince: '2026-11-22T00:00:00Z' }), 'unknown'],
  ['never watched', address('unassociated', { observedSince: null }), 'unknown'],
  ['in use', address('associated'), 'not concerned'],
]);
