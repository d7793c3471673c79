import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  paginateGetQueryResults,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Config } from '../../config.ts';
import { PennyError } from '../../errors.ts';
import type { Warehouse } from '../contract.ts';
import { csvLine } from '../warehouse/csv.ts';
import { parseUri } from './billing/s3.ts';
import type { Aws } from './clients.ts';
import { nameOf } from './errors.ts';
import type { AwsPlace } from './place.ts';

/** The settings that say where Athena works and where it writes what it finds. */
export type AthenaSettings = Pick<
  Config,
  'PENNY_ATHENA_CATALOG' | 'PENNY_ATHENA_DATABASE' | 'PENNY_ATHENA_WORKGROUP' | 'PENNY_ATHENA_OUTPUT'
>;

export interface AthenaOptions {
  now?: () => Date;
  /** Waits between two looks at a query. */
  pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** A statement, how it is known when it is begun again, and where all of it happens. */
interface Asked {
  sql: string;
  token?: string | undefined;
  signal: AbortSignal;
  place: AwsPlace;
  settings: AthenaSettings;
  now: () => Date;
  pause: NonNullable<AthenaOptions['pause']>;
}

/**
 * Returns Amazon Athena (engine 3, which is a Trino). A query is looked at again and again until it is over; its result is read from where
 * Athena writes it in S3, or page by page from a workgroup that keeps results itself.
 */
export function openAthena(aws: Aws, settings: AthenaSettings, options: AthenaOptions = {}): Warehouse {
  const { now = () => new Date(), pause = (ms, signal) => delay(ms, undefined, { signal }) } = options;
  const asking = (sql: string, signal: AbortSignal, place: AwsPlace, token?: string): Asked => ({
    ...{ sql, signal, place, token, settings, now, pause },
  });
  const { PENNY_ATHENA_CATALOG: catalog, PENNY_ATHENA_DATABASE: database } = settings;
  return {
    title: 'Amazon Athena',
    within: database === undefined ? [catalog] : [catalog, database],
    async rows(sql, signal) {
      const place = aws.home();
      try {
        const asked = asking(sql, signal, place);
        const rows: (string | null)[][] = [];
        for await (const page of pagesOf(asked, await finished(asked))) rows.push(...page);
        // The first row is the head line.
        return rows.slice(1);
      } finally {
        place.close();
      }
    },
    async *csv(sql, { signal, token }) {
      const place = aws.home();
      try {
        const asked = asking(sql, signal, place, token);
        const execution = await finished(asked);
        const isInStore = execution.ResultConfiguration?.OutputLocation !== undefined;
        yield* isInStore ? objectOf(asked, execution) : linesOf(asked, execution);
        return { bytesRead: execution.Statistics?.DataScannedInBytes ?? null };
      } finally {
        place.close();
      }
    },
  };
}

/** Begins a query, or takes up the one that was begun with its token, and returns it once it has succeeded. */
async function finished(asked: Asked): Promise<QueryExecution> {
  for (let round = 1; ; round++) {
    const begun = asked.now();
    const { execution, looks } = await ended(asked, await begin(asked, round));
    if (execution.Status?.State === 'SUCCEEDED') return execution;
    // One that an earlier try was told to stop, or that failed then, has used up its token.
    const isUsedUp = looks === 1 && isFromBefore(execution, begun) && round < MOST_ROUNDS;
    if (asked.token === undefined || !isUsedUp) throw failureOf(execution);
  }
}

/** What the clocks here and there may differ by. */
const CLOCK_MS = 5_000;
/** More tries than a run has; a clock that is far ahead must not begin queries without end. */
const MOST_ROUNDS = 10;

function isFromBefore({ Status }: QueryExecution, begun: Date): boolean {
  const submitted = Status?.SubmissionDateTime?.getTime() ?? Number.POSITIVE_INFINITY;
  return submitted < begun.getTime() - CLOCK_MS;
}

async function begin({ sql, token, signal, place, settings }: Asked, round: number): Promise<string> {
  const { PENNY_ATHENA_CATALOG: Catalog, PENNY_ATHENA_DATABASE: Database } = settings;
  const { PENNY_ATHENA_WORKGROUP: WorkGroup, PENNY_ATHENA_OUTPUT: OutputLocation } = settings;
  const about = {
    QueryString: sql,
    QueryExecutionContext: { Catalog, ...(Database === undefined ? {} : { Database }) },
    WorkGroup,
    ...(OutputLocation === undefined ? {} : { ResultConfiguration: { OutputLocation } }),
  };
  // Athena refuses a token that comes with another query, so all of the query is in it.
  const hash = createHash('sha256')
    .update(JSON.stringify([token, round, about]))
    .digest('hex');
  const command = new StartQueryExecutionCommand({
    ...about,
    ...(token === undefined ? {} : { ClientRequestToken: hash }),
  });
  const { QueryExecutionId } = await place
    .client(AthenaClient)
    .send(command, { abortSignal: signal })
    .catch((error: unknown) => {
      throw refused(error);
    });
  if (QueryExecutionId === undefined) throw new PennyError('warehouse_failed', 'Athena gave no id for the query.');
  return QueryExecutionId;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/** Returns the query once it is over, and how often it was looked at. An abort stops it: Athena would go on, and charge for it. */
async function ended(
  { signal, place, pause }: Asked,
  id: string,
): Promise<{ execution: QueryExecution; looks: number }> {
  const client = place.client(AthenaClient);
  let wait = FIRST_WAIT_MS;
  try {
    for (let looks = 1; ; looks++) {
      const look = new GetQueryExecutionCommand({ QueryExecutionId: id });
      const { QueryExecution: execution } = await client.send(look, { abortSignal: signal });
      const state = execution?.Status?.State;
      if (execution === undefined || state === undefined)
        throw new PennyError('warehouse_unavailable', 'Athena does not say how far the query is.');
      if (state !== 'QUEUED' && state !== 'RUNNING') return { execution, looks };
      await pause(wait, signal);
      wait = Math.min(wait * 1.5, LONGEST_WAIT_MS);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id })).catch(() => undefined);
    throw signal.reason;
  }
}

