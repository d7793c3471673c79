import { expect, test } from 'vitest';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { rdsIdle } from './rds-idle.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');

/** Most connections at once, CPU at its peak, hours measured of 336. */
const database = (connections: number, cpu: number, hours = 336): Given => ({
  resource: { type: 'rds:db', state: 'available', configuration: { instanceClass: 'db.r5.2xlarge' } },
  metrics: { database_connections: { max: connections, hours }, cpu_utilization: { max: cpu, hours } },
});

test.each<[string, Given, string]>([
  ['nobody connects and nothing runs', database(0, 2.1), 'recommend'],
  ['a CPU just below the limit', database(0, 4.99), 'recommend'],
  ['a CPU at the limit', database(0, 5), 'keep'],
  ['one client, once', database(1, 2.1), 'keep'],
  ['half of the hours measured', database(0, 2.1, 168), 'recommend'],
  ['less than half of them', database(0, 2.1, 167), 'unknown'],
  ['connections not measured', { ...database(0, 2.1), metrics: { cpu_utilization: 2.1 } }, 'unknown'],
  ['not in the inventory', { ...database(0, 2.1), resource: { configuration: null } }, 'unknown'],
  [
    'a replica',
    { ...database(0, 2.1), resource: { state: 'available', configuration: { replicaOf: 'orders' } } },
    'keep',
  ],
  ['one that is stopped', { ...database(0, 0), resource: { state: 'stopped' } }, 'not concerned'],
])('%s', (_, given, verdict) => {
  expect(rdsIdle.evaluate(evidenceOf(given), settingsOf('rds-idle'), NOW).verdict).toBe(verdict);
});

test('saves all that the database costs', () => {
  const charges = [{ usageType: 'InstanceUsage:db.r5.2xlarge' }, { usageType: 'RDS:GP3-Storage' }];
  const verdict = rdsIdle.evaluate(evidenceOf({ ...database(0, 1), charges }), settingsOf('rds-idle'), NOW);
  expect(verdict).toMatchObject({ savings: [{ savedShare: '1', charges: [{}, {}] }] });
});
