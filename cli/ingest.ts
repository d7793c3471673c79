import { type Command, InvalidArgumentError } from 'commander';
import { identify } from '../agent/identify.ts';
import { BILLING_SOURCES, cloudOf } from '../clouds/registry.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { PennyError } from '../errors.ts';
import { type IngestedAssembly, type IngestedPeriod, ingestBilling } from '../jobs/load-bills.ts';
import { type LoadedExports, loadExports } from '../jobs/load-exports.ts';
import { action } from './context.ts';
import { progressDisplay } from './progress.ts';

interface IngestFlags {
  format: string;
  keepDemo?: boolean;
  since?: string;
}

const FORMATS = ['auto', ...BILLING_SOURCES.map(({ id }) => id)];

export function registerIngest(program: Command): void {
  const ingest = program.command('ingest').description('loads what a cloud exports');
  ingest
    .command('billing')
    .description('loads billing exports: FOCUS 1.0 to 1.4, AWS CUR 2.0 and legacy CUR; CSV, gzip or Parquet')
    .argument('<path...>', 'files, folders or manifests; or places of a store, such as s3://bucket/prefix')
    .option('--format <format>', `accept only this kind: ${FORMATS.join(', ')}`, 'auto')
    .option('--since <month>', 'of a store: leave months before this one out, such as 2026-01', aMonth)
    .option('--keep-demo', 'leave the demo estate beside a bill of other accounts')
    .action(
      action<[string[], IngestFlags]>(async ({ config, log, now, print, signal, json }, paths, flags) => {
        if (!FORMATS.includes(flags.format)) {
          throw new PennyError('usage', `There is no format ${flags.format}; there are ${FORMATS.join(', ')}.`);
        }
        const database = await openDatabase(config, log);
        const display = progressDisplay({ silent: json });
        try {
          await migrateDatabase(database.url);
          const local = await identify(database.db, { platform: 'local' });
          const options = {
            format: flags.format,
            loadedBy: { actorId: local.userId, actor: local.email, surface: 'cli' as const },
            keepDemo: flags.keepDemo ?? false,
            config,
            db: database.db,
            log,
            now: now(),
            signal,
            progress: display.show,
          };
          if (isInStore(paths)) {
            const { since } = flags;
            const loaded = await loadExports({ ...options, uris: paths, ...(since === undefined ? {} : { since }) });
            const { assemblies: files, unchangedMonths, notes } = loaded;
            display.end();
            print({ files, unchangedMonths, notes }, renderExports(loaded));
          } else {
            const files = await ingestBilling({ ...options, paths, origin: 'file' });
            display.end();
            print({ files }, files.map(renderAssembly).join('\n\n'));
          }
        } finally {
          display.end();
          await database.close();
        }
      }),
    );
}

function aMonth(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a month such as 2026-01.');
}

/** Paths and places of a store are not loaded in one go: whether they hold the same would show too late. */
function isInStore(paths: readonly string[]): boolean {
  const inStore = paths.filter((path) => cloudOf(path) !== undefined);
  if (inStore.length === 0 || inStore.length === paths.length) return inStore.length > 0;
  throw new PennyError('usage', 'Name either files and folders or places of a store, not both at once.');
}

/** Returns what became of the exports of a store, for people. */
export function renderExports({ assemblies, unchangedMonths, notes }: LoadedExports): string {
  const unchanged = unchangedMonths.map((month) => `${month ?? 'The export'}: loaded already; nothing was fetched.`);
  return [...assemblies.map(renderAssembly), [...unchanged, ...notes.map((note) => `Note: ${note}`)].join('\n')]
    .filter((text) => text !== '')
    .join('\n\n');
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
