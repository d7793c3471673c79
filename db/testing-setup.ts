import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { stopEmbedded } from './embedded.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the database server that the test files of one run share. */
    databaseHome: string;
  }
}

/** Names the folder of the run's database server, which the first test that needs it starts, and removes both at the end. */
export default function setup(project: TestProject): () => Promise<void> {
  const home = join(tmpdir(), `penny-test-${process.pid}-${randomBytes(4).toString('hex')}`);
  project.provide('databaseHome', home);
  return async () => {
    await stopEmbedded(home);
    rmSync(home, { recursive: true, force: true });
  };
}
