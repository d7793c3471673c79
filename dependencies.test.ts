import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from './config.ts';

interface Locked {
  version?: string;
  integrity?: string;
  inBundle?: boolean;
  resolved?: string;
  link?: boolean;
  hasInstallScript?: boolean;
}

const read = (file: string) => JSON.parse(readFileSync(join(packageRoot, file), 'utf8'));
const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };
const manifest = read('package.json') as Record<string, Record<string, string | boolean>>;
const locked = Object.entries(packages).filter(([path]) => path !== '');

test('every locked package is held to its contents by a SHA-512, or comes inside of one that is', () => {
  expect(locked.length).toBeGreaterThan(100);
  const loose = locked.filter(([, { integrity, inBundle }]) => !inBundle && !integrity?.startsWith('sha512-'));
  expect(loose.map(([path]) => path)).toEqual([]);
});

test('packages come from the registry that is set up, by version alone: no links, folders, repositories or hosts', () => {
  const strange = locked.filter(
    ([, { resolved, link, version }]) => resolved || link || !/^\d+\.\d+\.\d+/.test(version ?? ''),
  );
  expect(strange.map(([path]) => path)).toEqual([]);
});

test('package.json names exact versions, and the lock has just those', () => {
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
      expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
  }
});

test('packages that would run a script of theirs on install are named and may not', () => {
  const scripted = locked
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.split('node_modules/').at(-1) ?? '');
  const named = manifest.allowScripts ?? {};
  expect([...new Set(scripted)].sort()).toEqual(Object.keys(named).sort());
  expect(Object.values(named).every((allowed) => allowed === false)).toBe(true);
});
