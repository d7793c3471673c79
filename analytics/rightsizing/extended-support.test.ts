import { expect, test } from 'vitest';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { extendedSupport } from './extended-support.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');
const verdictOf = (...usageTypes: string[]) => {
  const charges: Given['charges'] = usageTypes.map((usageType) => ({ usageType }));
  const given: Given = { resource: { type: 'eks:cluster', configuration: { version: '1.30' } }, charges };
  return extendedSupport.evaluate(evidenceOf(given), settingsOf('extended-support'), NOW);
};

test.each([
  ['USE1-AmazonEKS-Hours:extendedSupport', 'recommend'],
  ['EU-ExtendedSupport:Yr1-Yr2:PostgreSQL12', 'recommend'],
  ['USE1-AmazonEKS-Hours:perCluster', 'not concerned'],
])('%s', (usageType, verdict) => {
  expect(verdictOf(usageType).verdict).toBe(verdict);
});

test('saves the surcharge and leaves the cluster hours alone', () => {
  expect(verdictOf('AmazonEKS-Hours:perCluster', 'AmazonEKS-Hours:extendedSupport')).toMatchObject({
    title: 'Upgrade from 1.30',
    savings: [{ savedShare: '1', charges: [{ usageType: 'AmazonEKS-Hours:extendedSupport' }] }],
  });
});
