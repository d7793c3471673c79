import { expect, test } from 'vitest';
import { cur2 } from '../aws/billing/cur2.ts';
import type { BillingSource } from '../contract.ts';
import { dailySource } from '../warehouse/daily-source.ts';
import { mappingVersion } from './mapping-version.ts';

const changed: BillingSource = { ...cur2, charge: { ...cur2.charge, service_name: 'line_item_product_code' } };

test('a mapping that changed, or other tags that sums keep, have another version', () => {
  const version = mappingVersion(cur2, ['team']);
  expect(mappingVersion({ ...cur2 }, ['team'])).toBe(version);
  expect(mappingVersion(changed, ['team'])).not.toBe(version);
  expect(mappingVersion(cur2, ['team', 'owner'])).not.toBe(version);
});

test('what a warehouse summed has the version of the mapping that was used there', () => {
  expect(mappingVersion(dailySource(changed), [])).not.toBe(mappingVersion(dailySource(cur2), []));
});
