import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RemediationBody, RemediationPageBody } from '../contract-remediations.ts';
import { openTestSite, type TestSite } from './browser.ts';

let site: TestSite;
beforeAll(async () => {
  site = await openTestSite();
});
afterAll(() => site?.close());

const PROPOSED: RemediationBody = {
  remediationId: '3d8a1a3e-6f2b-4a52-9a0c-1f2f6a7b8c9d',
  recommendationId: 12,
  resourceId: 'i-0123456789abcdef0',
  resourceName: 'migration-host-05',
  subAccountId: '300000000003',
  regionId: 'eu-west-1',
  title: 'Stop the idle r5.4xlarge',
  action: 'stop-instance',
  parameters: { instanceId: 'i-0123456789abcdef0' },
  parametersHash: 'a'.repeat(64),
  observedState: { state: 'running' },
  undoPlan: 'Start it again.',
  evidence: { measured: [{ what: 'highest CPU', value: 1.2, unit: 'percent', limit: 5 }] },
  risk: 'high',
  billingCurrency: 'USD',
  estimatedMonthlySavings: '883.63',
  basis: 'its charges from 2026-10-22 to 2026-11-20',
  requiredApprovals: 2,
  approvedBy: [],
  rejectedBy: null,
  rejectionReason: null,
  requestedBy: 'eva@example.com',
  requestedAt: '2026-11-24T09:00:00Z',
  expiresAt: '2026-11-27T09:00:00Z',
  state: 'pending',
  decidedAt: null,
  appliedAt: null,
  verifiedAt: null,
  undoneAt: null,
  failedAt: null,
  failure: null,
};

/** Answers for the server, and keeps what the page sends. */
async function serve(page: Page, items: RemediationBody[], stopped?: RemediationPageBody['stopped']) {
  const sent: { path: string; body: unknown }[] = [];
  await page.route('**/api/v1/remediations**', async (route) => {
    const request = route.request();
    if (request.method() === 'GET') return route.fulfill({ json: { items, ...(stopped ? { stopped } : {}) } });
    sent.push({ path: new URL(request.url()).pathname.replace('/api/v1', ''), body: request.postDataJSON() });
    return route.fulfill({ json: items[0] ?? null });
  });
  return sent;
}

test('an approver reads what exactly is to be done, and approves or rejects exactly that', () =>
  site.visit({}, async (page) => {
    const sent = await serve(page, [PROPOSED]);
    await page.getByRole('link', { name: 'Changes' }).first().click();
    expect(await page.title()).toBe('Changes · Penny');
    const card = page.getByRole('article', { name: 'Stop the idle r5.4xlarge: migration-host-05' });
    await card.getByText('$883.63').waitFor();
    await card.getByText('0 of 2').waitFor();
    await card.getByText('Exactly what, and why').click();
    await card.getByText('"instanceId": "i-0123456789abcdef0"').waitFor();
    await card.getByRole('button', { name: 'Approve: migration-host-05' }).click();
    await card.getByRole('button', { name: 'Reject: migration-host-05' }).click();
    await card.getByLabel('Why not?').fill('Used at month end.');
    await card.getByRole('button', { name: 'Reject', exact: true }).click();
    await expect.poll(() => sent.length).toBe(2);
    const { remediationId, parametersHash } = PROPOSED;
    expect(sent).toEqual([
      { path: `/remediations/${remediationId}/approve`, body: { parametersHash } },
      { path: `/remediations/${remediationId}/reject`, body: { parametersHash, reason: 'Used at month end.' } },
    ]);
  }));

test('one cannot decide on what one proposed oneself, only take it back', () =>
  site.visit({}, async (page) => {
    await serve(page, [{ ...PROPOSED, requestedBy: 'ada@example.com' }]);
    await page.goto(`${site.address}/changes`);
    await page.getByRole('button', { name: 'Take back: migration-host-05' }).waitFor();
    expect(await page.getByRole('button', { name: /^(Approve|Reject)/ }).count()).toBe(0);
  }));

test('who may not decide sees no buttons, and a stop is told to everybody', () =>
  site.visit({}, async (page) => {
    await serve(page, [PROPOSED], { reason: 'Incident 12', by: 'bob@example.com' });
    await page.route('**/api/v1/me', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), role: 'engineer' } });
    });
    await page.goto(`${site.address}/changes`);
    await page.getByText('Changes are stopped by bob@example.com: Incident 12').waitFor();
    expect(await page.getByRole('button', { name: /Approve|Reject|Stop|go on/ }).count()).toBe(0);
  }));

test('a long name and a failure fit a phone of 320 pixels', () =>
  site.visit({ viewport: { width: 320, height: 640 } }, async (page) => {
    const failed = { ...PROPOSED, state: 'failed' as const, resourceName: 'x'.repeat(90), failure: 'It has changed.' };
    await serve(page, [failed]);
    await page.goto(`${site.address}/changes`);
    await page.getByText('It has changed.').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  }));
