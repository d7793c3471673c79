import { type Command, InvalidArgumentError } from 'commander';
import { identify } from '../agent/identify.ts';
import { EXPORTS, openWarehouse } from '../clouds/registry.ts';
import { dailyQuery } from '../clouds/warehouse/daily-query.ts';
import { describeTable } from '../clouds/warehouse/tables.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { PennyError } from '../errors.ts';
import { loadFromWarehouse } from '../jobs/load-warehouse.ts';
import { action } from './context.ts';
import { renderAssembly } from './ingest.ts';
import { progressDisplay } from './progress.ts';

interface WarehouseFlags {
  format: string;
  month: string;
  query?: boolean;
  keepDemo?: boolean;
}

/** Adds `penny ingest warehouse` to what `registerIngest` made. */
export function registerIngestWarehouse(program: Command): void {
  const ingest = program.commands.find((command) => command.name() === 'ingest');
  ingest
    ?.command('warehouse')
    .description(
      'loads a month of an export that Trino or Amazon Athena sums to days where it lies; see docs/scaling.md',
    )
    .argument('<table>', 'such as hive.billing.cur2; in the database of Athena its name alone')
    .requiredOption('--format <format>', `what the table holds: ${EXPORTS.map(({ id }) => id).join(', ')}`)
    .requiredOption('--month <month>', 'such as 2026-09', monthOption)
    .option('--query', 'only print the query, to run it elsewhere')
    .option('--keep-demo', 'leave the demo estate beside a bill of other accounts')
    .action(
      action<[string, WarehouseFlags]>(async ({ config, log, now, print, signal, json }, table, flags) => {
        const source = EXPORTS.find(({ id }) => id === flags.format);
        if (source === undefined) throw new PennyError('usage', `There is no format ${flags.format}.`);
        const from = { warehouse: await openWarehouse(config), table, signal };
        if (flags.query) {
          const sql = dailyQuery(source, await describeTable(from), { month: flags.month, dialect: 'trino' });
          print({ sql }, sql);
          return;
        }
        const database = await openDatabase(config, log);
        const display = progressDisplay({ silent: json });
        try {
          await migrateDatabase(database.url);
          const local = await identify(database.db, { platform: 'local' });
          const files = await loadFromWarehouse({
            ...from,
            progress: display.show,
            ...{ source, month: flags.month, keepDemo: flags.keepDemo ?? false, config, log, now: now() },
            loadedBy: { actorId: local.userId, actor: local.email, surface: 'cli' },
            db: database.db,
          });
          display.end();
          print({ files }, files.map(renderAssembly).join('\n\n'));
        } finally {
          display.end();
          await database.close();
        }
      }),
    );
}

function monthOption(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a month such as 2026-09.');
}
