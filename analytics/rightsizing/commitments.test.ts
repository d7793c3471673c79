import { describe, expect, test } from 'vitest';
import { commitmentCoverage } from './commitment-coverage.ts';
import type { Commitment, CommitmentEvidence, OnDemandUse } from './commitment-evidence.ts';
import { commitmentExpiring } from './commitment-expiring.ts';
import { commitmentUnused } from './commitment-unused.ts';
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
    ['costs more than it covers', commitment({ coveredListCost: '899' }), 'keep'],
  ])('%s', (_, one, verdict) => {
    expect(verdictOf(one)?.verdict).toBe(verdict);
  });

  test('claims no saving, says what its end costs, and how much to renew', () => {
    expect(verdictOf(commitment())).toMatchObject({
      title: 'Decide on a Savings Plan that ends in 37 days',
      savings: [],
      notes: [expect.stringMatching(/304\.17 USD more a month/), expect.stringMatching(/^Only 90 percent/)],
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
