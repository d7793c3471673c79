import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, openTestSite, type TestSite } from './browser.ts';

let site: TestSite;
beforeAll(async () => {
  site = await openTestSite();
});
afterAll(() => site?.close());

const RISING = 'Top 5 services with rising cost last 60 days?';
const answerOf = (page: Page) => page.getByRole('article').last();

test('a suggested question is asked, and answered with a table, a chart and the days it covers', () =>
  site.visit({}, async (page) => {
    await page.getByRole('list', { name: 'Questions to start with' }).getByRole('button', { name: RISING }).click();
    const answer = answerOf(page);
    await answer.getByText('rose most').waitFor();
    expect(await answer.getByRole('rowheader').allInnerTexts()).toEqual([
      'Amazon Elastic Compute Cloud',
      'Amazon Relational Database Service',
      'Amazon Simple Storage Service',
      'AmazonCloudWatch',
      'AWS Lambda',
    ]);
    expect(await answer.getByRole('cell', { name: '$23,931.20' }).getAttribute('title')).toBe('23931.204417 USD');
    await answer.getByText('Effective cost · 25 Sep 2026 to 23 Nov 2026 · credits left out').waitFor();
    await answer.getByText('The last 2 days may still change').first().waitFor();
    await answer.locator('canvas').first().waitFor();
    await answer.getByText('Chart as a table').click();
    await answer.getByRole('region', { name: 'Cost now and before, as a table' }).getByText('$19,712.87').waitFor();
    expect(await page.title()).toBe(`${RISING} · Penny`);
  }));

test('the steps show while a question is worked on, and Esc stops it on the server too', () =>
  site.visit({}, async (page) => {
    await ask(page, 'Go on forever');
    await page.getByRole('list', { name: 'Steps' }).getByText('Looking up costs by service').waitFor();
    expect(await page.getByRole('status').allInnerTexts()).toContain('Looking up costs by service');
    await page.keyboard.press('Escape');
    await page.getByText('You stopped this question.').waitFor();
    await page.getByRole('button', { name: 'Ask again' }).waitFor();
  }));

test('a heading sorts the table, and says so', () =>
  site.visit({}, async (page) => {
    await ask(page, RISING);
    const answer = answerOf(page);
    const first = answer.getByRole('rowheader').first();
    await answer.getByRole('button', { name: 'Change %' }).click();
    expect(await first.textContent()).toBe('AmazonCloudWatch');
    expect(await answer.getByRole('columnheader', { name: 'Change %' }).getAttribute('aria-sort')).toBe('descending');
    await answer.getByRole('button', { name: 'Service', exact: true }).click();
    expect(await first.textContent()).toBe('Amazon Elastic Compute Cloud');
  }));

