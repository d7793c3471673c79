import { basename } from 'node:path';
import { BILLING_SOURCES } from '../clouds/registry.ts';
import { type Assembly, findAssemblies, fingerprint } from '../clouds/staging/assemblies.ts';
import { besides, type Engine, openEngine } from '../clouds/staging/engine.ts';
import {
  accountsFeed,
  type CoarseSums,
  chargesFeed,
  coarseSumsFeed,
  dailySumsFeed,
  monthlySumsFeed,
  prepareMonths,
  prepareSums,
  resourcesFeed,
  tagSetsFeed,
} from '../clouds/staging/feeds.ts';
import { mappingVersion } from '../clouds/staging/mapping-version.ts';
import { findProblem } from '../clouds/staging/problems.ts';
import { numberTagSets, type Staged, stageAssembly } from '../clouds/staging/stage.ts';
import type { Config } from '../config.ts';
import { findLoad, type LoadRecord, type PeriodContent, type StoredLoad } from '../db/billing/loads.ts';
import {
  type BillToStore,
  refreshStatistics,
  type StoredSums,
  type StoreResult,
  storeBill,
} from '../db/billing/store-load.ts';
import { codeOf, type Db } from '../db/client.ts';
import { KEPT_BY_ALL, MONTHLY, ROLLUPS } from '../db/queries/rollups.ts';
import type { JobProgress } from '../db/schema/job-runs.ts';
import { PennyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { checkTotals, type ReportedSums, reportedSums } from './ingest-totals.ts';

export interface IngestOptions {
  /** Files, folders and manifests. */
  paths: readonly string[];
  /** 'auto', or the id of the only source that is accepted. */
  format?: string;
  origin: LoadRecord['origin'];
  /** What tells the contents apart, of one assembly whose lines come in another order each time; unset: a hash over the files. */
  contents?: string;
  /** Whom the audit log names; the job itself by default. */
  loadedBy?: LoadRecord['loadedBy'];
  /** Leaves the demo estate beside a bill of other accounts. */
  keepDemo?: boolean;
  config: Pick<Config, 'PENNY_HOME' | 'PENNY_ALLOCATION_TAGS'>;
  db: Db;
  log: Log;
  now: Date;
  signal?: AbortSignal;
  /** Told at each step how many of the assemblies are done. */
  progress?: (progress: JobProgress) => void;
}

/** What became of one assembly. */
export interface IngestedAssembly {
  /** Its manifest, or its first file. */
  file: string;
  files: string[];
  /** Id of the source, for example 'aws-cur-2', and its name for people. */
  source: string;
  title: string;
  version: string | null;
  status: 'loaded' | 'unchanged';
  loadId: number;
  /** Lines of the files, and daily rows made of them. */
  rows: number;
  dailyRows: number;
  periods: IngestedPeriod[];
  ignoredColumns: string[];
  sums: ReportedSums;
  removedDemo: boolean;
  notes: string[];
}

/** A billing period of an account, and what it held before; null when it is new. Instants in ISO 8601. */
export interface IngestedPeriod {
  billingAccountId: string;
  start: string;
  end: string;
  rows: number;
  replaced: Pick<PeriodContent, 'rows' | 'lines' | 'costs'> | null;
}

/**
 * Loads billing exports and returns what became of each assembly, in the order of loading. Each is stored in a transaction of
 * its own, after everything in it was checked; the first one that fails ends the job, and the error's `details.loaded` names
 * the files stored before it.
 * @throws PennyError `not_found`, `file_unreadable`, `file_empty`, `source_unknown`, `column_missing`, `value_invalid`,
 *   `value_unknown`, `totals_differ`, `invalid_input`, `conflict`, `database_unavailable`
 */
export async function ingestBilling(options: IngestOptions): Promise<IngestedAssembly[]> {
  const report: IngestedAssembly[] = [];
  const partitions: string[] = [];
  try {
    const format = options.format ?? 'auto';
    const { assemblies, notes } = await withEngine(options, (engine) => findAssemblies(engine, options.paths, format));
    const total = assemblies.length;
    for (const [done, assembly] of assemblies.entries()) {
      const step = (verb: string): void => options.progress?.({ done, total, text: `${verb} ${nameOf(assembly)}` });
      report.push(await withEngine(options, (engine) => ingestAssembly(engine, assembly, options, partitions, step)));
    }
    options.progress?.({ done: total, total });
    report[0]?.notes.push(...notes);
    return report;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof PennyError) || report.length === 0) throw error;
    const loaded = report.flatMap(({ files }) => files);
    throw new PennyError(error.code, error.message, { details: { ...error.details, loaded }, cause: error });
  } finally {
    if (partitions.length > 0) await refreshStatistics(options.db, partitions);
  }
}

