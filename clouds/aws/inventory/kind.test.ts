import { expect, test } from 'vitest';
import { nameIn, tagsOf } from './kind.ts';

test.each([
  ['a name', [{ Key: 'Name', Value: 'web-1' }], 'web-1'],
  ['none', [{ Key: 'name', Value: 'web-1' }], null],
  ['the empty one that the console leaves', [{ Key: 'Name', Value: '' }], null],
  ['a tag without a value', [{ Key: 'Name' }], null],
  ['no tags at all', undefined, null],
])('of %s', (_, tags, name) => {
  expect(nameIn(tagsOf(tags))).toBe(name);
});
