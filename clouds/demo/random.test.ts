import { expect, test } from 'vitest';
import { random } from './random.ts';

test('equal seed and label give equal numbers', () => {
  const draw = () => {
    const rng = random(7, 'storage');
    return [rng.next(), rng.integer(1, 6), rng.hex(8), rng.code(4), rng.pick(['a', 'b', 'c'])];
  };
  expect(draw()).toEqual(draw());
  // Written down: a change of the generator would change every estate.
  expect(random(7, 'storage').hex(16)).toBe('9adfb67ac254be48');
});

test('another seed, label or fork gives other numbers', () => {
  const first = random(7, 'storage').hex(16);
  expect(random(8, 'storage').hex(16)).not.toBe(first);
  expect(random(7, 'network').hex(16)).not.toBe(first);
  expect(random(7, 'storage').fork('inner').hex(16)).not.toBe(first);
});

test('a fork does not depend on what was drawn before', () => {
  const rng = random(7, 'storage');
  const before = rng.fork('inner').next();
  rng.next();
  expect(rng.fork('inner').next()).toBe(before);
});

test('whole numbers stay within their bounds and reach both', () => {
  const rng = random(1, 'bounds');
  const drawn = new Set(Array.from({ length: 500 }, () => rng.integer(3, 7)));
  expect([...drawn].sort()).toEqual([3, 4, 5, 6, 7]);
});
