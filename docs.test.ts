import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot, SETTINGS } from './config.ts';
import { ERRORS } from './errors.ts';

const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');

/** Names written as code at the start of a table's row: `| `name` | ... |`. */
const rowNames = (text: string) => [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '');

test('docs/errors.md lists exactly the errors there are, with their status and message', () => {
  const rows = Object.entries(ERRORS).map(([code, { status, message }]) => `| \`${code}\` | ${status} | ${message} |`);
  const documented = read('docs/errors.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(documented).toEqual(rows);
});

test('docs/configuration.md lists exactly the settings there are', () => {
  const rows = SETTINGS.map(
    (setting) =>
      `| \`${setting.name}\` | ${setting.default === undefined ? '' : `\`${setting.default}\``} | ${setting.description} |`,
  );
  const documented = read('docs/configuration.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(documented).toEqual(rows);
});

test('every npm script that README or CONTRIBUTING names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const text = read('README.md') + read('CONTRIBUTING.md');
  const named = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map((match) => match[1] ?? '');
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
  expect(named.length).toBeGreaterThan(0);
});

test('every command of the program is in docs/cli.md, and nothing else', () => {
  const files = readdirSync(join(packageRoot, 'cli')).filter((file) => /\.ts$/.test(file) && !/test/.test(file));
  const commands = files.flatMap((file) =>
    [...read(`cli/${file}`).matchAll(/\bprogram\s*\.command\('([a-z]+)'\)/g)].map((match) => match[1] ?? ''),
  );
  expect(
    rowNames(read('docs/cli.md'))
      .map((row) => row.split(' ')[1])
      .sort(),
  ).toEqual([...new Set(commands)].sort());
  const loaded = read('cli/main.ts').match(/^ {2}([a-z]+)(?=: async \(\) => \[)/gm) ?? [];
  expect(loaded.map((name) => name.trim()).sort()).toEqual([...new Set(commands)].sort());
});

test('every link of the docs inside the repository leads somewhere', () => {
  const files = [
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(packageRoot, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => `docs/${file}`),
  ];
  const broken: string[] = [];
  for (const file of files) {
    for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
      const path = join(packageRoot, file, '..', target);
      try {
        readdirSync(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') broken.push(`${file}: ${target}`);
      }
    }
  }
  expect(broken).toEqual([]);
});
