#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { packageRoot, silenceTracing } from '../config.ts';
import { PennyError } from '../errors.ts';
import { fail } from './context.ts';

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };

/** Each command by its name, in the order of the help. What one needs is loaded when it is asked for: all together take a second. */
const COMMANDS: Record<string, () => Promise<((program: Command) => void)[]>> = {
  serve: async () => [(await import('./serve.ts')).registerServe],
  migrate: async () => [(await import('./migrate.ts')).registerMigrate],
  demo: async () => [(await import('./demo.ts')).registerDemo],
  ingest: async () => [
    (await import('./ingest.ts')).registerIngest,
    (await import('./ingest-warehouse.ts')).registerIngestWarehouse,
    (await import('./ingest-metric.ts')).registerIngestMetric,
  ],
  job: async () => [(await import('./job.ts')).registerJob],
  ask: async () => [(await import('./ask.ts')).registerAsk],
  query: async () => [(await import('./query.ts')).registerQuery],
  reconcile: async () => [(await import('./reconcile.ts')).registerReconcile],
  anomalies: async () => [(await import('./anomalies.ts')).registerAnomalies],
  recommend: async () => [(await import('./recommend.ts')).registerRecommend],
  remediation: async () => [(await import('./remediation.ts')).registerRemediation],
  savings: async () => [(await import('./savings.ts')).registerSavings],
  budgets: async () => [(await import('./budgets.ts')).registerBudgets],
  user: async () => [(await import('./user.ts')).registerUser],
  token: async () => [(await import('./token.ts')).registerToken],
  audit: async () => [(await import('./audit.ts')).registerAudit],
  detect: async () => [(await import('./detect.ts')).registerDetect],
  forecast: async () => [(await import('./forecast.ts')).registerForecast],
  guard: async () => [(await import('./guard.ts')).registerGuard],
  eval: async () => [(await import('./eval.ts')).registerEval],
};

/** What registers a command, or all of them where the word is none: for the help, and to say which there are. */
async function registersOf(word: string): Promise<((program: Command) => void)[]> {
  const wanted = Object.hasOwn(COMMANDS, word) ? [COMMANDS[word]] : Object.values(COMMANDS);
  return (await Promise.all(wanted.map((load) => load?.() ?? []))).flat();
}

const program = new Command('penny')
  .description("Penny, the FinOps engineer in your team's chat")
  .version(version)
  .option('--json', 'print exactly one JSON document on stdout')
  .showHelpAfterError()
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()
  .configureOutput({ writeErr: () => {} });

// No option of the program itself takes a value, so the first word is the command.
const asked = process.argv.slice(2).find((word) => !word.startsWith('-')) ?? '';
for (const register of await registersOf(asked)) register(program);

silenceTracing();
// Whoever reads the output has read enough (`penny audit export | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
const wantsJson = process.argv.includes('--json');
try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) fail(error, wantsJson);
  else if (error.exitCode !== 0) {
    const problem = error.message.replace(/^error: /, '').replace(/\.?$/, '.');
    fail(new PennyError('usage', `${problem} See penny --help.`), wantsJson);
  }
}
