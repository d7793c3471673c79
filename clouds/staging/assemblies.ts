import { createHash } from 'node:crypto';
import { z } from 'zod';
import { PennyError } from '../../errors.ts';
import type { BillingSource } from '../contract.ts';
import { BILLING_SOURCES } from '../registry.ts';
import { type Layout, layOut } from './columns.ts';
import { type Discovery, discover } from './discover.ts';
import { type Engine, query } from './engine.ts';
import { type DataFile, hashFile, openDataFile, sniffFile } from './files.ts';
import { expressionsSql } from './lines.ts';
import { usualReading } from './numbers.ts';
import { findProblem } from './problems.ts';
import { groupFiles, withScan } from './scan.ts';

/** Files that are loaded together, in one transaction: a delivery of an export. */
export interface Assembly {
  source: BillingSource;
  version: string | null;
  files: { file: DataFile; layout: Layout }[];
  manifest?: string;
}

/**
 * Returns what tells the contents of the files of an assembly from others, whatever their names and order. Files that hold the same are
 * left out of the assembly but once; `doubles` names them.
 */
export async function fingerprint(
  assembly: Assembly,
  signal?: AbortSignal,
): Promise<{ assembly: Assembly; hash: string; doubles: string[] }> {
  const byHash = new Map<string, Assembly['files'][number]>();
  const doubles: string[] = [];
  for (const entry of assembly.files) {
    const hash = await hashFile(entry.file.path, signal);
    if (byHash.has(hash)) doubles.push(entry.file.path);
    else byHash.set(hash, entry);
  }
  const hash = createHash('sha256').update(JSON.stringify([...byHash.keys()].sort()));
  return { assembly: { ...assembly, files: [...byHash.values()] }, hash: hash.digest('hex'), doubles };
}

export interface Assemblies {
  assemblies: Assembly[];
  notes: string[];
}

/**
 * Returns what `paths` hold, file by file recognised and put together: the files of a manifest, and files that share a
 * billing period of one account. `sourceId` leaves no choice of the source; 'auto' recognises it.
 * @throws PennyError `not_found`, `file_unreadable`, `file_empty`, `source_unknown`, `column_missing`, `value_invalid`
 */
export async function findAssemblies(engine: Engine, paths: readonly string[], sourceId: string): Promise<Assemblies> {
  const { found, notes }: Discovery = await discover(paths);
  const assemblies: Assembly[] = [];
  for (const { paths: files, manifest, version } of found) {
    const opened: Assembly[] = [];
    for (const path of files) opened.push(await openFile(engine, path, version, sourceId));
    assemblies.push(
      ...joinSources(opened).map((assembly) => (manifest === undefined ? assembly : { ...assembly, manifest })),
    );
  }
  if (assemblies.length <= 1) return { assemblies, notes };
  return { assemblies: await joinPeriods(engine, assemblies), notes };
}

async function openFile(engine: Engine, path: string, version: string | null, sourceId: string): Promise<Assembly> {
  const kind = await sniffFile(path);
  if (kind === 'json') throw unknownSource(path);
  const file = await openDataFile(engine, path, kind);
  for (const source of BILLING_SOURCES) {
    if (sourceId !== 'auto' && source.id !== sourceId) continue;
    const recognised = source.recognise(new Set(file.columns.map(({ name }) => source.canonical(name))));
    if (recognised === undefined) continue;
    return { source, version: version ?? recognised.version, files: [{ file, layout: layOut(source, file) }] };
  }
  throw unknownSource(path);
}

function unknownSource(path: string): PennyError {
  const known = BILLING_SOURCES.map(({ title, id }) => `${title} (${id})`).join(', ');
  return new PennyError(
    'source_unknown',
    `${path} is no billing export that Penny knows by its columns. Known are: ${known}. Azure and Google Cloud bills can be exported as FOCUS.`,
    { details: { file: path } },
  );
}

/** The files of one delivery are of one source. */
function joinSources(opened: Assembly[]): Assembly[] {
  const bySource = new Map<string, Assembly>();
  for (const { source, version, files } of opened) {
    const known = bySource.get(source.id);
    if (known === undefined) bySource.set(source.id, { source, version, files: [...files] });
    else {
      known.files.push(...files);
      if ((version ?? '') > (known.version ?? '')) known.version = version;
    }
  }
  return [...bySource.values()];
}

const periodRow = z.object({ account: z.string(), start: z.string() });

/** Puts assemblies together that share a billing period of one account, so that none of them replaces another one. */
async function joinPeriods(engine: Engine, assemblies: Assembly[]): Promise<Assembly[]> {
  const joined: { assembly: Assembly; periods: Set<string> }[] = [];
  for (const assembly of assemblies) {
    const periods = await periodsOf(engine, assembly);
    const overlapping = joined.filter((other) => [...periods].some((period) => other.periods.has(period)));
    const parts = [...overlapping.map((other) => other.assembly), assembly];
    const sources = new Set(parts.map(({ source }) => source.id));
    if (sources.size > 1) throw twoSources(parts);
    const [whole] = joinSources(parts);
    if (whole === undefined) continue;
    for (const other of overlapping) joined.splice(joined.indexOf(other), 1);
    const manifest = parts.length === 1 && assembly.manifest !== undefined ? { manifest: assembly.manifest } : {};
    joined.push({
      assembly: { ...whole, ...manifest },
      periods: new Set([...overlapping.flatMap((other) => [...other.periods]), ...periods]),
    });
  }
  return joined.map(({ assembly }) => assembly);
}

function twoSources(parts: Assembly[]): PennyError {
  const [first, second] = parts.flatMap(({ files, source }) =>
    files.slice(0, 1).map(({ file }) => `${file.path} (${source.title})`),
  );
  return new PennyError(
    'invalid_input',
    `${first} and ${second} hold the same billing period of the same account. Load one of them: together they would count twice.`,
  );
}

async function periodsOf(engine: Engine, { source, files }: Assembly): Promise<Set<string>> {
  const periods = new Set<string>();
  for (const group of groupFiles(
    files.map(({ file }) => file),
    source.nullTexts,
  )) {
    const layout = files.find(({ file }) => file === group.files[0])?.layout;
    if (layout === undefined) continue;
    const isParquet = group.files[0]?.format === 'parquet';
    try {
      const rows = await withScan(engine, group, (from) => {
        const lines = { layout, from, isParquet, reading: usualReading() };
        const { billing_account_id: account, billing_period_start: start } = source.charge;
        return query(
          engine,
          `SELECT DISTINCT coalesce(account, '') AS account, coalesce(CAST(start AS VARCHAR), '') AS start
           FROM ${expressionsSql(lines, { account, start })}`,
          periodRow,
        );
      });
      for (const { account, start } of rows) periods.add(`${start} ${account}`);
    } catch (cause) {
      throw (await findProblem(engine, files, cause)) ?? cause;
    }
  }
  return periods;
}
