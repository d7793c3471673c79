import { expect, test } from 'vitest';
import { guardCases, runSqlGuard } from './sql-guard.ts';

test('a guard that lets everything through fails on every hostile statement', async () => {
  const { ok, failed } = await runSqlGuard(async () => ({ allowed: true }));
  expect({ ok, failed }).toEqual({ ok: false, failed: guardCases('attacks').length });
});

test('a guard that refuses everything fails on every honest statement and wherever the reason is another', async () => {
  const { ok, failed } = await runSqlGuard(async () => ({ allowed: false, code: 'writes', reason: 'No.' }));
  const otherwise = guardCases('attacks').filter(({ code }) => code !== 'writes').length;
  expect({ ok, failed }).toEqual({ ok: false, failed: guardCases('honest').length + otherwise });
});
