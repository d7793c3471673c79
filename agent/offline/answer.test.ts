import { type AIMessage, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { describe, expect, test } from 'vitest';
import type { Cell, CellValue, Column, Receipt, Table, ToolResult } from '../../tools/tool.ts';
import { unsupportedNumbers } from '../grounding.ts';
import { renderPlaceholders, type TurnResult, toModelText } from '../results.ts';
import { ESTATE } from './estate.fixture.ts';
import { OfflineModel } from './model.ts';

const NOW = new Date('2026-01-15T10:00:00Z');

const money = (value: string | null, unit = 'USD'): Cell => ({ value, kind: 'money', unit });
const percent = (value: string | null): Cell => ({ value, kind: 'percent', unit: 'percent' });
const count = (value: number): Cell => ({ value, kind: 'count', unit: 'count' });

const KINDS: Record<string, Pick<Column, 'kind' | 'unit'>> = {
  cost: { kind: 'money', unit: 'USD' },
  previous: { kind: 'money', unit: 'USD' },
  change: { kind: 'money', unit: 'USD' },
  percent_change: { kind: 'percent', unit: 'percent' },
  share: { kind: 'percent', unit: 'percent' },
  period: { kind: 'date', unit: 'date' },
};

const table = (name: string, columns: string[], rows: CellValue[][]): Table => ({
  name,
  title: name,
  columns: columns.map((column) => ({ name: column, ...(KINDS[column] ?? { kind: 'text', unit: null }) })),
  rows,
});

const DECEMBER = { start: '2025-12-01', end: '2026-01-01' };
const NOVEMBER = { start: '2025-11-01', end: '2025-12-01' };

const receipt = (more: Partial<Receipt> = {}): Receipt => ({
  tool: 'query_costs',
  arguments: {},
  period: DECEMBER,
  costBasis: 'effective_cost',
  credits: 'excluded',
  notes: [],
  rowCount: 1,
  truncated: false,
  dataThrough: '2026-01-14',
  hash: '',
  elapsedMs: 1,
  ...more,
});

const ok = (facts: Record<string, Cell>, tables: Table[] = [], more: Partial<Receipt> = {}): ToolResult => ({
  status: 'ok',
  data: { facts, tables },
  receipt: receipt(more),
});

const total = { total: money('1234.50'), average_per_day: money('39.82'), credits: money('-12.00'), rest: money('0') };
const compared = (change: string, percentage: string | null): Record<string, Cell> => ({
  ...total,
  total_previous: money('1000.00'),
  change: money(change),
  percent_change: percent(percentage),
});

/** A turn of the model: its calls are answered by the results, in their order, and its text is shown as a reader would see it. */
async function say(question: string, ...results: ToolResult[]) {
  const model = new OfflineModel({ catalog: ESTATE, now: NOW });
  const messages: BaseMessage[] = [new HumanMessage(question)];
  const first = (await model._generate(messages)).generations[0]?.message as AIMessage;
  const calls = first.tool_calls ?? [];
  expect(calls.length, 'calls of the plan').toBe(results.length);
  const turn: TurnResult[] = results.map((result, index) => ({
    ref: `r${index + 1}`,
    tool: calls[index]?.name ?? '',
    arguments: calls[index]?.args ?? {},
    result,
    startedAt: NOW,
    elapsedMs: 1,
  }));
  if (results.length > 0) messages.push(first);
  for (const [index, one] of turn.entries()) {
    messages.push(new ToolMessage({ tool_call_id: calls[index]?.id ?? '', content: toModelText(one.ref, one.result) }));
  }
  const last = results.length > 0 ? ((await model._generate(messages)).generations[0]?.message as AIMessage) : first;
  const { text, grounded, unresolved } = renderPlaceholders(last.text, turn);
  expect(unresolved, last.text).toEqual([]);
  expect(unsupportedNumbers({ text, grounded, question, results: turn, now: NOW }), text).toEqual([]);
  const extras = last.additional_kwargs as { followUps?: string[]; answerStatus?: string };
  return { text, words: text.split('\n\n')[0], ...extras };
}

describe('totals', () => {
  test('lead with the amount, and name the cost basis, the credits rule and the days', async () => {
    const { text, followUps, answerStatus } = await say('What did we spend last month?', ok(total));
    expect(text).toBe(
      'You spent $1,234.50 in December 2025.\n\nEffective cost (amortized), credits ($12.00) left out, 2025-12-01 to 2025-12-31; data through 2026-01-14.',
    );
    expect(answerStatus).toBeUndefined();
    expect(followUps).toEqual(['Compare it with the previous period', 'Break it down by service', 'Show it by day']);
  });

  test.each([
    ['EC2 cost last month', 'Amazon EC2 cost $1,234.50 in December 2025.'],
    ['payments team spend last month', 'You spent $1,234.50 for team payments in December 2025.'],
    [
      'EC2 in Ireland last month, cost without tax',
      'Amazon EC2 in eu-west-1 without tax cost $1,234.50 in December 2025.',
    ],
    ['How much tax did we pay last month?', 'Tax came to $1,234.50 in December 2025.'],
    ['S3 tax last month', 'Tax came to $1,234.50 for Amazon S3 in December 2025.'],
    ['tax in Ireland last month', 'Tax came to $1,234.50 in eu-west-1 in December 2025.'],
    ['EC2 data transfer last month', 'Amazon EC2 data transfer cost $1,234.50 in December 2025.'],
    ['billed cost last month', 'You were billed $1,234.50 in December 2025.'],
    ['S3 at list prices last month', 'Amazon S3 would have cost $1,234.50 at list prices in December 2025.'],
    ['spend after credits last month', 'After credits you spent $1,234.50 in December 2025.'],
    ['EC2 cost after credits last month', 'After credits Amazon EC2 cost $1,234.50 in December 2025.'],
    ['m5.large cost last month', 'm5.large cost $1,234.50 in December 2025.'],
    ['average daily cost last month', 'You spent $39.82 a day on average in December 2025, $1,234.50 in all.'],
  ])('"%s" is answered by "%s"', async (question, expected) => {
    expect((await say(question, ok(total))).words).toBe(expected);
  });

  test('credits are told without their minus sign', async () => {
    const { words } = await say(
      'credits last month',
      ok({ total: money('-250.00'), credits: money('-250.00') }, [], { credits: 'included' }),
    );
    expect(words).toBe('Credits came to $250.00 in December 2025.');
  });

  test('several currencies are told one by one, never added', async () => {
    const facts = {
      total_EUR: money('20.00', 'EUR'),
      total_USD: money('1234.50'),
      credits_EUR: money('0', 'EUR'),
      credits_USD: money('0'),
    };
    expect((await say('What did we spend last month?', ok(facts))).words).toBe(
      'You spent €20.00 and $1,234.50 in December 2025.',
    );
  });

  test.each([
    [
      '234.50',
      '23.45',
      'You spent $1,234.50 in December 2025, $234.50 (23.5%) more than the $1,000.00 of November 2025.',
    ],
    [
      '-100.00',
      '-10',
      'You spent $1,234.50 in December 2025, $100.00 (10.0%) less than the $1,000.00 of November 2025.',
    ],
    ['1234.50', null, 'You spent $1,234.50 in December 2025, $1,234.50 more than the $1,000.00 of November 2025.'],
    ['0', '0', 'You spent $1,234.50 in December 2025, the same as in November 2025.'],
  ])('a change of %s (%s percent) is told as "%s"', async (change, percentage, expected) => {
    const result = ok(compared(change, percentage), [], { comparedTo: NOVEMBER });
    expect((await say('Compare last month with the month before', result)).words).toBe(expected);
  });
});

describe('breakdowns and rankings', () => {
  const services = (rows: CellValue[][]) => table('costs', ['service_name', 'cost', 'share'], rows);
  const three = services([
    ['Amazon Elastic Compute Cloud', '800.00', '64.8'],
    ['AWS Lambda', '300.00', '24.3'],
    ['Amazon Route 53', '134.50', '10.9'],
  ]);

  test('a breakdown leads with the total, a ranking with what ranks first', async () => {
    expect((await say('cost by service last month', ok(total, [three]))).words).toBe(
      'You spent $1,234.50 in December 2025. Amazon Elastic Compute Cloud is the largest at $800.00 (64.8% of the total), followed by AWS Lambda ($300.00) and Amazon Route 53 ($134.50).',
    );
    expect((await say('Which service cost the most last month?', ok(total, [three]))).words).toMatch(
      /^Amazon Elastic Compute Cloud is the largest at \$800\.00/,
    );
    expect((await say('cheapest 3 services last month', ok(total, [three]))).words).toMatch(
      /^Amazon Elastic Compute Cloud is the smallest/,
    );
  });

  test('one row, none, and two that are level', async () => {
    expect(
      (await say('cost by service last month', ok(total, [services([['AWS Lambda', '1234.50', '100']])]))).words,
    ).toContain('All that is listed is AWS Lambda with $1,234.50 (100.0% of the total).');
    expect((await say('services over $5,000 last month', ok(total, [services([])]))).words).toContain(
      'No service reaches that amount.',
    );
    expect(
      (
        await say(
          'top 2 services last month',
          ok(total, [
            services([
              ['AWS Lambda', '600', '50'],
              ['Amazon Kinesis', '600', '50'],
            ]),
          ]),
        )
      ).words,
    ).toMatch(/^AWS Lambda and Amazon Kinesis are level at \$600\.00\./);
  });

  test('accounts go by name, what has no tag is said to have none', async () => {
    const accounts = table(
      'costs',
      ['sub_account_id', 'sub_account_name', 'cost', 'share'],
      [
        ['410007654321', 'northgate-production', '900', '73'],
        ['410099999999', null, '334.50', '27'],
      ],
    );
    expect((await say('cost by account last month', ok(total, [accounts]))).words).toContain(
      'northgate-production is the largest at $900.00 (73.0% of the total), followed by 410099999999 ($334.50).',
    );
    const teams = table(
      'costs',
      ['tag:team', 'cost', 'share'],
      [
        [null, '900', '73'],
        ['payments', '334.50', '27'],
      ],
    );
    expect((await say('cost by team last month', ok(total, [teams]))).words).toContain(
      'What has no team tag is the largest at $900.00',
    );
  });

  test('a share is told from the row it is about', async () => {
    const words = async (question: string, result: ToolResult) => (await say(question, result)).words;
    expect(await words('What share of last month was Lambda?', ok(total, [three]))).toBe(
      'AWS Lambda makes up 24.3% of the total, $300.00 of $1,234.50 in December 2025.',
    );
    const teams = table(
      'costs',
      ['tag:team', 'cost', 'share'],
      [
        ['payments', '900', '73'],
        [null, '334.50', '27'],
      ],
    );
    expect(await words('percentage of spend last month that is untagged', ok(total, [teams]))).toBe(
      'What has no team tag makes up 27.0% of the total, $334.50 of $1,234.50 in December 2025.',
    );
    expect(await words('What share of last month was Kinesis?', ok(total, [three]))).toBe(
      'Nothing was charged for that in December 2025.',
    );
  });

  test('a ranking by change says from what to what', async () => {
    const rows = table(
      'costs',
      ['service_name', 'cost', 'previous', 'change', 'percent_change'],
      [
        ['AWS Lambda', '300.00', '200.00', '100.00', '50'],
        ['Amazon Kinesis', '50.00', '0', '50.00', null],
      ],
    );
    const { words } = await say(
      'Which services rose most last month?',
      ok(compared('234.50', '23.45'), [rows], { comparedTo: NOVEMBER }),
    );
    expect(words).toBe(
      'AWS Lambda rose most, from $200.00 to $300.00 (+$100.00, +50.0%), followed by Amazon Kinesis (+$50.00). You spent $1,234.50 in December 2025, $234.50 (23.5%) more than the $1,000.00 of November 2025.',
    );
  });

  test('when nothing rose, that is the answer', async () => {
    const none = table('costs', ['service_name', 'cost', 'previous', 'change', 'percent_change'], []);
    const { words } = await say(
      'Which services rose most last month?',
      ok(compared('-100', '-10'), [none], { comparedTo: NOVEMBER }),
    );
    expect(words).toMatch(/^No service cost more than in November 2025\./);
  });
});

describe('courses over time', () => {
  const days = table(
    'costs',
    ['period', 'cost', 'share'],
    [
      ['2025-12-01', '30.00', '1'],
      ['2025-12-02', '45.00', '2'],
      ['2025-12-03', '12.00', '1'],
    ],
  );

  test('the highest and the lowest step stand out', async () => {
    expect((await say('daily cost last month', ok(total, [days]))).words).toBe(
      'You spent $1,234.50 in December 2025. The most was $45.00 on 2025-12-02, the least $12.00 on 2025-12-03.',
    );
  });

  test('the most expensive day is named first', async () => {
    expect((await say('Which day was the most expensive last month?', ok(total, [days]))).words).toBe(
      'The most expensive day was 2025-12-01 with $30.00, followed by 2025-12-02 with $45.00. You spent $1,234.50 in December 2025.',
    );
  });
});

describe('changes explained', () => {
  const facts = {
    total: money('1234.50'),
    total_previous: money('1000.00'),
    change: money('234.50'),
    percent_change: percent('23.45'),
    new: money('0'),
    gone: money('-20.00'),
    price: money('4.50'),
    usage: money('250.00'),
    commitment: money('0'),
    credits: money('0'),
    other: money('0'),
  };
  const drivers = table(
    'drivers',
    ['service_name', 'detail', 'cost', 'previous', 'change'],
    [
      ['AWS Lambda', null, '300.00', '100.00', '200.00'],
      ['AWS Lambda', 'thumbnails', '250.00', '60.00', '190.00'],
      ['Amazon Kinesis', null, '50.00', '15.50', '34.50'],
    ],
  );

  test('by how much, through what, and where; details are left to the table', async () => {
    const { words } = await say(
      'Why did our cost go up last month?',
      ok(facts, [table('components', ['component', 'change'], []), drivers], { comparedTo: NOVEMBER }),
    );
    expect(words).toBe(
      'Your cost rose by $234.50 (23.5%) in December 2025 against November 2025, from $1,000.00 to $1,234.50. It comes from more usage (+$250.00) and a higher price per unit (+$4.50), against things that are gone (-$20.00). AWS Lambda moved it most (+$200.00), followed by Amazon Kinesis (+$34.50).',
    );
  });

  test('nothing changed', async () => {
    const same = { ...facts, change: money('0'), usage: money('0'), gone: money('0'), price: money('0') };
    expect((await say('Why did our cost change last month?', ok(same, [], { comparedTo: NOVEMBER }))).words).toBe(
      'Your cost did not change in December 2025 against November 2025: it is $1,234.50.',
    );
  });
});

describe('the rest', () => {
  test('discounts are the distance between three totals', async () => {
    const at = (value: string, costBasis: string) =>
      ok({ total: money(value), credits: money('0') }, [], { costBasis });
    const { words } = await say(
      'what is our discount against list prices last month',
      at('2000', 'list_cost'),
      at('1500', 'contracted_cost'),
      at('1200', 'effective_cost'),
    );
    expect(words).toBe(
      'At list prices it would have cost $2,000.00, at negotiated prices $1,500.00; with commitments it came to $1,200.00.',
    );
  });

  test('how far the data reaches', async () => {
    const date = (value: string): Cell => ({ value, kind: 'date', unit: 'date' });
    const facts = {
      data_from: date('2024-11-15'),
      data_through: date('2026-01-14'),
      last_loaded_at: { value: '2026-01-15 03:10 UTC', kind: 'text' as const, unit: null },
    };
    const { words } = await say(
      'How fresh is the data?',
      ok(facts, [], { period: undefined as never, costBasis: undefined as never }),
    );
    expect(words).toBe('The data covers 2024-11-15 to 2026-01-14. It was last loaded at 2026-01-15 03:10 UTC.');
  });

  test('how many accounts there are, and which', async () => {
    const accounts = table(
      'accounts',
      ['account_id', 'name', 'kind'],
      [
        ['410000000000', 'northgate-management', 'billing'],
        ['410007654321', 'northgate-production', 'sub'],
      ],
    );
    const { words } = await say(
      'How many accounts do we have?',
      ok({ account_count: count(2) }, [accounts], { period: undefined as never, costBasis: undefined as never }),
    );
    expect(words).toBe('There are 2 accounts: northgate-management and northgate-production.');
  });

  test('resources, one and several', async () => {
    const resources = (rows: CellValue[][]) => table('resources', ['resource_id', 'name', 'type', 'cost'], rows);
    const one = await say(
      'list stopped instances',
      ok({ row_count: count(1), total: money('5') }, [
        resources([['i-0a1b2c3d4e5f60718', 'ledger-1', 'ec2:instance', '5.00']]),
      ]),
    );
    expect(one.words).toBe('I found 1 instance: ledger-1 ($5.00).');
    const many = await say(
      'list the EC2 instances',
      ok({ row_count: count(41), total: money('9') }, [
        resources([
          ['i-1', 'a-1', 'x', '5'],
          ['i-2', null, 'x', '4'],
          ['i-3', 'c-3', 'x', '3'],
          ['i-4', 'd-4', 'x', '2'],
        ]),
      ]),
    );
    expect(many.words).toBe(
      'I found 41 instances, the most expensive first: a-1 ($5.00), i-2 ($4.00) and c-3 ($3.00), and more in the table.',
    );
  });

  test('what was searched and not found', async () => {
    const nothing: ToolResult = {
      status: 'no_data',
      searched: 'No service_name on the bill is "Kinesis Video".',
      suggestions: ['last month'],
      receipt: receipt(),
    };
    const { words, answerStatus, followUps } = await say('Kinesis cost last month', nothing);
    expect(words).toBe('No service_name on the bill is "Kinesis Video". The data reaches 2026-01-14.');
    expect(answerStatus).toBeUndefined();
    expect(followUps).toEqual(['What did we spend last month?']);
  });

  test("numbers of a tool's own words are not repeated, for no cell holds them", async () => {
    const nothing: ToolResult = {
      status: 'no_data',
      searched: 'There is no data for "March 2009": it starts on 2024-11-15.',
      suggestions: ['since 2024-11-15'],
      receipt: receipt(),
    };
    expect((await say('What did we spend in March 2009?', nothing)).words).toBe(
      'I found nothing for that in the bill. The data reaches 2026-01-14.',
    );
  });

  test('what may not be seen, and what failed', async () => {
    expect(
      (
        await say('What did we spend last month?', {
          status: 'denied',
          message: 'You have no access to any account yet.',
        })
      ).words,
    ).toBe('You have no access to any account yet.');
    expect(
      (
        await say('What did we spend last month?', {
          status: 'error',
          code: 'query_timeout',
          message: 'The query took too long and was stopped.',
        })
      ).words,
    ).toBe('I could not get that. The query took too long and was stopped.');
  });

  test('misspelt words and untold parts are owned up to', async () => {
    const { text } = await say('Lamda cost last month', ok(total));
    expect(text).toContain('I read "Lamda" as "lambda".');
  });
});
