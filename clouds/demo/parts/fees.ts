import type { Estate } from '../estate.ts';
import type { FixedCharge, Owner, SavingsPlan } from '../nouns.ts';
import { MARKETPLACE_CODE } from '../products.ts';
import type { Random } from '../random.ts';

/** What the organisation as a whole pays or gets: commitments, support, a subscription, credits, a refund and tax. */
export const fees = (estate: Estate, rng: Random): void => {
  const payer: Owner = { account: estate.organisation.payer, application: 'networking', region: 'us-east-1' };
  savingsPlans(estate, payer, rng);
  marketplace(estate, payer);
  credits(estate);
  estate.supportStream = estate.charge(
    payer,
    feeSku(
      estate,
      'AWSSupportEnterprise',
      'Dollar',
      'AWS Support (Enterprise): 10% of the first 150,000 USD of monthly usage, at least 15,000 USD',
      'Support',
    ),
    0,
  );
  taxes(estate);
};

function feeSku(estate: Estate, product: string, usageType: string, description: string, family: string): number {
  return estate.sku({
    product,
    usageType,
    operation: '',
    description,
    unit: '',
    price: '0',
    family,
    region: 'us-east-1',
  });
}

/**
 * Four plans: one that ended and was replaced only two months later, one bought to replace it, one that runs throughout,
 * and one for a family the company has begun to leave, so that part of it is unused.
 */
function savingsPlans(estate: Estate, payer: Owner, rng: Random): void {
  const { calendar, organisation } = estate;
  const scale = organisation.units.length;
  const offers: [SavingsPlan['type'], family: string | null, hourly: number, fromAgo: number, toAgo: number][] = [
    ['EC2InstanceSavingsPlans', 'i3', 1.45, 335, -30],
    ['ComputeSavingsPlans', null, 14.8, 290, -75],
    ['ComputeSavingsPlans', null, 9.2, 560, 195],
    ['ComputeSavingsPlans', null, 11.2, 140, -225],
  ];
  for (const [type, family, hourly, fromAgo, toAgo] of offers) {
    const id = `${rng.hex(8)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(12)}`;
    const fromDay = calendar.ago(fromAgo);
    const toDay = calendar.ago(toAgo);
    const price = (hourly * scale).toFixed(4);
    const description = `1 year No Upfront ${family ? `EC2 Instance Savings Plan for ${family} in us-east-1` : 'Compute Savings Plan'}`;
    const feeStream = estate.charge(
      payer,
      feeSku(
        estate,
        'ComputeSavingsPlans',
        family ? 'EC2SP:1yrNoUpfront' : 'ComputeSP:1yrNoUpfront',
        description,
        type,
      ),
      0,
    );
    estate.savingsPlans.push({
      arn: `arn:aws:savingsplans::${payer.account.id}:savingsplan/${id}`,
      ...{ type, family, region: family ? 'us-east-1' : null, hourly: price, fromDay, toDay, feeStream },
    });
  }
  const [, , ended, replacement] = estate.savingsPlans;
  const change = (plan: SavingsPlan | undefined, id: string, day: number, reason: string) => {
    if (!plan || day <= 0) return;
    const dimensions = { account: payer.account.id, commitment: plan.arn };
    estate.changes.push({
      id,
      kind: 'commitment',
      day,
      dimensions,
      reason,
      streams: [],
      plan: estate.savingsPlans.indexOf(plan),
    });
  };
  change(
    ended,
    'commitment-plan-ended',
    calendar.ago(195),
    'A Compute Savings Plan ended; its usage went back to on-demand prices.',
  );
  change(
    replacement,
    'commitment-plan-bought',
    calendar.ago(140),
    'A Compute Savings Plan was bought to replace the one that had ended.',
  );
}

/** Monthly subscription; renewed at a twelve percent higher price. */
function marketplace(estate: Estate, payer: Owner): void {
  const scale = estate.organisation.units.length;
  const stream = estate.charge(
    payer,
    feeSku(
      estate,
      MARKETPLACE_CODE,
      'SoftwareUsage-Subscription',
      'Quillstream Observability Pro, monthly subscription',
      'SaaS',
    ),
    0,
  );
  const renewal = estate.calendar.months.at(-3)?.firstDay ?? 0;
  for (const month of estate.calendar.months) {
    const amount = (month.firstDay >= renewal ? 504 : 450) * scale;
    estate.fixedCharges.push({
      stream,
      day: month.firstDay,
      endDay: month.firstDay + month.daysInMonth,
      amount: amount.toFixed(2),
      type: 'Fee',
    });
  }
  estate.changes.push({
    id: 'price-marketplace-renewal',
    kind: 'price',
    day: renewal,
    dimensions: { service: MARKETPLACE_CODE, account: payer.account.id },
    reason: 'The subscription was renewed at 504 instead of 450 USD a month.',
    streams: [stream],
  });
}

function credits(estate: Estate): void {
  const { calendar, organisation } = estate;
  const scale = organisation.units.length;
  const add = (stream: number, day: number, endDay: number, amount: number, type: FixedCharge['type']) =>
    estate.fixedCharges.push({ stream, day, endDay, amount: (-amount * scale).toFixed(2), type });
  const at = (role: 'production' | 'data' | 'machine-learning'): Owner => {
    const account = organisation.units[0]?.accounts[role] ?? organisation.payer;
    return { account, application: 'networking', region: 'us-east-1' };
  };
  const migration = estate.charge(
    at('production'),
    feeSku(estate, 'AmazonEC2', 'Credit', 'MAP 2.0 migration credit', 'Credit'),
    0,
  );
  const promotion = estate.charge(
    at('machine-learning'),
    feeSku(estate, 'AmazonSageMaker', 'Credit', 'Promotional credit, machine learning start', 'Credit'),
    0,
  );
  const expiry = calendar.months.at(-5)?.firstDay ?? 0;
  for (const month of calendar.months) {
    const end = month.firstDay + month.daysInMonth;
    if (month.firstDay < expiry) add(migration, month.firstDay, end, 6500, 'Credit');
    add(promotion, month.firstDay, end, 1200, 'Credit');
  }
  const refund = estate.charge(
    at('data'),
    feeSku(estate, 'AmazonS3', 'Refund', 'Service level agreement refund for Amazon S3 in us-east-1', 'Refund'),
    0,
  );
  const day = calendar.ago(84);
  if (day >= 0) add(refund, day, day + 1, 1240.55, 'Refund');
}

/** Sales tax of the one state whose rules reach these accounts, by product as AWS lists it. */
function taxes(estate: Estate): void {
  for (const account of estate.organisation.accounts) {
    if (account.role !== 'shared-services' && account.role !== 'analytics') continue;
    const streams = estate.streams.filter((stream) => stream.account === account.index);
    const products = [...new Set(streams.map((stream) => estate.skus[stream.sku]?.product ?? ''))].sort();
    for (const product of products) {
      const owner: Owner = { account, application: 'networking', region: 'us-east-1' };
      const sku = feeSku(estate, product, 'Tax', `Tax for product code ${product}`, 'Tax');
      estate.taxes.push({ stream: estate.charge(owner, sku, 0), account: account.index, product, rate: '0.0825' });
    }
  }
}
