import type { Answer } from '../agent/answer.ts';
import { findNumbers } from '../agent/grounding.ts';
import type { EvalCase, StatusExpectation, ValueExpectation } from './case.ts';

/** Rows of the independent query, as the driver gives them: numbers as decimal text. */
export type TruthRows = (string | number | null)[][];

/** What is wrong with an answer; empty when it passes. */
export function score({ expect }: EvalCase, answer: Answer, truth: TruthRows): string[] {
  return 'status' in expect ? scoreStatus(expect, answer) : scoreValue(expect, answer, truth);
}

function scoreStatus({ status, text, notTools }: StatusExpectation, answer: Answer): string[] {
  const problems: string[] = [];
  if (!status.includes(answer.status as (typeof status)[number])) {
    problems.push(`status ${answer.status}, not ${status.join(' or ')}: ${answer.text}`);
  }
  if (text !== undefined && !text.test(answer.text)) problems.push(`the text does not match ${text}: ${answer.text}`);
  const ran = answer.receipts.filter(({ tool }) => notTools?.includes(tool));
  if (ran.length > 0) problems.push(`ran ${ran.map(({ tool }) => tool).join(', ')}`);
  if (answer.proposals.length > 0) problems.push('made a proposal');
  return problems;
}

function scoreValue(
  { compare, basis = 'effective_cost' }: ValueExpectation,
  answer: Answer,
  truth: TruthRows,
): string[] {
  const problems: string[] = [];
  if (answer.status !== 'answered') return [`status ${answer.status}: ${answer.text}`];
  if (truth.length === 0) return ['the independent query gives no row: the case proves nothing'];
  if (basis !== null && !answer.receipts.some(({ costBasis }) => costBasis === basis)) {
    problems.push(`no receipt names the basis ${basis}`);
  }
  if (
    basis !== null &&
    answer.receipts.some(({ costBasis, dataThrough }) => costBasis !== undefined && dataThrough === null)
  ) {
    problems.push('a receipt does not say how far the data reaches');
  }
  if (compare === 'total') problems.push(...scoreTotal(answer, truth));
  else problems.push(...scoreRows(answer, truth, compare === 'rows'));
  return problems;
}

function scoreTotal(answer: Answer, truth: TruthRows): string[] {
  const expected = truth[0]?.[0];
  if (typeof expected === 'string' && !isNumber(expected)) {
    return answer.text.includes(expected) ? [] : [`"${expected}" is not in: ${answer.text}`];
  }
  const value = Number(expected ?? 0);
  const shown = findNumbers(answer.text);
  const found = shown.some(
    (number) => Math.abs(Math.abs(value) - number.value) <= number.tolerance * (1 + 1e-9) + 1e-9,
  );
  return found ? [] : [`${expected} is not in: ${answer.text}`];
}

function scoreRows(answer: Answer, truth: TruthRows, ordered: boolean): string[] {
  const problems = answer.tables.map((table) => differences(table, truth, ordered));
  if (problems.length === 0) return ['no table'];
  return problems.some((list) => list.length === 0) ? [] : (problems[0] ?? []);
}

function differences(table: Answer['tables'][number], truth: TruthRows, ordered: boolean): string[] {
  if (table.rows.length !== truth.length) return [`${table.rows.length} rows, not ${truth.length}`];
  const rest = ordered ? [] : [...table.rows];
  return truth.flatMap((expected, index) => {
    const row = ordered ? table.rows[index] : rest.find((candidate) => matches(candidate, expected));
    if (row !== undefined && matches(row, expected)) return [];
    return [`row ${index}: ${JSON.stringify(row ?? 'none')}, not ${JSON.stringify(expected)}`];
  });
}

/** Every value of the expected row stands in the row: labels as they are, numbers within a millionth. */
function matches(row: (string | number | null)[], expected: (string | number | null)[]): boolean {
  return expected.every((value) => row.some((cell) => same(cell, value)));
}

function same(cell: string | number | null, value: string | number | null): boolean {
  if (cell === null || value === null) return cell === value;
  if (!isNumber(value) || !isNumber(cell)) return String(cell) === String(value);
  const [left, right] = [Number(cell), Number(value)];
  return Math.abs(left - right) <= 1e-6 * Math.max(1, Math.abs(right));
}

function isNumber(value: string | number): boolean {
  return String(value).trim() !== '' && Number.isFinite(Number(value)) && !/^\d{12}$/.test(String(value));
}
