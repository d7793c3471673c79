import { expect, test } from 'vitest';
import type { AnyCheck, Verdict } from './check.ts';
import { estimateOf } from './estimate.ts';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { settingsOf } from './thresholds.ts';

/** What a row expects: the verdict, and of a recommendation what it would do and save in a month of 730 hours, to the cent. */
export type Expected =
  | Exclude<Verdict['verdict'], 'recommend'>
  | { does: Record<string, unknown>; saves: string; list?: string };

const NOW = new Date('2026-11-24T00:00:00Z');

/** Runs a check over the rows of a table, one test each. */
export function golden(check: AnyCheck, rows: readonly [name: string, given: Given, expected: Expected][]): void {
  test.each(rows)('%s', (_, given, expected) => {
    const evidence = evidenceOf(given);
    const verdict = check.evaluate(evidence, settingsOf(check.id) as never, NOW);
    if (typeof expected === 'string') return expect(verdict.verdict).toBe(expected);
    if (verdict.verdict !== 'recommend') throw new Error(`the verdict is ${JSON.stringify(verdict)}`);
    expect(verdict.action.parameters).toMatchObject(expected.does);
    const estimate = estimateOf(verdict.savings, evidence.bill);
    expect(Number(estimate?.monthly).toFixed(2)).toBe(expected.saves);
    if (expected.list !== undefined) expect(Number(estimate?.listMonthly).toFixed(2)).toBe(expected.list);
  });
}