test('a table is copied and saved as CSV with every digit', () =>
  site.visit({ permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    await ask(page, RISING);
    await page.getByRole('button', { name: 'Copy Services by rise in cost as CSV' }).click();
    await page.getByText('Copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain('service_name,cost,previous,change,percent_change');
    expect(copied).toContain('AWS Lambda,330.00023552,,330.00023552,');
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download Services by rise in cost as CSV' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('services-by-rise-in-cost.csv');
    expect(await readFile(await download.path(), 'utf8')).toContain('23931.204417');
  }));

test('the receipts say what ran, over what, and its hash', () =>
  site.visit({}, async (page) => {
    await ask(page, RISING);
    await page.getByText('How this was found').click();
    const receipts = page.locator('details[open]');
    for (const text of [
      'query_costs',
      '27 Jul 2026 to 24 Sep 2026',
      'credits left out',
      'FROM cost_daily',
      '"rankBy": "change"',
      '4c1f6a0e2b97',
    ])
      await receipts.getByText(text).first().waitFor();
  }));

test('a thumb down is stored at once, and its reason after it', () =>
  site.visit({}, async (page) => {
    await ask(page, 'What did we spend last month?');
    await page.getByRole('button', { name: 'Not helpful' }).click();
    await page.getByLabel('Wrong period').check();
    await page.getByLabel('In your words').fill('I meant October');
    await answerOf(page).getByRole('button', { name: 'Send' }).click();
    await page.getByText('Thank you, noted.').waitFor();
    const log = await site.app.inject('/api/v1/ai/queries?limit=1');
    expect(log.json().items[0].feedback).toEqual({ score: -1, reason: 'Wrong period. I meant October' });
  }));

test('a follow-up stays in the conversation; reloading, Back and the list find it again', () =>
  site.visit({}, async (page) => {
    await ask(page, 'What did we spend in October?');
    await page.getByRole('button', { name: 'And the month before?' }).click();
    await page.getByRole('heading', { name: 'And the month before?' }).waitFor();
    const address = page.url();
    expect(address).toMatch(/\/c\/thread-\d+$/);
    await answerOf(page).getByRole('button', { name: 'Helpful', exact: true }).click();
    await answerOf(page).getByText('Thank you').waitFor();

    await page.reload();
    await page.getByRole('heading', { name: 'And the month before?' }).waitFor();
    expect(await page.getByRole('article').count()).toBe(2);
    expect(
      await answerOf(page).getByRole('button', { name: 'Helpful', exact: true }).getAttribute('aria-pressed'),
    ).toBe('true');

    await page.getByRole('button', { name: 'New question' }).click();
    await page.getByText('What would you like to know').waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'And the month before?' }).waitFor();
    expect(page.url()).toBe(address);
    await page.goForward();
    await page.getByRole('link', { name: 'What did we spend in October?' }).click();
    await page.getByRole('heading', { name: 'And the month before?' }).waitFor();
  }));

