import type { Answer } from '../agent/answer.ts';
import type { AskRequest } from '../agent/assistant.ts';
import type { EvalCase, Suite } from './case.ts';
import { score, type TruthRows } from './score.ts';

export interface EvalDoors {
  ask(request: Pick<AskRequest, 'question' | 'threadId'>): Promise<Answer>;
  /** Runs a case's independent SQL and gives its rows as arrays. */
  truth(sql: string): Promise<TruthRows>;
}

export interface CaseResult {
  id: string;
  question: string;
  passed: boolean;
  problems: string[];
  status: string;
  text: string;
  elapsedMs: number;
}

export interface SuiteResult {
  suite: string;
  gate: number;
  passed: number;
  failed: number;
  /** Whether the share of passed cases reaches the gate. */
  ok: boolean;
  p50Ms: number;
  p95Ms: number;
  cases: CaseResult[];
}

/** Asks every case of a suite in a conversation of its own and scores the answers, one after the other. */
export async function runSuite(suite: Suite, doors: EvalDoors): Promise<SuiteResult> {
  const cases: CaseResult[] = [];
  for (const one of suite.cases) cases.push(await runCase(one, doors));
  const passed = cases.filter((result) => result.passed).length;
  const times = cases.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
  return {
    suite: suite.name,
    gate: suite.gate,
    passed,
    failed: cases.length - passed,
    ok: cases.length > 0 && passed / cases.length >= suite.gate,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    cases,
  };
}

async function runCase(one: EvalCase, { ask, truth }: EvalDoors): Promise<CaseResult> {
  let answer: Answer | undefined;
  let elapsedMs = 0;
  for (const question of one.turns) {
    const began = performance.now();
    answer = await ask({ question, ...(answer ? { threadId: answer.threadId } : {}) });
    elapsedMs = performance.now() - began;
  }
  if (answer === undefined) throw new Error(`the case ${one.id} asks nothing`);
  const rows = 'sql' in one.expect ? await truth(one.expect.sql) : [];
  const problems = score(one, answer, rows);
  return {
    id: one.id,
    question: one.turns.join(' > '),
    passed: problems.length === 0,
    problems,
    status: answer.status,
    text: answer.text,
    elapsedMs,
  };
}

/** The value below which a share of the sorted values lies. */
export function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The result as Markdown: the figures of each suite, then each failing case with what was wrong. */
export function toMarkdown(results: SuiteResult[], model: string): string {
  const rows = results.map(
    ({ suite, passed, failed, gate, ok, p50Ms, p95Ms }) =>
      `| ${suite} | ${passed} | ${failed} | ${(gate * 100).toFixed(0)} % | ${ok ? 'reached' : 'missed'} | ${p50Ms.toFixed(0)} | ${p95Ms.toFixed(0)} |`,
  );
  const failures = results.flatMap(({ suite, cases }) =>
    cases
      .filter(({ passed }) => !passed)
      .map(({ id, question, problems }) =>
        [`### ${suite}: ${id}`, '', `> ${question}`, '', ...problems.map((problem) => `- ${problem}`), ''].join('\n'),
      ),
  );
  return [
    `# Evals with the model ${model}`,
    '',
    '| suite | passed | failed | gate | | p50 ms | p95 ms |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...failures,
  ].join('\n');
}
