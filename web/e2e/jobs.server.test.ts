import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestSite, type TestSite } from './browser.ts';

let site: TestSite;
beforeAll(async () => {
  site = await openTestSite();
});
afterAll(() => site?.close());

test('an administrator sees the jobs, runs one, cancels it and reruns what was given up', () =>
  site.visit({}, async (page) => {
    await page.getByRole('link', { name: 'Jobs' }).click();
    expect(page.url()).toBe(`${site.address}/jobs`);
    expect(await page.title()).toBe('Jobs · Penny');
    const given = page.getByRole('article', { name: 'run 1 of ingest-billing' });
    await given.getByText('Row 3 of july.csv holds a value that is not known.').waitFor();
    await page.getByRole('button', { name: 'Run ingest-billing now' }).click();
    const added = page.getByRole('article', { name: 'run 2 of ingest-billing' });
    await added.getByText('waiting').waitFor();
    await added.getByText('by ada@example.com').waitFor();
    await page.getByRole('button', { name: 'Cancel run 2 of ingest-billing' }).click();
    await added.getByText('cancelled').waitFor();
    await page.getByRole('button', { name: 'Rerun run 1 of ingest-billing' }).click();
    await given.getByText('waiting').waitFor();
    await page.goBack();
    await page.getByLabel('Your question').waitFor();
  }));

test('who is no administrator may look and not touch', () =>
  site.visit({}, async (page) => {
    await page.route('**/api/v1/me', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), role: 'viewer' } });
    });
    await page.goto(`${site.address}/jobs`);
    await page.getByRole('article').first().waitFor();
    expect(await page.getByRole('button', { name: /Run|Cancel|Rerun/ }).count()).toBe(0);
  }));

test('a running job shows how far it is, on a phone of 320 pixels too', () =>
  site.visit({ viewport: { width: 320, height: 640 } }, async (page) => {
    await page.route('**/api/v1/jobs/runs?limit=30', async (route) => {
      const answer = await route.fetch();
      const { items } = await answer.json();
      const progress = { done: 3, total: 12, text: 'storing a-very-long-name-of-a-billing-export-for-march.csv.gz' };
      const run = { ...items[0], state: 'running', finishedAt: null, error: null, progress };
      await route.fulfill({ response: answer, json: { items: [run] } });
    });
    await page.goto(`${site.address}/jobs`);
    const bar = page.getByRole('progressbar', { name: 'Progress of ingest-billing' });
    expect(await bar.evaluate((element) => (element as HTMLProgressElement).position)).toBe(0.25);
    await page.getByText('3 of 12: storing').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  }));
