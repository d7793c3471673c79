import { expect, test } from 'vitest';
import { evidenceOf, flat, type Given } from './evidence.fixture.ts';
import { rdsOversized } from './rds-oversized.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');
const settings = settingsOf('rds-oversized');

/** CPU and free memory in percent, always the same. */
const database = (cpu: number, free: number, instanceClass = 'db.r6g.4xlarge'): Given => ({
  resource: { type: 'rds:db', state: 'available', configuration: { instanceClass, engine: 'PostgreSQL' } },
  metrics: { cpu_utilization: cpu, freeable_memory_percent: free, database_connections: 40 },
});

const verdictOf = (given: Given) => rdsOversized.evaluate(evidenceOf(given), settings, NOW);

test.each<[string, Given, string | undefined]>([
  ['a quarter of all is needed', database(15, 81), 'db.r6g.xlarge'],
  // 20 percent and a fifth of headroom are a quarter.
  ['CPU exactly a quarter with headroom', database(20, 90), 'db.r6g.xlarge'],
  ['CPU just above a quarter', database(20.1, 90), 'db.r6g.2xlarge'],
  ['memory just above a quarter', database(4, 79.9), 'db.r6g.2xlarge'],
  ['memory exactly half with headroom', database(4, 60), 'db.r6g.2xlarge'],
  ['memory just above half', database(4, 59.9), undefined],
  ['a busy CPU', database(41, 90), undefined],
  ['already the smallest', database(3, 90, 'db.r6g.large'), undefined],
  ['a burstable class', database(3, 90, 'db.t3.xlarge'), undefined],
])('%s', (_, given, target) => {
  const verdict = verdictOf(given);
  expect(verdict.verdict).toBe(target === undefined ? 'keep' : 'recommend');
  if (verdict.verdict === 'recommend') expect(verdict.action.parameters).toMatchObject({ to: target });
});

test.each<[string, Given, string]>([
  ['memory was not measured', { ...database(5, 80), metrics: { cpu_utilization: 5 } }, 'unknown'],
  [
    'it got this class two days ago',
    {
      ...database(5, 80),
      history: {
        changes: [
          {
            observedAt: '2026-11-22T00:00:00Z',
            kind: 'changed',
            before: { configuration: { instanceClass: 'db.r6g.xlarge' } },
            after: { configuration: { instanceClass: 'db.r6g.4xlarge' } },
          },
        ],
      },
    },
    'unknown',
  ],
  [
    'measured on six days',
    { ...database(5, 80), metrics: { ...database(5, 80).metrics, cpu_utilization: { ...flat(5), days: 6 } } },
    'unknown',
  ],
  ['nobody connects', { ...database(5, 80), metrics: { ...database(5, 80).metrics, database_connections: 0 } }, 'keep'],
  ['a serverless class', database(5, 80, 'db.serverless'), 'not concerned'],
])('%s', (_, given, verdict) => {
  expect(verdictOf(given).verdict).toBe(verdict);
});

test('the busy night of each week is carried', () => {
  const level = flat(8);
  const measured = level.measured.map((hour) => {
    const isSundayNight = new Date(hour.hour).getUTCDay() === 0 && hour.hour.slice(11, 13) < '03';
    return isSundayNight ? { ...hour, avg: 78, max: 78, p95: 78 } : hour;
  });
  const given = database(8, 80);
  expect(verdictOf({ ...given, metrics: { ...given.metrics, cpu_utilization: { ...level, measured } } }).verdict).toBe(
    'keep',
  );
});

const charges: Given['charges'] = [
  { usageType: 'InstanceUsage:db.r6g.4xlarge', instanceType: 'db.r6g.4xlarge' },
  { usageType: 'InstanceUsage:db.r6g.8xlarge', instanceType: 'db.r6g.8xlarge' },
  { usageType: 'RDS:GP3-Storage' },
];

test('saves by size on the hours of this class alone, where no price is known', () => {
  expect(verdictOf({ ...database(15, 70), charges })).toMatchObject({
    savings: [{ savedShare: '0.5', charges: [{ instanceType: 'db.r6g.4xlarge' }] }],
  });
});

test('saves by list price where both are known, and takes only classes that are sold', () => {
  const prices = [
    { product: 'db.r6g.4xlarge postgresql', listUnitPrice: '2.0' },
    { product: 'db.r6g.2xlarge postgresql', listUnitPrice: '1.1' },
  ];
  expect(verdictOf({ ...database(5, 90), charges, prices })).toMatchObject({
    action: { parameters: { to: 'db.r6g.2xlarge' } },
    savings: [{ savedShare: '0.45', prices: [{}, {}] }],
  });
});
