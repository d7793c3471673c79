import { expect, test } from 'vitest';
import { visible } from './untrusted.ts';

test('shows the marks that would turn a name around', () => {
  expect(visible('invoice\u202Etxt.exe\u2066')).toBe('invoice\uFFFDtxt.exe\uFFFD');
});

test('shows control characters, and keeps lines, tabs and every script', () => {
  expect(visible('a\u0000\u001b[31m\n\tб مرحبا 🙂')).toBe('a\uFFFD\uFFFD[31m\n\tб مرحبا 🙂');
});
