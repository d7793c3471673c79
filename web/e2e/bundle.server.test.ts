import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SETTINGS } from '../../config.ts';
import { SECURITY_HEADERS } from '../server/security.ts';
import { buildPage } from './browser.ts';

/** What the machine that builds the page may have in its environment; some of it by the names that Vite looks for. */
const PLANTED = { OPENAI_API_KEY: 'sk-planted-1', VITE_SECRET: 'planted-2', PENNY_OIDC_CLIENT_SECRET: 'planted-3' };

let files: { path: string; text: string }[];

beforeAll(async () => {
  Object.assign(process.env, PLANTED);
  const folder = await buildPage();
  files = globSync('**/*.{html,js,css,svg,map,json}', { cwd: folder, absolute: true }).map((path) => ({
    path,
    text: readFileSync(path, 'utf8'),
  }));
});
afterAll(() => {
  for (const name of Object.keys(PLANTED)) delete process.env[name];
});

test('no file of the page holds a secret, the name of a setting, or the sources', () => {
  expect(files.length).toBeGreaterThan(4);
  const names = SETTINGS.map(({ name }) => name).filter((name) => name.includes('_') && name !== 'NODE_ENV');
  expect(names.length).toBeGreaterThan(30);
  for (const { path, text } of files) {
    expect(path).not.toMatch(/\.map$/);
    for (const word of [...names, ...Object.values(PLANTED), 'process.env', 'postgres://', 'sourceMappingURL']) {
      expect(text.includes(word), `${word} in ${path}`).toBe(false);
    }
  }
});

test('the page has no script, style or handler of its own in its HTML, and loads from its own site alone', () => {
  const html = files.find(({ path }) => path.endsWith('index.html'))?.text ?? '';
  const scripts = [...html.matchAll(/<script\b([^>]*)>([^<]*)/g)];
  expect(scripts.length).toBeGreaterThan(0);
  for (const [, attributes = '', inside] of scripts) {
    expect(attributes).toMatch(/src="\/[^/]/);
    expect(inside).toBe('');
  }
  expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:|<base\b/i);
  for (const [, address] of html.matchAll(/(?:src|href)="([^"]*)"/g)) expect(address).toMatch(/^\/[^/]/);
  expect(SECURITY_HEADERS['content-security-policy']).not.toMatch(/unsafe-|\*|https?:/);
});
