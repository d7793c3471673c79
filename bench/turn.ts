import { createAssistant } from '../agent/assistant.ts';
import { identify } from '../agent/identify.ts';
import { clock, readConfig } from '../config.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { suites } from '../evals/suites.ts';
import { log } from '../log.ts';

/**
 * Prints how long a turn takes without a remote model, over the questions of the evals on the estate of PENNY_HOME, and
 * the 95th percentile as a share of its limit. Fill the estate first: `penny demo --scale 10`.
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
  const questions = suites.flatMap((suite) => suite.cases).map(({ turns }) => turns[0] ?? '');
  const times: { ms: number; question: string }[] = [];
  // The first round warms the caches of the database and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const question of questions) {
      const began = performance.now();
      await assistant.ask({ question, principal, surface: 'eval' });
      if (round > 0) times.push({ ms: performance.now() - began, question });
    }
  }
  times.sort((a, b) => a.ms - b.ms);
  const at = (share: number) => times[Math.floor((times.length - 1) * share)]?.ms ?? 0;
  const p95 = at(0.95);
  const slowest = times.slice(-5).map(({ ms, question }) => `  ${ms.toFixed(0)} ms  ${question}`);
  const lines = [
    `turns            ${times.length} (${questions.length} questions, ${ROUNDS} rounds)`,
    `p50 / p95 / max  ${at(0.5).toFixed(1)} / ${p95.toFixed(1)} / ${at(1).toFixed(1)} ms`,
    `p95 of limit     ${(p95 / LIMIT_MS).toFixed(2)} (limit ${LIMIT_MS} ms)`,
    'slowest',
    ...slowest,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
} finally {
  await database.close();
}
