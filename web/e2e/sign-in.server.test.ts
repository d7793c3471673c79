import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, openTestSite, type TestSite } from './browser.ts';

let site: TestSite;
beforeAll(async () => {
  site = await openTestSite();
});
afterAll(() => site?.close());

test('a stranger chooses a persona with one click and asks; signing out leads back', () =>
  site.visit({ stranger: true }, async (page) => {
    await page.getByRole('heading', { level: 1, name: 'Sign in to Penny' }).waitFor();
    expect(await page.title()).toBe('Sign in · Penny');
    await page.getByRole('button', { name: 'Local administrator' }).click();
    await ask(page, 'What did we spend last month?');
    await page.getByRole('article').getByText('$41,497.11').waitFor();
    await page.getByRole('button', { name: 'Ada' }).click();
    await page.getByText('Everything').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Everything').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Ada' }).click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('heading', { name: 'Sign in to Penny' }).waitFor();
    expect(await page.context().cookies()).toEqual([]);
    await page.getByRole('button', { name: 'Local administrator' }).click();
    await page.getByLabel('Your question').waitFor();
  }));

test('no script of the page can read the session', () =>
  site.visit({ stranger: true }, async (page) => {
    await page.getByRole('button', { name: 'Manager' }).click();
    await page.getByLabel('Your question').waitFor();
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(await page.evaluate(() => document.cookie)).toBe('');
  }));

test('a wrong token is refused with the reason, and nothing typed stays in the address', () =>
  site.visit({ stranger: true }, async (page) => {
    await page.getByText('Use an API token').click();
    await page.getByLabel('API token').fill('penny_wrong');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('Sign in or send a token first.').waitFor();
    expect(page.url()).toBe(`${site.address}/`);
  }));

test('a one-time link signs in, and its code is gone from the address and the history', () =>
  site.visit({ stranger: true, path: '/sign-in#link=abc123' }, async (page) => {
    await page.getByLabel('Your question').waitFor();
    expect(page.url()).toBe(`${site.address}/`);
    await page.reload();
    await page.getByLabel('Your question').waitFor();
  }));

test('a session that ends while the page is open leads to the sign-in', () =>
  site.visit({ stranger: true }, async (page) => {
    await page.getByRole('button', { name: 'Manager' }).click();
    await page.getByLabel('Your question').waitFor();
    await page.context().clearCookies();
    await ask(page, 'What did we spend last month?');
    await page.getByRole('heading', { name: 'Sign in to Penny' }).waitFor();
  }));

test('the sign-in fits a phone of 320 pixels, and works with the keyboard alone', () =>
  site.visit({ stranger: true, viewport: { width: 320, height: 640 } }, async (page) => {
    await page.getByRole('button', { name: 'Manager' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByLabel('Your question').waitFor();
  }));
