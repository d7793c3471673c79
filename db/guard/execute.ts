import type pg from 'pg';
import Cursor from 'pg-cursor';
import { PennyError } from '../../errors.ts';
import { type Person, scopeStatement } from '../access/context.ts';
import { type Db, databaseError } from '../client.ts';
import { checkStatement } from './check.ts';
import type { Verdict } from './codes.ts';
import { explainFailure } from './failures.ts';
import { readValue, typeNames } from './results.ts';

/** A value as JSON carries it: money, quantities and whole numbers beyond 32 bits are decimal text. */
export type SqlValue = string | number | boolean | null | object;

/** What a statement returned. `truncated`: there was more than the limits let through. */
export interface SqlResult {
  columns: { name: string; type: string }[];
  rows: SqlValue[][];
  rowCount: number;
  truncated: boolean;
  fingerprint: string;
  /** The views of schema `ask` it read, sorted. */
  relations: string[];
  elapsedMs: number;
}

export interface SqlLimits {
  rows: number;
  bytes: number;
  timeoutMs: number;
  /** In the planner's unit, about one page read from disk in order. */
  planCost: number;
}

/**
 * A scan of ten million charges is planned at about two million; two tables of that size joined without a condition at a million
 * times that.
 */
export const SQL_LIMITS: SqlLimits = { rows: 1_000, bytes: 2_000_000, timeoutMs: 15_000, planCost: 20_000_000 };

export interface SqlOptions {
  signal?: AbortSignal;
  limits?: Partial<SqlLimits>;
  /** The layer that parses; tests take it away to show that the others hold without. */
  check?: (sql: string) => Verdict | Promise<Verdict>;
}

/**
 * Runs one SELECT that a model or a person wrote, as far as `person` may see, and returns its rows. Each layer holds alone where
 * it can: the parser's list of what is allowed, a role that reads nothing but the views, a signed scope, a read-only
 * transaction, one statement by the extended protocol, limits on time, plan, rows and bytes.
 * @throws PennyError `sql_refused` (`details.code` of db/guard/codes.ts), `sql_failed` (it does not run; says what to change),
 *   `query_timeout`, `database_unavailable`; the signal's reason when it was aborted
 */
export async function runGuarded(db: Db, person: Person, sql: string, options: SqlOptions = {}): Promise<SqlResult> {
  const limits = { ...SQL_LIMITS, ...options.limits };
  const verdict = await (options.check ?? checkStatement)(sql);
  if (!verdict.allowed) {
    const { code, reason, hint } = verdict;
    const message = hint === undefined ? reason : `${reason} ${hint}`;
    throw new PennyError('sql_refused', message, { details: { code } });
  }
  options.signal?.throwIfAborted();
  const began = performance.now();
  const { ask, scopeKey } = await db.readers.open();
  const client = await ask.connect().catch((error: unknown) => {
    throw databaseError(error);
  });
  const pid = (client as pg.PoolClient & { processID: number }).processID;
  const cancel = () => {
    db.pool.query('SELECT pg_cancel_backend($1)', [pid]).catch(() => {});
  };
  options.signal?.addEventListener('abort', cancel, { once: true });
  let broken: Error | undefined;
  try {
    await client.query(beginStatement(limits, scopeStatement(person, pid, scopeKey)));
    await checkPlan(client, sql, limits);
    const { columns, rows, truncated } = await readRows(db, client, sql, limits);
    const elapsedMs = Math.round((performance.now() - began) * 10) / 10;
    const { fingerprint, relations } = verdict;
    return { columns, rows, rowCount: rows.length, truncated, fingerprint, relations, elapsedMs };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explainFailure(error, verdict.relations);
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    broken = await client.query('ROLLBACK').then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error('rollback failed')),
    );
    client.release(broken);
  }
}

/** All of it holds for this transaction only, so that nothing of one person's question is left for the next. */
function beginStatement({ timeoutMs }: SqlLimits, scope: string): string {
  const settings = {
    statement_timeout: String(timeoutMs),
    lock_timeout: '2000',
    idle_in_transaction_session_timeout: '30000',
    work_mem: '32MB',
    jit: 'off',
    standard_conforming_strings: 'on',
    TimeZone: 'UTC',
    search_path: 'ask',
  };
  const lines = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = '${value}'`);
  return ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', ...lines, scope].join('; ');
}

/** Postgres's own estimate keeps away what would only end at the time limit, after it had the machine to itself until then. */
async function checkPlan(client: pg.PoolClient, sql: string, { planCost }: SqlLimits): Promise<void> {
  // Extended protocol: of a text with two statements none is run.
  const { rows } = await client.query({
    text: `EXPLAIN (FORMAT JSON) ${sql}`,
    queryMode: 'extended',
  } as pg.QueryConfig);
  const [plan] = JSON.parse(String(rows[0]?.['QUERY PLAN'])) as { Plan?: { 'Total Cost'?: number } }[];
  const cost = plan?.Plan?.['Total Cost'];
  // Only what is planned has a cost; commands have none.
  if (cost === undefined) {
    throw new PennyError('sql_refused', 'The statement is no SELECT.', { details: { code: 'not_a_select' } });
  }
  if (cost <= planCost) return;
  throw new PennyError(
    'sql_refused',
    'The statement would read or join too much. Narrow charge_period_start to fewer months, join on a condition, or sum before joining.',
    { details: { code: 'too_expensive' } },
  );
}

const ROWS_A_FETCH = 200;

async function readRows(
  db: Db,
  client: pg.PoolClient,
  sql: string,
  limits: SqlLimits,
): Promise<Pick<SqlResult, 'columns' | 'rows' | 'truncated'>> {
  const cursor = client.query(new Cursor<(string | null)[]>(sql, [], { rowMode: 'array', types: AS_TEXT }));
  const rows: SqlValue[][] = [];
  let bytes = 0;
  let truncated = false;
  let columns: SqlResult['columns'] | undefined;
  let oids: number[] = [];
  for (let isDone = false; !isDone; ) {
    const wanted = Math.min(ROWS_A_FETCH, limits.rows + 1 - rows.length);
    const { batch, fields } = await fetchRows(cursor, wanted);
    if (columns === undefined) {
      oids = fields.map(({ dataTypeID }) => dataTypeID);
      const names = await typeNames(db, oids);
      columns = fields.map(({ name }, index) => ({ name, type: names[index] ?? 'unknown' }));
    }
    for (const row of batch) {
      bytes += row.reduce((sum, value) => sum + (value?.length ?? 4), 0);
      truncated ||= rows.length === limits.rows || bytes > limits.bytes;
      if (!truncated) rows.push(row.map((value, index) => readValue(value, oids[index] ?? 0)));
    }
    // A cursor that has come to its end never answers again.
    isDone = truncated || batch.length < wanted;
  }
  await cursor.close();
  return { columns: columns ?? [], rows, truncated };
}

const AS_TEXT = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

function fetchRows(
  cursor: Cursor<(string | null)[]>,
  count: number,
): Promise<{ batch: (string | null)[][]; fields: pg.FieldDef[] }> {
  return new Promise((resolve, reject) => {
    cursor.read(count, (error, batch, result) => {
      if (error) reject(error);
      else resolve({ batch, fields: result.fields });
    });
  });
}
