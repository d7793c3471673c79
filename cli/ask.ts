import type { Command } from 'commander';
import { createAssistant } from '../agent/assistant.ts';
import { identify } from '../agent/identify.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { action } from './context.ts';
import { renderAnswer } from './render-answer.ts';

interface AskFlags {
  as?: string;
  thread?: string;
}

export function registerAsk(program: Command): void {
  program
    .command('ask')
    .description('one turn of the assistant; with --json exactly one Answer')
    .argument('<question>', 'the question, in quotes')
    .option('--as <email>', 'ask as this user (default: the local administrator)')
    .option('--thread <id>', 'go on with this conversation')
    .action(
      action<[string, AskFlags]>(async ({ config, log, now, print, signal }, question, flags) => {
        const database = await openDatabase(config, log);
        try {
          await migrateDatabase(database.url);
          const { db } = database;
          const principal = await identify(db, { platform: 'local', ...(flags.as ? { email: flags.as } : {}) });
          const answer = await createAssistant({ config, db, log, now }).ask({
            question,
            principal,
            surface: 'cli',
            signal,
            ...(flags.thread ? { threadId: flags.thread } : {}),
          });
          print(answer, renderAnswer(answer));
          if (answer.status === 'failed') process.exitCode = 1;
        } finally {
          await database.close();
        }
      }),
    );
}
