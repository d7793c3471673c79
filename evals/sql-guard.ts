import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config.ts';
import type { CaseResult, SuiteResult } from './run.ts';
import { quantile } from './run.ts';

/** A statement of the corpus; `code` is why it must be refused, and absent where it must be let through. */
export interface GuardCase {
  id: string;
  sql: string;
  code?: string;
  /** What the statement tries, and which layer below the parser stops it where that is not plain. */
  note?: string;
}

/** What a guard says of a statement. */
export interface GuardAnswer {
  allowed: boolean;
  code?: string;
  reason?: string;
}

export const SQL_GUARD = {
  name: 'sql-guard',
  description: 'Every hostile statement is refused, and for its reason; every honest one is let through. No database.',
  gate: 1,
};

/** Returns the statements of `evals/sql-guard/`: those that must be refused, or those that must pass. */
export function guardCases(kind: 'attacks' | 'honest'): GuardCase[] {
  return readFileSync(join(packageRoot, 'evals', 'sql-guard', `${kind}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as GuardCase);
}

/** Puts every statement of the corpus to a guard. */
export async function runSqlGuard(check: (sql: string) => Promise<GuardAnswer>): Promise<SuiteResult> {
  const cases: CaseResult[] = [];
  for (const one of [...guardCases('attacks'), ...guardCases('honest')]) {
    const began = performance.now();
    const answer = await check(one.sql);
    const elapsedMs = performance.now() - began;
    const problems = problemsOf(one, answer);
    cases.push({
      id: one.id,
      question: one.sql,
      passed: problems.length === 0,
      problems,
      status: answer.code ?? 'allowed',
      text: answer.reason ?? '',
      elapsedMs,
    });
  }
  const passed = cases.filter((result) => result.passed).length;
  const times = cases.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
  return {
    suite: SQL_GUARD.name,
    gate: SQL_GUARD.gate,
    passed,
    failed: cases.length - passed,
    ok: passed / cases.length >= SQL_GUARD.gate,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    cases,
  };
}

function problemsOf({ code, note }: GuardCase, answer: GuardAnswer): string[] {
  if (code === undefined) return answer.allowed ? [] : [`refused (${answer.code}): ${answer.reason}`];
  if (answer.allowed) return [`let through; it must be refused (${code}): ${note}`];
  return answer.code === code ? [] : [`refused as ${answer.code}, not as ${code}: ${answer.reason}`];
}
