import type { Command } from 'commander';
import { readAnchors } from '../db/audit/anchor.ts';
import { chainPending } from '../db/audit/chain.ts';
import { anchorFile, anchorNow } from '../db/audit/keep.ts';
import { type AuditRecord, exportAudit } from '../db/audit/list.ts';
import { type Verification, verifyAudit } from '../db/audit/verify.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { type OpenDatabase, openDatabase } from '../db/open.ts';
import { PennyError } from '../errors.ts';
import { toCsv } from '../web/csv.ts';
import { action, type CliContext } from './context.ts';

export function registerAudit(program: Command): void {
  const audit = program.command('audit').description('the log of what happened: verify, export, anchor');
  audit
    .command('verify')
    .description('walk the chain and name the first broken entry; exit code 1 when there is one')
    .option('--anchors <file>', 'compare with the anchors of this file (default: those the service writes)')
    .action(
      action<[{ anchors?: string }]>(async (context, flags) =>
        withDatabase(context, async ({ db }) => {
          await chainPending(db.pool);
          const file = flags.anchors ?? anchorFile(context.config);
          const found = await verifyAudit(db.pool, readAnchors(file));
          context.print(found, sentence(found, file));
          if (found.broken !== null) process.exitCode = 1;
        }),
      ),
    );
  audit
    .command('export')
    .description('every entry, the oldest first, on stdout')
    .option('--format <format>', 'jsonl or csv', 'jsonl')
    .action(
      action<[{ format: string }]>(async (context, { format }) => {
        if (format !== 'jsonl' && format !== 'csv') throw new PennyError('usage', '--format takes jsonl or csv.');
        await withDatabase(context, ({ db }) => writeAll(exportAudit(db.pool), format));
      }),
    );
  audit
    .command('anchor')
    .description('add the newest hash to the file of anchors now')
    .action(
      action(async (context) =>
        withDatabase(context, async ({ db }) => {
          const { config, log, now, print } = context;
          await anchorNow(db, config, log, now());
          const file = anchorFile(config);
          const anchor = readAnchors(file).at(-1) ?? null;
          print(
            { file, anchor },
            anchor === null ? 'The audit log is empty.' : `${file}: entry ${anchor.entryId}, ${anchor.hash}`,
          );
        }),
      ),
    );
}

async function withDatabase(
  { config, log }: CliContext,
  work: (database: OpenDatabase) => Promise<void>,
): Promise<void> {
  const database = await openDatabase(config, log);
  try {
    await migrateDatabase(database.url);
    await work(database);
  } finally {
    await database.close();
  }
}

function sentence({ entries, lastHash, anchors, broken }: Verification, file: string): string {
  if (broken !== null) return `BROKEN at entry ${broken.entryId}: ${broken.reason}`;
  const compared = anchors === 0 ? `no anchors in ${file} to compare with` : `${anchors} anchors of ${file} agree`;
  return `The audit log holds: ${entries} entries chained without a gap, ${compared}.${lastHash === null ? '' : `\nLast hash ${lastHash}`}`;
}

const COLUMNS: (keyof AuditRecord)[] = [
  'entryId',
  'occurredAt',
  'actorId',
  'actor',
  'surface',
  'event',
  'subjectType',
  'subjectId',
  'details',
  'previousHash',
  'hash',
];

async function writeAll(pages: AsyncIterable<AuditRecord[]>, format: 'jsonl' | 'csv'): Promise<void> {
  const columns = COLUMNS.map((name) => ({ name, kind: 'text' }));
  if (format === 'csv') process.stdout.write(toCsv(columns, []));
  for await (const page of pages) {
    const text =
      format === 'jsonl'
        ? page.map((record) => `${JSON.stringify(record)}\n`).join('')
        : toCsv(columns, page.map(toRow)).replace(/^[^\n]*\n/, '');
    if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}

const toRow = (record: AuditRecord): (string | number | null)[] =>
  COLUMNS.map((column) => {
    const value = record[column];
    return value !== null && typeof value === 'object' ? JSON.stringify(value) : value;
  });