/** An engine of its own for each step, so that one assembly leaves nothing in memory for the next. */
async function withEngine<Result>(
  { config, signal }: IngestOptions,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const engine = await openEngine(config.PENNY_HOME);
  const stop = () => engine.interrupt();
  signal?.addEventListener('abort', stop);
  try {
    return await work(engine);
  } finally {
    signal?.removeEventListener('abort', stop);
    engine.close();
  }
}

/** `partitions` is added to: the tables that the assembly's rows went into. */
async function ingestAssembly(
  engine: Engine,
  found: Assembly,
  options: IngestOptions,
  partitions: string[],
  step: (verb: string) => void,
): Promise<IngestedAssembly> {
  step('looking at');
  const allocationKeys = allocationKeysOf(options.config);
  const { assembly, hash, doubles } = await fingerprint(found, options.signal);
  const mapping = mappingVersion(assembly.source, allocationKeys);
  const contentHash = `${options.contents ?? hash} ${mapping}`;
  const notes = doubles.map((path) => `${path} was left out: another file holds the same.`);
  const known = await findLoad(options.db.pool, contentHash);
  if (known !== undefined) return unchangedReport(assembly, known, notes);

  step('reading');
  const staged = await stageAssembly(engine, assembly, allocationKeys);
  notes.push(...staged.notes);
  const files = assembly.files.map(({ file }) => file.path);
  options.log.debug({ files, source: assembly.source.id, lines: staged.lines }, 'a bill is staged');
  const record: LoadRecord = {
    sourceId: assembly.source.id,
    sourceVersion: assembly.version,
    origin: options.origin,
    uris: files,
    contentHash,
    mappingVersion: mapping,
    lineCount: staged.lines,
    ignoredColumns: staged.ignoredColumns,
    loadedAt: options.now,
    loadedBy: options.loadedBy ?? THIS_JOB,
  };
  step('storing');
  let sums: ReportedSums = {};
  const bill = billOf(engine, staged, record, (stored) => {
    checkTotals(staged, stored);
    sums = reportedSums(assembly.source, staged, stored);
    return sums;
  });
  const result = await storeBill(options.db, bill, { keepDemo: options.keepDemo ?? false }).catch(async (cause) => {
    throw await explained(engine, assembly, cause);
  });
  if (result.status === 'unchanged') return unchangedReport(assembly, result.load, notes);
  partitions.push(...result.tables);
  return loadedReport(assembly, staged, result, sums, notes);
}

/** Postgres stores no NUL characters. Where in the files one is gets looked for only when it has refused. */
async function explained(engine: Engine, assembly: Assembly, cause: unknown): Promise<unknown> {
  const isNul = ['22021', '22P05'].includes(codeOf(cause) ?? '');
  return isNul ? ((await findProblem(engine, assembly.files, cause)) ?? cause) : cause;
}

function nameOf({ manifest, files }: Assembly): string {
  return basename(manifest ?? files[0]?.file.path ?? '');
}