/** Athena's own troubles; source: Amazon Athena user guide, "Athena error catalog". */
const SYSTEM_ERROR = 1;
const DENIED = /access denied|permission denied|not authorized|insufficient permissions|AccessDenied/i;

function failureOf({ Status, QueryExecutionId }: QueryExecution): PennyError {
  const { State, StateChangeReason, AthenaError } = Status ?? {};
  const reason = (AthenaError?.ErrorMessage ?? StateChangeReason ?? 'it gives no reason').slice(0, 300);
  const details = { queryId: QueryExecutionId, state: State };
  if (State === 'CANCELLED')
    return new PennyError('warehouse_unavailable', `The query in Athena was cancelled: ${reason}`, { details });
  if (DENIED.test(reason)) {
    const message = `Athena may not read or write what the query needs: ${reason} See the policy "warehouse" in docs/aws.md.`;
    return new PennyError('cloud_denied', message, { details });
  }
  const passes = AthenaError?.Retryable === true || AthenaError?.ErrorCategory === SYSTEM_ERROR;
  return new PennyError(
    passes ? 'warehouse_unavailable' : 'warehouse_failed',
    `The query failed in Athena: ${reason}`,
    {
      details,
    },
  );
}

/** Returns what a query that was not even begun is told as. */
function refused(error: unknown): unknown {
  if (nameOf(error) !== 'InvalidRequestException') return error;
  const text = String(Reflect.get(Object(error), 'message')).slice(0, 300);
  if (/output location/i.test(text)) {
    const message =
      'Athena does not know where to write results: set PENNY_ATHENA_OUTPUT to a place such as s3://bucket/prefix/.';
    return new PennyError('invalid_config', message, { cause: error });
  }
  return new PennyError('warehouse_failed', `Athena refused the query: ${text}`, { cause: error });
}

/** The file that Athena wrote: its values stand in quotes, and NULL is nothing between two commas. */
async function* objectOf(
  { place, signal }: Asked,
  { ResultConfiguration }: QueryExecution,
): AsyncGenerator<Uint8Array> {
  const uri = ResultConfiguration?.OutputLocation ?? '';
  const { bucket: Bucket, prefix: Key } = parseUri(uri);
  const { Body } = await place
    .client(S3Client)
    .send(new GetObjectCommand({ Bucket, Key }), { abortSignal: signal })
    .catch((error: unknown) => {
      if (error instanceof PennyError || signal.aborted) throw error;
      const message = `The result that Athena wrote cannot be read from ${uri} (${nameOf(error)}).`;
      throw new PennyError('warehouse_failed', message, { cause: error });
    });
  try {
    for await (const chunk of Body as Readable) {
      signal.throwIfAborted();
      yield chunk as Uint8Array;
    }
  } catch (error) {
    if (error instanceof PennyError || signal.aborted) throw error;
    throw new PennyError('cloud_unavailable', `${uri} broke off while it was read.`, { cause: error });
  }
}

async function* linesOf(asked: Asked, execution: QueryExecution): AsyncGenerator<string> {
  for await (const page of pagesOf(asked, execution)) yield page.map(csvLine).join('');
}

/** The rows of a result by pages, the head line first. */
async function* pagesOf(
  { place, signal }: Asked,
  { QueryExecutionId }: QueryExecution,
): AsyncGenerator<(string | null)[][]> {
  const pages = paginateGetQueryResults(
    { client: place.client(AthenaClient), pageSize: 1_000 },
    { QueryExecutionId },
    { abortSignal: signal },
  );
  for await (const { ResultSet } of pages)
    yield (ResultSet?.Rows ?? []).map(({ Data }) => (Data ?? []).map(({ VarCharValue }) => VarCharValue ?? null));
}
