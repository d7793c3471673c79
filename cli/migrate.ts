import type { Command } from 'commander';
import pg from 'pg';
import { revokeFunctions } from '../db/access/revoked.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { action } from './context.ts';

export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('bring the database to the newest schema; safe when several start at once')
    .option(
      '--print-revoke <owner>',
      'print what a superuser should run once for a Postgres of your own, and do nothing',
    )
    .action(
      action<[{ printRevoke?: string }]>(async ({ config, log, print }, { printRevoke }) => {
        if (printRevoke !== undefined) {
          const statement = revokeFunctions(pg.escapeIdentifier(printRevoke));
          print({ sql: statement }, `${statement};`);
          return;
        }
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
