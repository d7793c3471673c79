import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeInventory } from '../db/inventory.ts';
import { storeBill, type TestCharge } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { readCommitmentEvidence } from './read-commitments.ts';

let database: TestDatabase;

const PLAN = { commitment_discount_id: 'sp-1', commitment_discount_type: 'Savings Plan', sub_account_id: 'payer' };
const fee = (day: string, cost: string): TestCharge => ({
  ...{ day, cost, ...PLAN, charge_category: 'Purchase', commitment_discount_status: 'Unused', list_cost: '0' },
  ...{
    service_name: 'Savings Plans for AWS Compute usage',
    charge_description: '1 year No Upfront Compute Savings Plan',
  },
});
const covered = (day: string, cost: string, list: string): TestCharge => ({
  ...{ day, cost, ...PLAN, list_cost: list, commitment_discount_status: 'Used', pricing_category: 'Committed' },
  ...{ x_usage_type: 'BoxUsage:m5.large', x_instance_type: 'm5.large' },
});
const onDemand = (day: string, list: string, more: Partial<TestCharge> = {}): TestCharge => ({
  ...{ day, cost: '1', list_cost: list, pricing_category: 'Standard', region_id: 'eu-west-1' },
  ...{ x_usage_type: 'EU-BoxUsage:m5.large', x_instance_type: 'm5.large', ...more },
});

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, [
    onDemand('2026-06-01', '5'),
    // Begun within the bill, so that its first day is known.
    covered('2026-07-08', '70', '100'),
    covered('2026-11-01', '9', '12'),
    covered('2026-11-02', '9', '12'),
    covered('2026-11-03', '9', '12'),
    fee('2026-11-02', '2'),
    onDemand('2026-11-01', '4'),
    onDemand('2026-11-02', '5'),
    onDemand('2026-11-02', '1', { x_usage_type: 'EU-BoxUsage:m5.xlarge', x_instance_type: 'm5.xlarge' }),
    onDemand('2026-11-02', '8', { x_usage_type: 'EU-EBS:VolumeUsage.gp3', x_instance_type: null }),
    onDemand('2026-11-02', '8', { x_usage_type: 'EU-SpotUsage:m5.large', pricing_category: 'Dynamic' }),
    { ...onDemand('2026-11-01', '2'), billing_account_id: 'other' },
    // Ended in summer: nobody needs to hear of it any more.
    { ...covered('2026-06-01', '9', '12'), commitment_discount_id: 'sp-0' },
  ]);
});
afterAll(() => database.close());

const read = (toGo: Parameters<typeof readCommitmentEvidence>[2] = []) =>
  inTransaction(database.db, (client) =>
    readCommitmentEvidence(client, { start: '2026-11-01', end: '2026-11-03' }, toGo),
  );

test('tells what a commitment cost and covered in these days, since when it is there and when it ends', async () => {
  const evidence = await read();
  expect(evidence.map(({ billingAccountId }) => billingAccountId)).toEqual(['other', 'payer']);
  expect(evidence[1]?.commitments).toMatchObject([
    {
      ...{ commitmentId: 'sp-1', usedCost: '18', unusedCost: '2', coveredListCost: '24' },
      ...{ startDate: '2026-07-08', endDate: '2027-07-08', lastSeenDate: '2026-11-02', subAccountId: 'payer' },
    },
  ]);
});

test('adds up day by day what was used on demand and commitments are sold for, by billing account', async () => {
  expect((await read()).map(({ onDemand: use }) => use)).toMatchObject([
    [{ family: 'm5', regionId: 'eu-west-1', listCostByDay: ['2', '0'] }],
    [{ family: 'm5', regionId: 'eu-west-1', listCostByDay: ['4', '6'] }],
  ]);
});

test('leaves out what is about to go', async () => {
  const going = { serviceName: 'Amazon EC2', regionId: 'eu-west-1', instanceType: 'm5.large', currency: 'USD' };
  const [, own] = await read([{ ...going, listCost: '1.5' }]);
  expect(own?.onDemand[0]?.listCostByDay).toEqual(['2.5', '4.5']);
});

test('takes the end of a reservation from the inventory, which the bill does not say', async () => {
  const { db } = database;
  const id = 'arn:aws:ec2:eu-west-1:222222222222:reserved-instances/ri-1';
  await storeBill(db, [
    { ...covered('2026-11-01', '9', '12'), commitment_discount_id: id, billing_account_id: 'third' },
  ]);
  const [evidence] = (await read()).filter(({ billingAccountId }) => billingAccountId === 'third');
  expect(evidence?.commitments).toMatchObject([{ commitmentId: id, endDate: null }]);
  await storeInventory(db, {
    observedAt: new Date('2026-11-02T00:00:00Z'),
    billingAccountId: 'third',
    resources: [
      {
        ...{ resourceId: id, resourceType: 'ec2:reserved-instances', name: null, state: 'active', tags: {} },
        ...{ serviceName: 'Amazon EC2', serviceProviderName: 'AWS', accountId: '222222222222', regionId: 'eu-west-1' },
        ...{ billingAccountId: 'third', availabilityZone: null, createdAt: null },
        configuration: { endDate: '2027-01-15' },
      },
    ],
  });
  const [known] = (await read()).filter(({ billingAccountId }) => billingAccountId === 'third');
  expect(known?.commitments).toMatchObject([{ commitmentId: id, endDate: '2027-01-15' }]);
});
