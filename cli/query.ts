import type { Command } from 'commander';
import { identify } from '../agent/identify.ts';
import { audit } from '../db/audit/record.ts';
import { runGuarded, type SqlResult } from '../db/guard/execute.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import type { Principal } from '../db/principal.ts';
import { describeFreshness } from '../db/queries/freshness.ts';
import { NO_ACCESS, seesNothing } from '../db/queries/scope.ts';
import { PennyError, toErrorBody } from '../errors.ts';
import { redact } from '../redaction.ts';
import { alignRows } from './align.ts';
import { action } from './context.ts';

const MOST_ROWS = 10_000;

export function registerQuery(program: Command): void {
  program
    .command('query')
    .description('run one SELECT over the views of schema ask, as far as a person may see')
    .argument('<sql>', 'the statement, in quotes')
    .option('--as <email>', 'query as this user (default: the local administrator)')
    .option('--limit <rows>', `rows at most, up to ${MOST_ROWS}`, '1000')
    .action(
      action<[string, { as?: string; limit: string }]>(async ({ config, log, now, print, signal }, sql, flags) => {
        const limit = Number(flags.limit);
        if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS) {
          throw new PennyError('usage', `--limit takes a whole number from 1 to ${MOST_ROWS}.`);
        }
        const database = await openDatabase(config, log);
        try {
          await migrateDatabase(database.url);
          const { db } = database;
          const principal = await identify(db, { platform: 'local', ...(flags.as ? { email: flags.as } : {}) });
          const record = (event: string, details: Record<string, unknown>): Promise<void> =>
            audit(db.pool, {
              occurredAt: now(),
              actorId: principal.userId,
              actor: principal.email,
              surface: 'cli',
              event,
              details: { sql: redact(sql.slice(0, 4_000)), ...details },
            });
          if (seesNothing(principal.scope)) throw new PennyError('forbidden', NO_ACCESS);
          const { dataThrough } = await describeFreshness(db, signal);
          const result = await runGuarded(db, principal, sql, { signal, limits: { rows: limit } }).catch(
            async (error: unknown) => {
              await record('sql.refused', { ...toErrorBody(error).error });
              throw error;
            },
          );
          const { columns, rows, rowCount, truncated, ...receipt } = result;
          await record('sql.queried', { fingerprint: receipt.fingerprint, relations: receipt.relations, rowCount });
          const document = {
            columns,
            rows,
            rowCount,
            truncated,
            receipt: { sql, ...receipt, scope: principal.scope, dataThrough },
          };
          print(document, textOf(result, dataThrough, principal));
        } finally {
          await database.close();
        }
      }),
    );
}

const NUMERIC = /^(smallint|integer|bigint|numeric|real|double precision)$/;

function textOf(result: SqlResult, dataThrough: string | null, { email, scope }: Principal): string {
  const { rowCount, truncated, elapsedMs, relations } = result;
  const counted = `${rowCount} ${rowCount === 1 ? 'row' : 'rows'}${truncated ? ' (cut; --limit shows more)' : ''}`;
  const reach = dataThrough === null ? 'no bill is loaded' : `data through ${dataThrough}`;
  const from = relations.map((name) => `ask.${name}`).join(', ');
  const lines = alignRows(
    result.columns.map(({ name }) => name),
    result.rows.map((row) =>
      row.map((value) => (value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value ?? ''))),
    ),
    result.columns.map(({ type }) => NUMERIC.test(type)),
  );
  return `${lines.join('\n')}\n\n${counted}, ${Math.round(elapsedMs)} ms${from ? `, from ${from}` : ''}, ${reach}${scope === 'all' ? '' : `\nOnly what ${email} may see is counted.`}`;
}
