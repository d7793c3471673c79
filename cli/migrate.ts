import type { Command } from 'commander';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { action } from './context.ts';

export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('bring the database to the newest schema; safe when several start at once')
    .action(
      action(async ({ config, log, print }) => {
        const database = await openDatabase(config, log);
        try {
          await migrateDatabase(database.url);
          print({ status: 'ok' }, 'The database schema is up to date.');
        } finally {
          await database.close();
        }
      }),
    );
}
