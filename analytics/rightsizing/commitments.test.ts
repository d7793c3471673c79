import { describe, expect, test } from 'vitest';
import { commitmentCoverage } from './commitment-coverage.ts';
import type { Commitment, CommitmentEvidence, OnDemandUse } from './commitment-evidence.ts';
import { commitmentExpiring } from './commitment-expiring.ts';
import { commitmentUnused } from './commitment-unused.ts';
import { committableUse, endOf, goingUse } from './commitments.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T09:00:00Z');

const commitment = (more: Partial<Commitment> = {}): Commitment => ({
  ...{ commitmentId: 'sp-1', name: null, type: 'Savings Plan', serviceName: null, regionId: null, subAccountId: null },
  ...{ currency: 'USD', usedCost: '900', unusedCost: '100', coveredListCost: '1200', startDate: null },
  ...{ endDate: '2026-12-31', firstSeenDate: '2026-01-01', lastSeenDate: '2026-11-20' },
  ...more,
});

const use = (days: number[], more: Partial<OnDemandUse> = {}): OnDemandUse => ({
  ...{ serviceName: 'Amazon Elastic Compute Cloud', regionId: 'us-east-1', family: 'm5', currency: 'USD' },
  listCostByDay: days.map(String),
  ...more,
});

const evidence = (commitments: Commitment[], onDemand: OnDemandUse[] = []): CommitmentEvidence => ({
  billingAccountId: '111122223333',
  bill: { start: '2026-10-22', end: '2026-11-21', days: 30 },
  ...{ commitments, onDemand },
});

describe('commitment-unused', () => {
  const verdictOf = (one: Commitment) =>
    commitmentUnused.evaluate(evidence([one]), settingsOf('commitment-unused'), NOW)[0]?.verdict;

  test.each<[string, Commitment, string]>([
    ['a tenth unused', commitment(), 'recommend'],
    ['five percent unused', commitment({ usedCost: '950', unusedCost: '50' }), 'keep'],
    ['a little more', commitment({ usedCost: '949', unusedCost: '51' }), 'recommend'],
    ['all used', commitment({ unusedCost: '0' }), 'keep'],
    ['nothing on the bill', commitment({ usedCost: '0', unusedCost: '0' }), 'unknown'],
  ])('%s', (_, one, verdict) => {
    expect(verdictOf(one)?.verdict).toBe(verdict);
  });

  test('saves what is unused in a month of 730 hours', () => {
    expect(verdictOf(commitment())).toMatchObject({ savings: [{ monthly: '101.39', currency: 'USD' }] });
  });
});

describe('commitment-expiring', () => {
  const verdictOf = (one: Commitment) =>
    commitmentExpiring.evaluate(evidence([one]), settingsOf('commitment-expiring'), NOW)[0]?.verdict;

  test.each<[string, Commitment, string]>([
    ['ends in 60 days', commitment({ endDate: '2027-01-23' }), 'recommend'],
    ['ends in 61 days', commitment({ endDate: '2027-01-24' }), 'keep'],
    ['ended 30 days ago', commitment({ endDate: '2026-10-25' }), 'recommend'],
    ['ended 31 days ago', commitment({ endDate: '2026-10-24' }), 'keep'],
    ['nobody says when', commitment({ endDate: null }), 'unknown'],
    ['costs more than it covers', commitment({ coveredListCost: '1000' }), 'keep'],
  ])('%s', (_, one, verdict) => {
    expect(verdictOf(one)?.verdict).toBe(verdict);
  });

  test('claims no saving, says what its end costs, and how much to renew', () => {
    expect(verdictOf(commitment())).toMatchObject({
      title: 'Decide on a Savings Plan that ends in 37 days',
      savings: [],
      notes: [expect.stringMatching(/202\.78 USD more a month/), expect.stringMatching(/^Only 90 percent/)],
    });
  });
});

