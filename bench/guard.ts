import { checkStatement } from '../db/guard/check.ts';
import { MAX_CHARACTERS } from '../db/guard/text.ts';
import { guardCases } from '../evals/sql-guard.ts';

/**
 * Prints what the SQL guard costs a statement over the honest statements of the evals, the 95th percentile as a share of its limit,
 * and the memory of the process before and after statements made to break the parser.
 */
const LIMIT_MS = 0.3;
const ROUNDS = 20;
const BOMBS = 1_000;

/** Begun, repeated and closed up to the length that the guard hands to the parser. */
const SHAPES: [start: string, open: string, middle: string, close: string][] = [
  ['SELECT ', '(', '1', ')'],
  ['SELECT 1', '+1', '', ''],
  ['SELECT ', 'abs(', '1', ')'],
  ['', '(SELECT ', '1', ')'],
  ['SELECT ', 'CASE WHEN true THEN ', '1', ' END'],
  ['SELECT 1', ' UNION SELECT 1', '', ''],
  ['SELECT ', 'NOT ', 'true', ''],
  ['SELECT 1', '::text', '', ''],
  ['SELECT ARRAY', '[', '1', ']'],
  ['SELECT 1 FROM ', '(a JOIN ', 'a', ' ON true)'],
  ['SELECT ', '(', '', ''],
  ['', 'WITH a AS(', 'SELECT 1', ')SELECT 1'],
];

const bombs = SHAPES.map(([start, open, middle, close]) => {
  const times = Math.floor((MAX_CHARACTERS - start.length - middle.length) / (open.length + close.length));
  return start + open.repeat(times) + middle + close.repeat(times);
});

const honest = guardCases('honest').map(({ sql }) => sql);
const { times, wrong } = await measure(ROUNDS);
const before = process.memoryUsage().rss;
let bombMs = 0;
for (let index = 0; index < BOMBS; index++) {
  const began = performance.now();
  await checkStatement(bombs[index % bombs.length] ?? '');
  bombMs = Math.max(bombMs, performance.now() - began);
}
const after = process.memoryUsage().rss;
const again = await measure(1);

const at = (share: number) => times[Math.floor((times.length - 1) * share)] ?? 0;
const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
const lines = [
  `statements       ${times.length} (${honest.length} statements, ${ROUNDS} rounds), refused ${wrong}`,
  `p50 / p95 / max  ${at(0.5).toFixed(3)} / ${at(0.95).toFixed(3)} / ${at(1).toFixed(3)} ms`,
  `p95 of limit     ${(at(0.95) / LIMIT_MS).toFixed(2)} (limit ${LIMIT_MS} ms)`,
  `bombs            ${BOMBS}, the slowest ${bombMs.toFixed(1)} ms, memory ${mib(before)} -> ${mib(after)} MiB`,
  `after the bombs  p95 ${(again.times[Math.floor((again.times.length - 1) * 0.95)] ?? 0).toFixed(3)} ms, refused ${again.wrong}`,
];
process.stdout.write(`${lines.join('\n')}\n`);

/** Returns how long each statement took, sorted, and how many were refused. The first round warms up and is not counted. */
async function measure(rounds: number): Promise<{ times: number[]; wrong: number }> {
  const times: number[] = [];
  let wrong = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const sql of honest) {
      const began = performance.now();
      const { allowed } = await checkStatement(sql);
      if (round === 0) continue;
      times.push(performance.now() - began);
      if (!allowed) wrong++;
    }
  }
  return { times: times.sort((a, b) => a - b), wrong };
}