function allocationKeysOf({ PENNY_ALLOCATION_TAGS }: IngestOptions['config']): string[] {
  const keys = PENNY_ALLOCATION_TAGS.split(',').map((key) => key.trim().toLowerCase());
  return [...new Set(keys.filter((key) => key !== ''))].sort();
}

/** Returns the mappings of now, by the id of the source. */
export function mappingVersions(config: IngestOptions['config']): Record<string, string> {
  const allocationKeys = allocationKeysOf(config);
  return Object.fromEntries(BILLING_SOURCES.map((source) => [source.id, mappingVersion(source, allocationKeys)]));
}

const THIS_JOB: LoadRecord['loadedBy'] = { actorId: null, actor: 'ingest-billing', surface: 'job' };

const COARSE_SUMS: CoarseSums = { always: KEPT_BY_ALL, rollups: ROLLUPS, monthly: MONTHLY };

function billOf(
  engine: Engine,
  staged: Staged,
  record: LoadRecord,
  check: (stored: StoredSums) => unknown,
): BillToStore {
  const { reading } = staged;
  // The charges have a connection of their own.
  const other = besides(engine);
  return {
    record,
    leaves: staged.leaves.map((leaf) => ({ ...leaf, periodStarts: leaf.periods.map(({ start }) => start) })),
    tagSets: tagSetsFeed(engine),
    numberTagSets: (numbers) => numberTagSets(engine, numbers),
    prepareMonths: () => prepareMonths(other, staged, MONTHLY),
    prepareSums: () => prepareSums(other, staged, COARSE_SUMS),
    charges: (leaf, loadId) => chargesFeed(engine, staged, leaf, loadId),
    rollups: {
      cost_daily: dailySumsFeed(other, reading, { tagged: false }),
      cost_daily_tagged: dailySumsFeed(other, reading, { tagged: true }),
      cost_rollup: coarseSumsFeed(other, reading, COARSE_SUMS),
      cost_monthly: monthlySumsFeed(other, reading, MONTHLY),
    },
    accounts: accountsFeed(other),
    resources: resourcesFeed(other),
    check,
  };
}

function loadedReport(
  assembly: Assembly,
  staged: Staged,
  result: StoreResult & { status: 'loaded' },
  sums: ReportedSums,
  notes: string[],
): IngestedAssembly {
  const periods = staged.leaves.flatMap(({ billingAccountId, periods: list }) =>
    list.map(({ start, end, rows }) => {
      const old = result.replaced.find(
        (content) => content.billingAccountId === billingAccountId && Date.parse(content.start) === Date.parse(start),
      );
      const replaced = old === undefined ? null : { rows: old.rows, lines: old.lines, costs: old.costs };
      return { billingAccountId, start, end, rows, replaced };
    }),
  );
  const { loadId, removedDemo } = result;
  const { lines: rows, ignoredColumns } = staged;
  return {
    ...described(assembly),
    status: 'loaded',
    loadId,
    rows,
    dailyRows: countRows(periods),
    periods,
    ignoredColumns,
    sums,
    removedDemo,
    notes,
  };
}

function unchangedReport(assembly: Assembly, load: StoredLoad, notes: string[]): IngestedAssembly {
  const { loadId, lineCount: rows, ignoredColumns } = load;
  const periods = load.periods.map((period) => ({ ...period, replaced: null }));
  const sums = load.sums as ReportedSums;
  return {
    ...described(assembly),
    status: 'unchanged',
    loadId,
    rows,
    dailyRows: countRows(periods),
    periods,
    ignoredColumns,
    sums,
    removedDemo: false,
    notes,
  };
}

function described(assembly: Assembly): Pick<IngestedAssembly, 'file' | 'files' | 'source' | 'title' | 'version'> {
  const files = assembly.files.map(({ file }) => file.path);
  const { id: source, title } = assembly.source;
  return { file: assembly.manifest ?? files[0] ?? '', files, source, title, version: assembly.version };
}

function countRows(periods: readonly { rows: number }[]): number {
  return periods.reduce((sum, { rows }) => sum + rows, 0);
}
