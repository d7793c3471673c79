import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { createAssistant } from '../agent/assistant.ts';
import { identify } from '../agent/identify.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/client.ts';
import { checkStatement } from '../db/guard/check.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { describeFreshness } from '../db/queries/freshness.ts';
import { PennyError } from '../errors.ts';
import type { Suite } from '../evals/case.ts';
import { runSuite, type SuiteResult, toMarkdown } from '../evals/run.ts';
import type { TruthRows } from '../evals/score.ts';
import { runSqlGuard, SQL_GUARD } from '../evals/sql-guard.ts';
import { suites } from '../evals/suites.ts';
import { action, type CliContext } from './context.ts';

interface EvalFlags {
  suite?: string;
  model: string;
  report?: string;
}

export function registerEval(program: Command): void {
  program
    .command('eval')
    .description(
      'ask the questions of the evals over the demo estate, and put the statements to the SQL guard; exit 1 under a gate',
    )
    .addOption(new Option('--suite <name>', 'only this suite').choices([...suites, SQL_GUARD].map(({ name }) => name)))
    .option('--model <model>', 'offline, or openai:MODEL with OPENAI_API_KEY or OPENAI_BASE_URL set', 'offline')
    .option('--report <dir>', 'also write report.json and report.md there')
    .action(
      action<[EvalFlags]>(async (context, flags) => {
        const isWanted = ({ name }: { name: string }) => flags.suite === undefined || name === flags.suite;
        const results: SuiteResult[] = isWanted(SQL_GUARD) ? [await runSqlGuard(checkStatement)] : [];
        const asked = suites.filter(isWanted);
        const config = withModel(context.config, flags.model);
        const model = asked.length === 0 ? 'none' : await runAsked(asked, { ...context, config }, results);
        const markdown = toMarkdown(results, model);
        if (flags.report !== undefined) await writeReport(flags.report, results, markdown);
        context.print({ model, suites: results }, markdown);
        if (results.some(({ ok }) => !ok)) process.exitCode = 1;
      }),
    );
}

/** Adds the results of suites that ask the assistant, and returns the name of its model. */
async function runAsked(asked: Suite[], { config, log, now }: CliContext, results: SuiteResult[]): Promise<string> {
  const database = await openDatabase(config, log);
  try {
    await migrateDatabase(database.url);
    const { db } = database;
    const principal = await identify(db, { platform: 'local' });
    const assistant = createAssistant({ config, db, log, now });
    const truth = await truthQuery(db);
    for (const suite of asked) {
      results.push(
        await runSuite(suite, { truth, ask: (request) => assistant.ask({ ...request, principal, surface: 'eval' }) }),
      );
    }
    return assistant.model.name;
  } finally {
    await database.close();
  }
}

function withModel(config: Config, model: string): Config {
  if (model === 'offline') return { ...config, OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined };
  const name = /^openai:(.+)$/.exec(model)?.[1];
  if (name === undefined) throw new PennyError('usage', 'The model is "offline" or "openai:MODEL".');
  if (config.OPENAI_API_KEY === undefined && config.OPENAI_BASE_URL === undefined) {
    throw new PennyError('usage', 'Set OPENAI_API_KEY or OPENAI_BASE_URL for a model of an endpoint.');
  }
  return { ...config, OPENAI_MODEL: name };
}

/** Runs a case's own SQL, with the day after the last day of data as $1 where it is used. */
async function truthQuery(db: Db): Promise<(sql: string) => Promise<TruthRows>> {
  const { dataThrough } = await describeFreshness(db);
  if (dataThrough === null) throw new PennyError('not_found', 'There is no bill to ask about; run penny demo first.');
  const dayAfter = new Date(Date.parse(dataThrough) + 86_400_000).toISOString().slice(0, 10);
  return async (sql) => {
    const { rows } = await db.pool.query({ text: sql.replaceAll('$1', `DATE '${dayAfter}'`), rowMode: 'array' });
    return rows as TruthRows;
  };
}

async function writeReport(folder: string, results: SuiteResult[], markdown: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(folder, 'report.md'), `${markdown}\n`);
}
