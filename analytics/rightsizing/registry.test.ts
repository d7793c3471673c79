import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../config.ts';
import type { AnyCheck, AnyCommitmentCheck } from './check.ts';
import { CHECKS, COMMITMENT_CHECKS } from './registry.ts';
import { THRESHOLDS } from './thresholds.ts';

const ALL: readonly (AnyCheck | AnyCommitmentCheck)[] = [...CHECKS, ...COMMITMENT_CHECKS];

test('every check has an id of its own, by which its file and its thresholds are named, and a golden', () => {
  const ids = ALL.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const tests = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    .join('\n');
  for (const id of ids) {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
    expect(existsSync(join(import.meta.dirname, `${id}.ts`)), id).toBe(true);
    expect(tests, id).toContain(`from './${id}.ts'`);
  }
  expect(Object.keys(THRESHOLDS).sort()).toEqual([...ids].sort());
});

test('every threshold says where it is from', () => {
  const without = Object.entries(THRESHOLDS).flatMap(([id, own]) =>
    Object.entries(own).flatMap(([name, { source }]) => (source.length > 5 ? [] : [`${id}.${name}`])),
  );
  expect(without).toEqual([]);
});

test('docs/recommendations.md lists exactly the checks there are, with rule, thresholds and sources', () => {
  const documented = readFileSync(join(packageRoot, 'docs/recommendations.md'), 'utf8');
  const sections = [...documented.matchAll(/^### `([^`]+)`/gm)].map(([, id]) => id);
  expect(sections).toEqual(ALL.map(({ id }) => id).sort());
  for (const check of ALL) expect(documented).toContain(sectionOf(check));
});

function sectionOf({ id, title, about }: AnyCheck | AnyCommitmentCheck): string {
  const rows = Object.entries(THRESHOLDS[id]).map(
    ([name, { value, source }]: [string, { value: number | string; source: string }]) =>
      `| \`${name}\` | ${value} | ${source} |`,
  );
  const table = rows.length === 0 ? [] : ['', '| threshold | value | source |', '| --- | --- | --- |', ...rows];
  return [`### \`${id}\`: ${title}`, '', about, ...table].join('\n');
}
