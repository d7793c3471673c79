import type { Command } from 'commander';
import { identify } from '../agent/identify.ts';
import { BILLING_SOURCES } from '../clouds/registry.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { PennyError } from '../errors.ts';
import { type IngestedAssembly, type IngestedPeriod, ingestBilling } from '../jobs/load-bills.ts';
import { action } from './context.ts';

interface IngestFlags {
  format: string;
  keepDemo?: boolean;
}

const FORMATS = ['auto', ...BILLING_SOURCES.map(({ id }) => id)];

export function registerIngest(program: Command): void {
  const ingest = program.command('ingest').description('loads what a cloud exports');
  ingest
    .command('billing')
    .description('loads billing exports: FOCUS 1.0 to 1.4, AWS CUR 2.0 and legacy CUR; CSV, gzip or Parquet')
    .argument('<path...>', 'files, folders or manifests')
    .option('--format <format>', `accept only this kind: ${FORMATS.join(', ')}`, 'auto')
    .option('--keep-demo', 'leave the demo estate beside a bill of other accounts')
    .action(
      action<[string[], IngestFlags]>(async ({ config, log, now, print, signal }, paths, flags) => {
        if (!FORMATS.includes(flags.format)) {
          throw new PennyError('usage', `There is no format ${flags.format}; there are ${FORMATS.join(', ')}.`);
        }
        const database = await openDatabase(config, log);
        try {
          await migrateDatabase(database.url);
          const local = await identify(database.db, { platform: 'local' });
          const files = await ingestBilling({
            paths,
            format: flags.format,
            origin: 'file',
            loadedBy: { actorId: local.userId, actor: local.email, surface: 'cli' },
            keepDemo: flags.keepDemo ?? false,
            config,
            db: database.db,
            log,
            now: now(),
            signal,
          });
          print({ files }, files.map(renderAssembly).join('\n\n'));
        } finally {
          await database.close();
        }
      }),
    );
}

/** Returns what became of an assembly, for people. */
export function renderAssembly(assembly: IngestedAssembly): string {
  const { file, files, title, version, status, rows, dailyRows, ignoredColumns } = assembly;
  const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
  const kind = version === null ? title : `${title.replace(/ \d.*$/, '')} ${version}`;
  const lines = [
    `${file}${more}`,
    `  ${kind}: ${rows} lines in ${dailyRows} daily rows; columns not used: ${ignoredColumns.length}`,
  ];
  if (status === 'unchanged') lines.push('  These contents are loaded already; nothing was changed.');
  lines.push(...assembly.periods.map((period) => `  ${renderPeriod(period)}`));
  for (const [currency, sums] of Object.entries(assembly.sums)) {
    lines.push(
      ...renderTable(
        Object.entries(sums).map(([column, sum]) => [
          currency,
          column,
          sum.read,
          sum.stored ?? '-',
          sum.focusColumn ?? '(only read)',
        ]),
      ),
    );
  }
  if (assembly.removedDemo) lines.push('  The demo estate was removed; --keep-demo would have left it.');
  lines.push(...assembly.notes.map((note) => `  Note: ${note}`));
  return lines.join('\n');
}

function renderPeriod({ billingAccountId, start, end, rows, replaced }: IngestedPeriod): string {
  const period = `${billingAccountId} ${start.slice(0, 10)} to ${end.slice(0, 10)}: ${rows} rows`;
  if (replaced === null) return period;
  const costs = Object.entries(replaced.costs).map(
    ([currency, { billed_cost }]) => `${billed_cost} ${currency} billed`,
  );
  return `${period}, in place of ${replaced.rows} rows${costs.length === 0 ? '' : ` (${costs.join(', ')})`}`;
}

/** Columns are as wide as their widest cell; the sums stand to the right. */
function renderTable(body: string[][]): string[] {
  const rows = [['', 'column', 'read', 'stored', 'as'], ...body];
  const widths = rows[0]?.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0))) ?? [];
  return rows.map((row) => {
    const cells = row.map((cell, index) =>
      index === 2 || index === 3 ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
    );
    return `  ${cells.join('  ').trimEnd()}`;
  });
}