describe('commitment-coverage', () => {
  const findings = (onDemand: OnDemandUse[], commitments: Commitment[] = []) =>
    commitmentCoverage.evaluate(evidence(commitments, onDemand), settingsOf('commitment-coverage'), NOW);
  const steady = Array.from({ length: 30 }, () => 100);
  const rising = Array.from({ length: 30 }, (_, day) => 100 + 10 * (day % 3));
  const erratic = Array.from({ length: 30 }, (_, day) => (day % 2 ? 150 : 50));

  test.each<[string, OnDemandUse[], string]>([
    ['steady use', [use(steady)], 'recommend'],
    ['use that moves a little', [use(rising)], 'recommend'],
    ['use that comes and goes', [use(erratic)], 'keep'],
    ['29 days', [use(steady.slice(1))], 'unknown'],
    ['too little to matter', [use(steady.map(() => 11))], 'keep'],
    ['nothing on one day', [use([0, ...steady.slice(1)])], 'keep'],
  ])('%s', (_, onDemand, verdict) => {
    expect(findings(onDemand).map((one) => one.verdict.verdict)).toEqual([verdict]);
  });

  test('commits to seven tenths of the lowest day, at the discount that is assumed', () => {
    expect(findings([use(rising)])).toMatchObject([
      {
        subject: 'coverage/111122223333/compute/USD',
        // 70 a day at list, 56 at a fifth less, by the hour; 14 a day are saved.
        verdict: {
          action: { parameters: { kind: 'Savings Plan', hourly: '2.333' } },
          savings: [{ monthly: '425.83' }],
        },
      },
    ]);
  });

  test('takes the discount that own commitments reach', () => {
    expect(findings([use(steady)], [commitment()])[0]?.verdict).toMatchObject({
      savings: [{ monthly: '532.29', why: '25 percent of what would be covered, at list prices' }],
    });
  });

  test('takes compute together, and databases each by themselves', () => {
    const database = (family: string) => use(steady, { serviceName: 'Amazon Relational Database Service', family });
    const fargate = use(
      erratic.map((cost) => cost / 10),
      { serviceName: 'Amazon Elastic Container Service', family: null },
    );
    expect(
      findings([use(steady), fargate, database('db.r6g'), database('db.m6g')]).map(({ subject }) => subject),
    ).toEqual([
      'coverage/111122223333/compute/USD',
      'coverage/111122223333/Amazon Relational Database Service/us-east-1/db.r6g/USD',
      'coverage/111122223333/Amazon Relational Database Service/us-east-1/db.m6g/USD',
    ]);
  });
});

describe('committableUse', () => {
  const row = {
    serviceName: 'Amazon Elastic Compute Cloud',
    regionId: 'us-east-1',
    currency: 'USD',
    day: '2026-11-01',
  };
  const large = { ...row, usageType: 'BoxUsage:m5.large', instanceType: 'm5.large', listCost: '4' };

  test('adds use up by family and day, and leaves out what no commitment is sold for', () => {
    const rows = [
      large,
      { ...large, usageType: 'BoxUsage:m5.xlarge', instanceType: 'm5.xlarge', day: '2026-11-02' },
      { ...large, listCost: '1' },
      { ...large, usageType: 'SpotUsage:m5.large' },
      { ...large, usageType: 'EBS:VolumeUsage.gp3', instanceType: null },
      { ...large, day: '2026-12-01' },
    ];
    expect(committableUse(rows, ['2026-11-01', '2026-11-02'])).toMatchObject([
      { family: 'm5', listCostByDay: ['5', '4'] },
    ]);
  });

  test('takes away what is about to go, of EC2 also when a node group says so, and never more than there is', () => {
    const toGo = (serviceName: string, listCost: string) => [
      { serviceName, regionId: 'us-east-1', instanceType: 'm5.4xlarge', currency: 'USD', listCost },
    ];
    const left = (serviceName: string, listCost: string) =>
      committableUse([large], ['2026-11-01'], toGo(serviceName, listCost))[0]?.listCostByDay;
    expect(left('Amazon Elastic Compute Cloud', '1.5')).toEqual(['2.5']);
    expect(left('Amazon Elastic Container Service for Kubernetes', '1.5')).toEqual(['2.5']);
    expect(left('Amazon Elastic Compute Cloud', '9')).toEqual(['0']);
  });
});

test('what findings take away of on-demand use is told by day, once for each charge', () => {
  const charge = {
    ...{
      usageType: 'BoxUsage:m5.large',
      operation: null,
      pricingUnit: 'Hrs',
      instanceType: 'm5.large',
      currency: 'USD',
    },
    ...{ quantity: '720', listCost: '60', effectiveCost: '60', coveredCost: '0' },
  };
  const covered = { ...charge, usageType: 'BoxUsage:m5.2xlarge', coveredCost: '60' };
  const place = { serviceName: 'Amazon Elastic Compute Cloud', regionId: 'us-east-1' };
  const finding = (savedShare: string) => ({
    ...{ ...place, days: 30 },
    savings: [{ resourceId: 'i-1', charges: [charge, covered], savedShare, why: '' }],
  });
  expect(goingUse([finding('0.5'), finding('1')])).toEqual([
    { ...place, instanceType: 'm5.large', currency: 'USD', listCost: '2' },
  ]);
});

test('a commitment ends by its first day and the years that its description names', () => {
  expect(endOf('2025-12-24', '1 year No Upfront Compute Savings Plan')).toBe('2026-12-24');
  expect(endOf('2025-12-24', '3 year All Upfront')).toBe('2028-12-23');
  expect(endOf('2025-12-24', 'USD 0.1485 hourly fee per PostgreSQL')).toBeNull();
  expect(endOf(null, '1 year')).toBeNull();
});
