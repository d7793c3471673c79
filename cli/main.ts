#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { packageRoot, silenceTracing } from '../config.ts';
import { PennyError } from '../errors.ts';
import { registerAnomalies } from './anomalies.ts';
import { registerAsk } from './ask.ts';
import { registerAudit } from './audit.ts';
import { registerBudgets } from './budgets.ts';
import { fail } from './context.ts';
import { registerDemo } from './demo.ts';
import { registerDetect } from './detect.ts';
import { registerEval } from './eval.ts';
import { registerForecast } from './forecast.ts';
import { registerGuard } from './guard.ts';
import { registerIngest } from './ingest.ts';
import { registerIngestMetric } from './ingest-metric.ts';
import { registerIngestWarehouse } from './ingest-warehouse.ts';
import { registerJob } from './job.ts';
import { registerMigrate } from './migrate.ts';
import { registerQuery } from './query.ts';
import { registerRecommend } from './recommend.ts';
import { registerReconcile } from './reconcile.ts';
import { registerRemediation } from './remediation.ts';
import { registerSavings } from './savings.ts';
import { registerServe } from './serve.ts';
import { registerToken } from './token.ts';
import { registerUser } from './user.ts';

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };

const program = new Command('penny')
  .description("Penny, the FinOps engineer in your team's chat")
  .version(version)
  .option('--json', 'print exactly one JSON document on stdout')
  .showHelpAfterError()
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()
  .configureOutput({ writeErr: () => {} });

for (const register of [
  registerServe,
  registerMigrate,
  registerDemo,
  registerIngest,
  registerIngestWarehouse,
  registerIngestMetric,
  registerJob,
  registerAsk,
  registerQuery,
  registerReconcile,
  registerAnomalies,
  registerRecommend,
  registerRemediation,
  registerSavings,
  registerBudgets,
  registerUser,
  registerToken,
  registerAudit,
  registerDetect,
  registerForecast,
  registerGuard,
  registerEval,
]) {
  register(program);
}

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
