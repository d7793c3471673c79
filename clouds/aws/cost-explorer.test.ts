import { afterEach, expect, test } from 'vitest';
import { openAws } from './clients.ts';
import { readCostExplorer } from './cost-explorer.ts';
import { awsSettings, jsonError, openWire, TEST_CREDENTIALS, type Wire, type WireAnswer } from './wire.fixture.ts';

let wire: Wire | undefined;

afterEach(async () => {
  await wire?.close();
  wire = undefined;
});

const money = (Amount: string) => ({ Amount, Unit: 'USD' });
const group = (account: string, type: string, unblended: string, amortized: string, net?: string) => ({
  Keys: [account, type],
  Metrics: {
    UnblendedCost: money(unblended),
    AmortizedCost: money(amortized),
    ...(net === undefined ? {} : { NetAmortizedCost: money(net) }),
  },
});
const month = (Start: string, ...Groups: unknown[]) => ({
  TimePeriod: { Start, End: Start },
  Total: {},
  Groups,
  Estimated: false,
});
const body = (ResultsByTime: unknown[], NextPageToken?: string): WireAnswer => ({
  body: JSON.stringify({ ResultsByTime, NextPageToken }),
});

async function read(answers: WireAnswer[], months: string[], settings = {}) {
  const left = [...answers];
  const opened = await openWire(() => left.shift() ?? jsonError(400, 'ValidationException'));
  wire = opened;
  const aws = openAws(awsSettings(settings), { credentials: TEST_CREDENTIALS, endpoint: opened.endpoint });
  const totals = () => readCostExplorer(aws, months);
  return { aws, totals, requests: opened.requests };
}

test('asks for all months at once, by account and record type, page after page, and counts each call', async () => {
  const { aws, totals, requests } = await read(
    [
      body(
        [month('2026-09-01', group('111', 'Usage', '10.5', '9')), month('2026-10-01', group('111', 'Tax', '1', '1'))],
        'p2',
      ),
      body([month('2026-10-01', group('222', 'Credit', '-3.0000000001', '-3', '-2.5'))]),
    ],
    ['2026-10-01', '2026-09-01'],
  );
  expect(await totals()).toEqual([
    { month: '2026-09-01', accountId: '111', currency: 'USD', metric: 'billed_cost', part: 'charges', amount: '10.5' },
    { month: '2026-09-01', accountId: '111', currency: 'USD', metric: 'effective_cost', part: 'charges', amount: '9' },
    { month: '2026-10-01', accountId: '111', currency: 'USD', metric: 'billed_cost', part: 'tax', amount: '1' },
    { month: '2026-10-01', accountId: '111', currency: 'USD', metric: 'effective_cost', part: 'tax', amount: '1' },
    {
      month: '2026-10-01',
      accountId: '222',
      currency: 'USD',
      metric: 'billed_cost',
      part: 'credits',
      amount: '-3.0000000001',
    },
    {
      month: '2026-10-01',
      accountId: '222',
      currency: 'USD',
      metric: 'effective_cost',
      part: 'credits',
      amount: '-2.5',
    },
  ]);
  expect(requests.map(({ operation, service }) => [service, operation])).toEqual([
    ['ce', 'GetCostAndUsage'],
    ['ce', 'GetCostAndUsage'],
  ]);
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
    TimePeriod: { Start: '2026-09-01', End: '2026-11-01' },
    Granularity: 'MONTHLY',
    Metrics: ['UnblendedCost', 'AmortizedCost', 'NetAmortizedCost'],
    GroupBy: [
      { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
      { Type: 'DIMENSION', Key: 'RECORD_TYPE' },
    ],
  });
  expect(JSON.parse(requests[1]?.body ?? '').NextPageToken).toBe('p2');
  expect(aws.calls.byOperation()).toEqual({ 'CostExplorer.GetCostAndUsage': 2 });
});

test('leaves out a month between that was not asked for, and asks nothing for none', async () => {
  const answer = body([
    month('2025-12-01', group('1', 'Usage', '1', '1')),
    month('2026-01-01', group('1', 'Usage', '2', '2')),
  ]);
  const { totals, requests } = await read([answer], ['2025-12-01']);
  expect((await totals()).map(({ month: of }) => of)).toEqual(['2025-12-01', '2025-12-01']);
  expect(JSON.parse(requests[0]?.body ?? '').TimePeriod).toEqual({ Start: '2025-12-01', End: '2026-01-01' });
  const none = await read([], []);
  expect(await none.totals()).toEqual([]);
  expect(none.requests).toEqual([]);
});

test('stops at the budget of calls that cost money', async () => {
  const { totals, requests } = await read([body([], 'p2'), body([])], ['2026-09-01'], {
    PENNY_AWS_COST_EXPLORER_CALLS_PER_RUN: '1',
  });
  await expect(totals()).rejects.toMatchObject({ code: 'cloud_budget' });
  expect(requests.length).toBe(1);
});

test.each([
  ['an amount that is no number', { ...group('1', 'Usage', 'NaN', '1') }],
  ['a group without its account', { ...group('1', 'Usage', '1', '1'), Keys: ['1'] }],
])('refuses %s', async (_, wrong) => {
  const { totals } = await read([body([month('2026-09-01', wrong)])], ['2026-09-01']);
  await expect(totals()).rejects.toMatchObject({ code: 'cloud_unavailable' });
});

test('says what policy is missing', async () => {
  const { totals } = await read([jsonError(400, 'AccessDeniedException')], ['2026-09-01']);
  await expect(totals()).rejects.toMatchObject({ code: 'cloud_denied' });
});
