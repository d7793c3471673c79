import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { expect } from 'vitest';
import { packageRoot } from '../../config.ts';
import { ADAS_SECRET, memoryAssistant, testServer } from '../testing.ts';
import { answerWithSamples } from './sample-answers.ts';

const CHROMIUM = '/usr/bin/chromium';

/** No sandbox, because CI runs as root in a container; and nothing that the browser would fetch on its own account. */
const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
].concat(['--disable-quic', '--no-first-run']);

export type VisitOptions = BrowserContextOptions & { path?: string; stranger?: boolean };

export interface TestSite {
  app: FastifyInstance;
  address: string;
  browser: Browser;
  /**
   * Opens a page of its own, in which somebody has signed in unless it is for a `stranger`, and runs `visit`; afterwards
   * nothing may have gone out or been complained about.
   */
  visit(options: VisitOptions, visit: (page: Page) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** The page built from these sources, served with answers of every kind, and a browser to look at it with. */
export async function openTestSite(): Promise<TestSite> {
  if (!existsSync(CHROMIUM)) throw new Error(`These tests need ${CHROMIUM}: apt-get install chromium`);
  const clientFolder = await buildPage();
  const { app } = await testServer({ assistant: memoryAssistant(answerWithSamples), clientFolder });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return {
    app,
    address,
    browser,
    visit: (options, visit) => visitPage(browser, address, options, visit),
    async close() {
      await browser.close();
      await app.close();
    },
  };
}

/** Builds the page from these sources, and gives the folder. */
export async function buildPage(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'penny-client-'));
  await build({
    configFile: join(packageRoot, 'vite.config.ts'),
    root: join(packageRoot, 'web/client'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  });
  return outDir;
}

async function visitPage(
  browser: Browser,
  address: string,
  { path = '/', stranger = false, ...options }: VisitOptions,
  visit: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  if (!stranger) await context.addCookies([{ name: 'penny_session', value: ADAS_SECRET, url: address }]);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const foreign: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${address}/`) && !request.url().startsWith('blob:')) foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${address}${path}`);
  await visit(page).catch((error: unknown) => {
    throw new Error(`${error}\nThe page said: ${complaints.join('\n') || 'nothing'}`, { cause: error });
  });
  await context.close();
  expect(foreign, 'requests to other places').toEqual([]);
  // Chromium itself writes a line for each request that fails; the tests that make one fail ask for that.
  expect(
    complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|status of 40[14]|dynamically imported module/.test(text)),
  ).toEqual([]);
}

/** Writes a question and sends it with Enter. */
export async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Your question').fill(question);
  await page.keyboard.press('Enter');
}
