import { expect, test } from 'vitest';
import { priceBook } from './evidence.ts';
import {
  baselineEbsOperations,
  baselineMbps,
  hasAccelerator,
  instanceType,
  isArm,
  isBurstable,
  pricedTypes,
} from './instance-type.ts';

test.each([
  ['m5.large', 'm', 5, '', 'large'],
  ['m6gd.2xlarge', 'm', 6, 'gd', '2xlarge'],
  ['c7i-flex.xlarge', 'c', 7, 'i-flex', 'xlarge'],
  ['g4dn.xlarge', 'g', 4, 'dn', 'xlarge'],
  ['im4gn.large', 'im', 4, 'gn', 'large'],
  ['inf2.48xlarge', 'inf', 2, '', '48xlarge'],
  ['p6-b200.48xlarge', 'p', 6, '-b200', '48xlarge'],
])('%s', (name, series, generation, options, size) => {
  expect(instanceType(name)).toMatchObject({ series, generation, options, size });
});

test('what is no type is none', () => {
  for (const name of [undefined, '', 'large', 'db.r5.large.x', 'M5.LARGE']) expect(instanceType(name)).toBeUndefined();
});

test.each([
  ['m6g.large', { arm: true, burstable: false, accelerator: false }],
  ['a1.large', { arm: true, burstable: false, accelerator: false }],
  ['t4g.small', { arm: true, burstable: true, accelerator: false }],
  ['t3.small', { arm: false, burstable: true, accelerator: false }],
  ['g5.xlarge', { arm: false, burstable: false, accelerator: true }],
  ['p4d.24xlarge', { arm: false, burstable: false, accelerator: true }],
  ['r5.large', { arm: false, burstable: false, accelerator: false }],
])('kind of %s', (name, { arm, burstable, accelerator }) => {
  const type = instanceType(name);
  if (type === undefined) throw new Error(name);
  expect([isArm(type), isBurstable(type), hasAccelerator(type)]).toEqual([arm, burstable, accelerator]);
});

test.each([
  ['m5.large', 750, 3600],
  ['m6i.2xlarge', 3125, 10_000],
  ['m6g.xlarge', 1250, 6000],
  ['c7g.large', 937, 3600],
  ['c7i-flex.large', 390.5, 3600],
  ['t3.medium', 256, undefined],
  ['r5.24xlarge', 12_000, 30_000],
  ['m4.large', 100, undefined],
  ['m1.small', 100, undefined],
])('what %s can always have', (name, mbps, operations) => {
  const type = instanceType(name);
  if (type === undefined) throw new Error(name);
  expect([baselineMbps(type), baselineEbsOperations(type)]).toEqual([mbps, operations]);
});

test('types are read from a price list, the cheapest first, those of other systems left out', () => {
  const price = (product: string, listUnitPrice: string, attributes: Record<string, string>) => ({
    ...{ serviceCode: 'AmazonEC2', product, regionId: 'us-east-1', pricingUnit: 'Hrs', currency: 'USD', listUnitPrice },
    ...{ attributes, source: 'api', sourceDate: '2026-11-01' },
  });
  const book = priceBook([
    price('m5.xlarge linux', '0.192', { vcpu: '4', memory: '16 GiB' }),
    price('m5.large linux', '0.096', { vcpu: '2', memory: '8 GiB' }),
    price('m5.large windows', '0.188', { vcpu: '2', memory: '8 GiB' }),
    price('x1e.32xlarge linux', '26.688', { vcpu: '128', memory: '3,904 GiB' }),
    price('nat gateway', '0.045', {}),
  ]);
  expect(pricedTypes(book, 'linux').map(({ name, vcpus, memoryGib }) => [name, vcpus, memoryGib])).toEqual([
    ['m5.large', 2, 8],
    ['m5.xlarge', 4, 16],
    ['x1e.32xlarge', 128, 3904],
  ]);
});
