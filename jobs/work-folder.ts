import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';

/** Returns what `work` makes with a folder of its own in PENNY_HOME, which is gone afterwards. */
export async function inWorkFolder<Result>(
  { PENNY_HOME }: Pick<Config, 'PENNY_HOME'>,
  name: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const parent = join(PENNY_HOME, 'tmp');
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(parent, `${name}-`));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
