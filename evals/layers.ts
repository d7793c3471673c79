import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { packageRoot } from '../config.ts';

/** A layer of defence, taken away: in `file` the text `find` becomes `instead`, and one of `tests` must turn red. */
interface Layer {
  name: string;
  file: string;
  find: string;
  instead: string;
  tests: string[];
}

const LAYERS: Layer[] = z
  .array(
    z.strictObject({
      name: z.string(),
      file: z.string(),
      find: z.string(),
      instead: z.string(),
      tests: z.array(z.string()),
    }),
  )
  .parse(JSON.parse(readFileSync(join(packageRoot, 'evals', 'layers.json'), 'utf8')));

/** Copies that layers are taken away in at the same time; a run of tests keeps about one core busy. */
const WORKERS = 2;

const QUARTER = '--quarter';

const roots = Array.from({ length: WORKERS }, () => mkdtempSync(join(tmpdir(), 'penny-layers-')));
try {
  for (const root of roots) copyCheckout(root);
  const wanted = process.argv.slice(2).filter((word) => word !== QUARTER);
  const named = LAYERS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
  const isQuarter = process.argv.includes(QUARTER);
  const chosen = isQuarter ? quarterOf(named) : named;
  // CI has just run every test of this commit.
  if (!isQuarter) await requireGreen(chosen);
  const waiting = [...chosen];
  let noticed = 0;
  const work = async (root: string): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (await isNoticed(root, next)) noticed += 1;
    }
  };
  await Promise.all(roots.map(work));
  print(`${noticed} of ${chosen.length} layers are missed when they are taken away, ${LAYERS.length} there are`);
  if (noticed < chosen.length) process.exitCode = 1;
} finally {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
}

/** A test that is red anyhow would notice every layer. */
async function requireGreen(chosen: Layer[]): Promise<void> {
  const intact = await runTests(roots[0] ?? '', [...new Set(chosen.flatMap(({ tests }) => tests))]);
  if (!intact.passed) throw new Error(`With every layer on, some test is red:\n${intact.output}`);
}

/** A quarter of the layers, the next quarter with the next commit: all of them in each run would take too long. */
function quarterOf(layers: Layer[]): Layer[] {
  const { stdout } = spawnSync('git', ['rev-list', '--count', 'HEAD'], { cwd: packageRoot, encoding: 'utf8' });
  const turn = Number(stdout.trim()) % 4;
  return layers.filter((_, index) => index % 4 === turn);
}

/** The files that git knows, since tests need no built ones; what is installed is shared. */
function copyCheckout(root: string): void {
  const { stdout, status } = spawnSync('git', ['ls-files', '-z'], { cwd: packageRoot, encoding: 'utf8' });
  if (status !== 0) throw new Error('The layers are taken away in a copy of a git checkout; this is none.');
  for (const file of stdout.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(packageRoot, file), join(root, file));
  }
  symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'));
}

async function isNoticed(root: string, { name, file, find, instead, tests }: Layer): Promise<boolean> {
  const path = join(root, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) {
    throw new Error(`${name}: ${file} does not hold the text once that stands for the layer.`);
  }
  writeFileSync(
    path,
    source.replace(find, () => instead),
  );
  const { passed } = await runTests(root, tests);
  writeFileSync(path, source);
  print(`${passed ? 'NOT MISSED' : 'missed    '}  ${name}`);
  return !passed;
}

async function runTests(root: string, tests: string[]): Promise<{ passed: boolean; output: string }> {
  const vitest = join(packageRoot, 'node_modules', 'vitest', 'vitest.mjs');
  try {
    const args = [vitest, 'run', '--bail=1', ...tests];
    const options = { cwd: root, timeout: 300_000, maxBuffer: 64 * 2 ** 20 };
    return { passed: true, output: (await promisify(execFile)(process.execPath, args, options)).stdout };
  } catch (error) {
    return {
      passed: false,
      output: error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error),
    };
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
