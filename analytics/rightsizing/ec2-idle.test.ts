import { expect, test } from 'vitest';
import { ec2Idle } from './ec2-idle.ts';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');
const settings = settingsOf('ec2-idle');

/** CPU at its peak, network of the busiest day in bytes, hours measured of 336. */
const machine = (cpu: number, network: number, hours = 336): Given => ({
  metrics: { cpu_utilization: { max: cpu, hours }, network_bytes: { maxDaySum: network, hours } },
});

test.each<[string, Given, string]>([
  ['quiet on CPU and network', machine(0.7, 120_000), 'recommend'],
  ['just below both limits', machine(4.99, 4_999_999), 'recommend'],
  ['a CPU at the limit', machine(5, 120_000), 'keep'],
  ['a network at the limit', machine(0.7, 5_000_000), 'keep'],
  ['a busy one', machine(81, 9e9), 'keep'],
  ['half of the hours measured', machine(0.7, 120_000, 168), 'recommend'],
  ['less than half of them', machine(0.7, 120_000, 167), 'unknown'],
  ['nothing measured', {}, 'unknown'],
  ['a quiet CPU and no word on the network', { metrics: { cpu_utilization: { max: 0.7 } } }, 'unknown'],
  ['not in the inventory', { ...machine(0.7, 0), resource: { configuration: null } }, 'unknown'],
  ['a stopped one', { ...machine(0.7, 0), resource: { state: 'stopped' } }, 'not concerned'],
])('%s', (_, given, verdict) => {
  expect(ec2Idle.evaluate(evidenceOf(given), settings, NOW).verdict).toBe(verdict);
});
