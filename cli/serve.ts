import type { Command } from 'commander';
import { createAssistant } from '../agent/assistant.ts';
import { identify } from '../agent/identify.ts';
import type { Config } from '../config.ts';
import { migrateDatabase, missingMigrations } from '../db/migrate.ts';
import { type OpenDatabase, openDatabase } from '../db/open.ts';
import { hasBilling } from '../db/queries/freshness.ts';
import { PennyError } from '../errors.ts';
import { listen } from '../web/server/listen.ts';
import { buildServer } from '../web/server/server.ts';
import { action, type CliContext } from './context.ts';
import { loadDemo } from './demo.ts';

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('run the service: web, API and everything that belongs to it')
    .option('--no-demo', 'start without the demo estate when the database is empty')
    .action(
      action<[{ demo: boolean }]>(async (context, flags) => {
        const database = await openDatabase(context.config, context.log, { exclusive: true });
        try {
          await migrateDatabase(database.url);
          const isEmpty = !(await hasBilling(database.db));
          const rest = isEmpty && flags.demo ? await firstEstate(context, database) : undefined;
          await serve(context, database, rest !== undefined);
          await Promise.all(rest ?? []);
        } finally {
          await database.close();
        }
      }),
    );
}

/**
 * An empty database gets the demo estate, so that the first question has an answer. Returns when the last months can be
 * asked about, with the promise that earlier months, usage and inventories are in too.
 */
async function firstEstate(
  { config, log, now, json, signal }: CliContext,
  { db }: OpenDatabase,
): Promise<Promise<void>[]> {
  if (!json) process.stdout.write('First start: building the demo estate ...\n');
  let billIsIn = (): void => {};
  const bill = new Promise<void>((resolve) => {
    billIsIn = resolve;
  });
  const all = loadDemo({ config, db, now: now(), log, signal, onBilling: billIsIn });
  await Promise.race([bill, all]);
  return [
    all.then(
      () => {
        if (!json) process.stdout.write('\nAll of the demo estate is loaded.\n');
      },
      (error: unknown) => log.error({ err: error }, 'the rest of the demo estate was not loaded'),
    ),
  ];
}

async function serve(context: CliContext, { db }: OpenDatabase, isLoading: boolean): Promise<void> {
  const { config, log, now, print, signal } = context;
  const assistant = createAssistant({ config, db, log, now });
  const local = await identify(db, { platform: 'local' });
  const app = await buildServer({
    config,
    db,
    assistant,
    log,
    now,
    principalOf: () => local,
    ready: () => readiness(db),
  });
  try {
    const url = shownUrl(await listen(app, config, log), config);
    const questions = (await assistant.suggestQuestions(local)).slice(0, 3);
    print({ url, questions }, greeting(url, questions, isLoading));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    await app.close();
  }
}

async function readiness(db: OpenDatabase['db']): Promise<void> {
  if ((await missingMigrations(db.pool)) > 0) throw new PennyError('database_schema');
}

function shownUrl(url: string, { HOST }: Config): string {
  return HOST === '0.0.0.0' ? url.replace('0.0.0.0', '127.0.0.1') : url;
}

function greeting(url: string, questions: string[], isLoading: boolean): string {
  const lines = questions.map((question) => `  ${question}`);
  const note = isLoading ? ['The last five months can be asked about; earlier ones follow within a minute.', ''] : [];
  return [`Penny is ready: ${url}`, '', 'Try:', ...lines, '', ...note, 'Stop with Ctrl-C.'].join('\n');
}
