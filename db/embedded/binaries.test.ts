import { chownSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linkLibraries } from './binaries.ts';

let parent: string;
let root: string;
let linkFolder: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'penny-binaries-'));
  root = join(parent, 'package');
  linkFolder = join(parent, 'home', 'postgres-libraries');
  mkdirSync(join(root, 'native', 'lib'), { recursive: true });
  writeFileSync(join(root, 'native', 'lib', 'libicu.so.60.2'), 'a library');
  const links = [{ source: 'native/lib/libicu.so.60.2', target: 'native/lib/libicu.so.60' }];
  writeFileSync(join(root, 'native', 'pg-symlinks.json'), JSON.stringify(links));
});

afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

test('makes the links that the install script would have made, once', () => {
  expect(linkLibraries(root, linkFolder)).toEqual({});
  expect(linkLibraries(root, linkFolder)).toEqual({});
  const link = join(root, 'native', 'lib', 'libicu.so.60');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(link, 'utf8')).toBe('a library');
});

// Root may write everywhere, so the test steps down for a moment.
test.runIf(process.getuid?.() === 0 && process.platform === 'linux')(
  'makes them in the home where the package belongs to somebody else',
  () => {
    mkdirSync(join(parent, 'home'));
    chownSync(parent, 65_534, 65_534);
    chownSync(join(parent, 'home'), 65_534, 65_534);
    process.seteuid?.(65_534);
    try {
      const env = linkLibraries(root, linkFolder);
      expect(env.LD_LIBRARY_PATH?.split(':')).toEqual([linkFolder, join(root, 'native', 'lib')]);
      expect(readFileSync(join(linkFolder, 'libicu.so.60'), 'utf8')).toBe('a library');
    } finally {
      process.seteuid?.(0);
    }
  },
);
