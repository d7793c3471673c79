import { expect, test } from 'vitest';
import { checkStatement } from './check.ts';

const matches = async (pattern: string): Promise<boolean> =>
  (await checkStatement(`SELECT count(*) FROM costs WHERE resource_id ~ '${pattern}'`)).allowed;

test('patterns as people write them pass', async () => {
  for (const pattern of ['^i-[0-9a-f]{8,17}$', '(prod|staging)[-_]', '\\.(large|xlarge)$', '(?i)test', 'a+b*c?']) {
    expect(await matches(pattern), pattern).toBe(true);
  }
});

test('back references, looks ahead and behind, and repeated repetitions are refused', async () => {
  for (const pattern of [
    '(.)\\1',
    '(?=a)b',
    '(?!a)b',
    '(?<=a)b',
    '(?<!a)b',
    '(a{1,40}){1,40}',
    '(a{1001})',
    'a'.repeat(201),
  ]) {
    expect(await matches(pattern), pattern).toBe(false);
  }
});

test('a second argument of substring is a place or a constant pattern', async () => {
  const passes = async (second: string) =>
    (await checkStatement(`SELECT substring(resource_id, ${second}) FROM costs`)).allowed;
  expect(await passes('3')).toBe(true);
  expect(await passes("'[a-z]+'")).toBe(true);
  expect(await passes("position(':' in resource_id) + 1")).toBe(true);
  expect(await passes('resource_name')).toBe(false);
  expect(await passes("tags ->> 'x'")).toBe(false);
});
