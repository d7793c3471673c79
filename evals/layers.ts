import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

const root = mkdtempSync(join(tmpdir(), 'penny-layers-'));
try {
  copyCheckout();
  const wanted = process.argv.slice(2);
  const chosen = LAYERS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
  const intact = runTests([...new Set(chosen.flatMap(({ tests }) => tests))]);
  if (!intact.passed) throw new Error(`With every layer on, some test is red:\n${intact.output}`);
  const unnoticed = chosen.filter((one) => !isNoticed(one));
  print(`${chosen.length - unnoticed.length} of ${chosen.length} layers are missed when they are taken away`);
  if (unnoticed.length > 0) process.exitCode = 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** The files that git knows, since tests need no built ones; what is installed is shared. */
function copyCheckout(): void {
  const { stdout, status } = spawnSync('git', ['ls-files', '-z'], { cwd: packageRoot, encoding: 'utf8' });
  if (status !== 0) throw new Error('The layers are taken away in a copy of a git checkout; this is none.');
  for (const file of stdout.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(packageRoot, file), join(root, file));
  }
  symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'));
}

function isNoticed({ name, file, find, instead, tests }: Layer): boolean {
  const path = join(root, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2)
    throw new Error(`${name}: ${file} does not hold the text once that stands for the layer.`);
  writeFileSync(
    path,
    source.replace(find, () => instead),
  );
  const { passed } = runTests(tests);
  writeFileSync(path, source);
  print(`${passed ? 'NOT MISSED' : 'missed    '}  ${name}`);
  return !passed;
}

function runTests(tests: string[]): { passed: boolean; output: string } {
  const vitest = join(packageRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', '--bail=1', ...tests], {
    cwd: root,
    encoding: 'utf8',
    timeout: 300_000,
  });
  return { passed: status === 0, output: `${stdout}\n${stderr}` };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
