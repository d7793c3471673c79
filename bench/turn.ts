import { createAssistant } from '../agent/assistant.ts';
import { identify } from '../agent/identify.ts';
import { clock, readConfig } from '../config.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { suites } from '../evals/suites.ts';
import { log } from '../log.ts';

/**
 * Prints how long a turn takes without a remote model, over the questions of the evals on the estate of PENNY_HOME: median,
 * 95th percentile and longest of each suite and of all, and the 95th percentile as a share of its limit. Fill the estate first: `penny demo --scale 10`.
 */
const LIMIT_MS = 60;
const ROUNDS = 3;

const config = { ...readConfig(), OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined };
log.level = 'error';
const database = await openDatabase(config, log);
try {
  await migrateDatabase(database.url);
  const { db } = database;
  const principal = await identify(db, { platform: 'local' });
  const assistant = createAssistant({ config, db, log, now: clock(config) });
  const questions = suites.flatMap(({ name, cases }) =>
    cases.map(({ turns }) => ({ suite: name, question: turns[0] ?? '' })),
  );
  const times: { ms: number; suite: string; question: string }[] = [];
  // The first round warms the caches of the database and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { suite, question } of questions) {
      const began = performance.now();
      await assistant.ask({ question, principal, surface: 'eval' });
      if (round > 0) times.push({ ms: performance.now() - began, suite, question });
    }
  }
  times.sort((a, b) => a.ms - b.ms);
  const slowest = times.slice(-5).map(({ ms, question }) => `  ${ms.toFixed(0)} ms  ${question}`);
  const lines = [
    `turns            ${times.length} (${questions.length} questions, ${ROUNDS} rounds)`,
    'p50 / p95 / max',
    ...suites.map(({ name }) => `  ${name.padEnd(14)} ${spread(times.filter(({ suite }) => suite === name))}`),
    `  all            ${spread(times)}`,
    `p95 of limit     ${(at(times, 0.95) / LIMIT_MS).toFixed(2)} (limit ${LIMIT_MS} ms)`,
    'slowest',
    ...slowest,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
} finally {
  await database.close();
}

/** The time that a share of sorted times does not exceed. */
function at(times: readonly { ms: number }[], share: number): number {
  return times[Math.floor((times.length - 1) * share)]?.ms ?? 0;
}

function spread(times: readonly { ms: number }[]): string {
  return `${[0.5, 0.95, 1].map((share) => at(times, share).toFixed(1)).join(' / ')} ms`;
}