test('a question goes on while another conversation is looked at', () =>
  site.visit({}, async (page) => {
    await ask(page, 'Go on forever, please');
    await page.waitForURL(/\/c\//);
    const running = page.url();
    await page.getByRole('button', { name: 'New question' }).click();
    await ask(page, 'What did we spend last year?');
    await answerOf(page).getByText('$41,497.11').waitFor();
    await page.goBack();
    await page.goBack();
    expect(page.url()).toBe(running);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('You stopped this question.').waitFor();
  }));

test('an address of no conversation says so and leads on', () =>
  site.visit({ path: '/c/nowhere' }, async (page) => {
    await page.getByText('There is no such conversation').waitFor();
    await page.getByRole('button', { name: 'Ask a new question' }).click();
    await page.getByText('What would you like to know').waitFor();
  }));

test('everything works with the keyboard alone', () =>
  site.visit({}, async (page) => {
    await page.getByText('What would you like to know').waitFor();
    await tabBackTo(page, 'Skip to the question', 60);
    await page.keyboard.press('Enter');
    await page.keyboard.type('Which services');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('rose most?');
    await page.keyboard.press('Enter');
    await answerOf(page).getByText('rose most in the last').waitFor();
    expect(await page.getByRole('heading', { name: /Which services\s+rose most\?/ }).count()).toBeGreaterThan(0);

    const seen = await tabBackTo(page, 'Cost', 60);
    await page.keyboard.press('Enter');
    expect(await page.getByRole('columnheader', { name: 'Cost' }).getAttribute('aria-sort')).toBe('descending');
    for (const passed of ['Show it by account', 'Helpful', 'How this was found Effective cost', 'Chart as a table']) {
      expect(
        seen.some((one) => one.startsWith(passed)),
        passed,
      ).toBe(true);
    }
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    expect(outline).toBe('solid');
  }));

test('landmarks, one first heading, and a name for everything one can use', () =>
  site.visit({}, async (page) => {
    await ask(page, RISING);
    await page.getByText('How this was found').click();
    await page.getByRole('button', { name: 'Not helpful' }).click();
    for (const landmark of ['main', 'banner', 'navigation', 'complementary'] as const) {
      expect(await page.getByRole(landmark).count(), landmark).toBe(1);
    }
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    const nameless = await page.locator('button, a, input, textarea, summary').evaluateAll((elements) =>
      elements
        .filter((element) => {
          const labels = (element as HTMLInputElement).labels ?? [];
          const name = element.getAttribute('aria-label') ?? (element.textContent || labels[0]?.textContent);
          return !name?.trim();
        })
        .map((element) => element.outerHTML),
    );
    expect(nameless).toEqual([]);
  }));

test.each([
  ['Cost of it?', 'A question back', 'Which account do you mean?'],
  ['How is the weather?', 'Not something I can answer', 'I know cloud costs only.'],
  ['Cost on mars?', 'Nothing found', 'I looked for costs in the region mars-1'],
  ['outage', 'No answer came', 'The language model cannot be reached.'],
  ['crash', 'No answer came', 'Something went wrong on our side.'],
])('%s is answered as "%s"', (question, kind, text) =>
  site.visit({}, async (page) => {
    await ask(page, question);
    await answerOf(page).getByText(kind).waitFor();
    await answerOf(page).getByText(text).waitFor();
  }),
);

test('text from outside stays text', () =>
  site.visit({}, async (page) => {
    await ask(page, 'hostile tag');
    const answer = answerOf(page);
    await answer.getByText('The tag says <img src=x').waitFor();
    expect(await answer.locator('img, a').count()).toBe(0);
    expect(await page.title()).toBe('hostile tag · Penny');
    expect(await answer.getByRole('rowheader').textContent()).toContain('\uFFFDtxt.exe');
  }));

test('an answer outlives a chart that cannot be loaded', () =>
  site.visit({}, async (page) => {
    await page.route('**/assets/chart-canvas*', (route) => route.fulfill({ status: 404 }));
    await ask(page, RISING);
    await answerOf(page).getByText('The chart could not be drawn').waitFor();
    await answerOf(page).getByRole('cell', { name: '$23,931.20' }).first().waitFor();
  }));

test('without a connection the page says so, and the question can be asked again', () =>
  site.visit({}, async (page) => {
    await page.getByText('Data through 23 Nov 2026').waitFor();
    await page.context().setOffline(true);
    await page.getByText('Penny cannot be reached. Questions').waitFor();
    await ask(page, 'What did we spend last week?');
    await answerOf(page).getByText('No connection').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Ask again' }).click();
    await answerOf(page).getByText('$41,497.11').waitFor();
  }));

test('a phone of 320 pixels shows everything, tables scroll in their own box, conversations in a drawer', () =>
  site.visit({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true }, async (page) => {
    await ask(page, RISING);
    await answerOf(page).getByText('rose most in the last').waitFor();
    const table = page.getByRole('region', { name: 'Services by rise in cost' });
    expect(await table.evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(true);
    const widths = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.querySelector('main')?.scrollWidth,
    ]);
    expect(widths).toEqual([320, 320]);
    await page.getByRole('button', { name: 'Conversations' }).click();
    const drawer = page.getByRole('dialog', { name: 'Conversations' });
    await drawer.getByRole('link', { name: RISING }).first().waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Conversations' }).click();
    await drawer.getByRole('button', { name: 'New question' }).click();
    await drawer.waitFor({ state: 'hidden' });
    await page.getByText('What would you like to know').waitFor();
  }));

test('the theme is the system’s until another is chosen, which then stays', () =>
  site.visit({ colorScheme: 'dark' }, async (page) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.getByRole('button', { name: 'Switch to the light theme' }).click();
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    expect(await ground()).toBe(light);
    await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
    expect(await ground()).toBe(dark);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
  }));

const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    return (element.getAttribute('aria-label') ?? element.textContent ?? '').replace(/\s*[↑↓]$/, '').trim();
  });

/** Goes back with Shift+Tab until the element of this name has the focus; returns the names passed. */
async function tabBackTo(page: Page, name: string, most: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.at(-1) !== name) {
    if (seen.length === most) throw new Error(`No ${name} among ${seen.join(' | ')}`);
    await page.keyboard.press('Shift+Tab');
    seen.push(await focused(page));
  }
  return seen;
}
