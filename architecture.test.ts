import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { packageRoot } from './config.ts';

/** Who may import whom; anything absent is forbidden. The same table stands in docs/ARCHITECTURE.md. */
const MAY_IMPORT: Record<string, string[]> = {
  agent: ['tools', 'db'],
  tools: ['analytics', 'db'],
  jobs: ['clouds', 'analytics', 'db'],
  bots: ['agent'],
  web: ['agent', 'tools'],
  evals: ['agent'],
  clouds: ['analytics'],
  db: [],
  analytics: [],
};

/** Files that wire the parts into a program, and may therefore import any room. */
const WIRING = /^(cli\/|bench\/|[^/]+\.(test|fixture)\.ts$|vite(st)?\.config\.ts$|drizzle\.config\.ts$)/;

const ROOT_MODULES = ['config.ts', 'errors.ts', 'log.ts', 'metrics.ts', 'redaction.ts', 'secrets.ts', 'vault.ts'];

const sources = globSync(['**/*.ts', '**/*.tsx'], {
  cwd: packageRoot,
  ignore: ['node_modules/**', 'dist/**', '**/*.d.ts'],
}).map((file) => ({ file, text: readFileSync(join(packageRoot, file), 'utf8') }));

function importsOf(text: string): string[] {
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function room(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : '';
}

test('every import goes in an allowed direction', () => {
  const wrong: string[] = [];
  for (const { file, text } of sources) {
    if (WIRING.test(file)) continue;
    const from = room(file);
    // A test may set up what it needs from the database, as wiring does; what it tests stays in its room.
    const allowed = /\.(test|fixture)\.ts$/.test(file) ? [...(MAY_IMPORT[from] ?? []), 'db'] : (MAY_IMPORT[from] ?? []);
    for (const specifier of importsOf(text)) {
      if (!specifier.startsWith('.')) continue;
      const target = normalize(join(dirname(file), specifier));
      const to = room(target);
      const fine =
        to === '' ? ROOT_MODULES.includes(target) || target === 'package.json' : to === from || allowed.includes(to);
      if (!fine) wrong.push(`${file} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('each room leaves the packages of other rooms alone', () => {
  const forbidden: [RegExp, RegExp, string][] = [
    [/^(tools|db|clouds|analytics|jobs|bots|web)\//, /^(@?langchain)/, 'the agent alone knows LangChain'],
    [/^(agent|tools|db|clouds|analytics|jobs)\//, /^(fastify|@fastify\/|react)/, 'the web alone knows HTTP and React'],
    [/^(agent|tools|web|bots|analytics|clouds)\//, /^(pg|drizzle-orm)($|\/)/, 'db alone speaks to the app database'],
    [/^analytics\//, /^node:/, 'analytics does no I/O'],
    [/^web\/client\//, /^node:/, 'the client runs in a browser'],
  ];
  const wrong: string[] = [];
  for (const { file, text } of sources) {
    if (/\.(server\.)?test\.tsx?$/.test(file)) continue;
    for (const specifier of importsOf(text)) {
      for (const [where, what, why] of forbidden) {
        if (where.test(file) && what.test(specifier)) wrong.push(`${file} imports ${specifier}: ${why}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('no room names a cloud: they get it from the registry', () => {
  const wrong: string[] = [];
  for (const { file, text } of sources) {
    // A benchmark that injects a cloud's own faults has to name the cloud.
    if (/^clouds\/aws\/|^bench\/chaos\/|\.(server\.)?test\.ts$/.test(file)) continue;
    for (const specifier of importsOf(text)) {
      const target = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
      const isInside = target.startsWith('clouds/aws/') && !file.startsWith('clouds/');
      if (isInside || target.startsWith('@aws-sdk/')) wrong.push(`${file} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('only config.ts reads the environment', () => {
  const readers = sources.filter(
    ({ file, text }) => file !== 'config.ts' && !file.endsWith('.test.ts') && /process\.env\b/.test(text),
  );
  expect(readers.map(({ file }) => file)).toEqual([]);
});

test('no folder says nothing about what is in it', () => {
  const vague = sources.filter(({ file }) => /(^|\/)(utils?|lib|helpers?|common|shared|misc|src)\//.test(file));
  expect(vague.map(({ file }) => file)).toEqual([]);
});
