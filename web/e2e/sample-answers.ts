import { once } from 'node:events';
import type { Answer } from '../../agent/answer.ts';
import type { AnswerQuestion } from '../testing.ts';

type Sample = Omit<Answer, 'queryId' | 'threadId'>;

const bare = { tables: [], receipts: [], proposals: [], followUps: [] };

const receipt: Answer['receipts'][number] = {
  tool: 'query_costs',
  arguments: {
    period: 'last 60 days',
    compareTo: 'previous period',
    groupBy: ['service_name'],
    rankBy: 'change',
    direction: 'rising',
    limit: 5,
  },
  sql: 'SELECT service_name,\n       sum(effective_cost) AS cost\nFROM cost_daily\nWHERE charge_date >= $1 AND charge_date < $2\n  AND charge_category <> $3\nGROUP BY service_name\nORDER BY cost DESC\nLIMIT 5',
  period: { start: '2026-09-25', end: '2026-11-24' },
  comparedTo: { start: '2026-07-27', end: '2026-09-25' },
  costBasis: 'effective_cost',
  credits: 'excluded',
  notes: ['The last 2 days may still change: the provider has not settled them.'],
  rowCount: 5,
  truncated: false,
  dataThrough: '2026-11-23',
  hash: '4c1f6a0e2b97d8f35a6c4be19d02f7731bb5c9e8a0d4462f9be1c7d35e80a912',
  elapsedMs: 14.2,
};

const money = (name: string) => ({ name, kind: 'money', unit: 'USD' });

const rising: Sample = {
  ...bare,
  status: 'answered',
  text:
    'These **5 services** rose most in the last 60 days. **Amazon Elastic Compute Cloud** leads with +$4,218.33 (+21.4%).\n\n' +
    'Effective cost (amortized), credits excluded, 2026-09-25 to 2026-11-23; data through 2026-11-23.',
  tables: [
    {
      title: 'Services by rise in cost',
      columns: [
        { name: 'service_name', kind: 'text', unit: null },
        money('cost'),
        money('previous'),
        money('change'),
        { name: 'percent_change', kind: 'percent', unit: 'percent' },
      ],
      rows: [
        ['Amazon Elastic Compute Cloud', '23931.204417', '19712.871', '4218.333417', '21.399'],
        ['Amazon Relational Database Service', '11204.5', '9821.17', '1383.33', '14.085'],
        ['Amazon Simple Storage Service', '5120.0091', '4400.25', '719.7591', '16.357'],
        ['AmazonCloudWatch', '911.4', '402.12', '509.28', '126.649'],
        ['AWS Lambda', '330.00023552', null, '330.00023552', null],
      ],
    },
  ],
  chart: {
    kind: 'bar',
    title: 'Cost now and before',
    unit: 'USD',
    x: [
      'Amazon Elastic Compute Cloud',
      'Amazon Relational Database Service',
      'Amazon Simple Storage Service',
      'AmazonCloudWatch',
      'AWS Lambda',
    ],
    series: [
      { name: 'Last 60 days', values: [23931.2, 11204.5, 5120.01, 911.4, 330] },
      { name: 'Before', values: [19712.87, 9821.17, 4400.25, 402.12, null] },
    ],
  },
  receipts: [receipt],
  followUps: ['Why did Amazon Elastic Compute Cloud rise?', 'Show it by account', 'And which services fell?'],
};

const DAYS = Array.from({ length: 61 }, (_, day) => new Date(Date.UTC(2026, 8, 24 + day)).toISOString().slice(0, 10));

const daily: Sample = {
  ...bare,
  status: 'answered',
  text: 'Spend by day over the last 60 days, by environment. Weekends are about a third lower.',
  chart: {
    kind: 'line',
    title: 'Cost by day and environment',
    unit: 'USD',
    x: DAYS,
    series: ['production', 'staging', '<b>dev</b>'].map((name, of) => ({
      name,
      values: DAYS.map(
        (_, day) =>
          Math.round((900 - of * 280 + Math.sin(day / 3) * 60 - (day % 7 > 4 ? 240 - of * 60 : 0)) * 100) / 100,
      ),
    })),
  },
  tables: [
    {
      title: 'Cost by account and environment',
      columns: [
        { name: 'sub_account_name', kind: 'text', unit: null },
        { name: 'tag:environment', kind: 'text', unit: null },
        money('cost'),
        { name: 'share', kind: 'percent', unit: 'percent' },
      ],
      rows: Array.from({ length: 40 }, (_, index) => [
        `account-${index + 1}`,
        index % 3 === 0 ? 'production' : index % 3 === 1 ? 'staging' : null,
        (9000 / (index + 1)).toFixed(6),
        (24 / (index + 1)).toFixed(3),
      ]),
    },
  ],
  receipts: [{ ...receipt, rowCount: 40, truncated: true }],
  followUps: ['Only production', 'By month instead'],
};

const HOSTILE = '<img src=x onerror="document.title=1"> [click](javascript:alert(1)) \u202Etxt.exe';

const SAMPLES: [RegExp, Sample][] = [
  [/rising|rose/i, rising],
  [/by day/i, daily],
  [
    /^cost of it/i,
    { ...bare, status: 'clarify', text: 'Which account do you mean?', followUps: ['payments-prod', 'payments-dev'] },
  ],
  [
    /weather/i,
    { ...bare, status: 'refused', text: 'I know cloud costs only. Ask me what was spent, where, and why it changed.' },
  ],
  [
    /mars/i,
    {
      ...bare,
      status: 'no_data',
      text: 'I looked for costs in the region **mars-1** from 1 to 23 November and found none.',
      followUps: ['Which regions are there?'],
    },
  ],
  [/outage/i, { ...bare, status: 'failed', text: 'The language model cannot be reached. Please try again.' }],
  [
    /hostile/i,
    {
      ...bare,
      status: 'answered',
      text: `The tag says ${HOSTILE}`,
      tables: [{ title: HOSTILE, columns: [{ name: 'tag:owner', kind: 'text', unit: null }], rows: [[HOSTILE]] }],
      receipts: [{ ...receipt, notes: [HOSTILE] }],
    },
  ],
];

const short: Sample = {
  ...bare,
  status: 'answered',
  text: 'You spent **$41,497.11** last month.',
  receipts: [receipt],
  followUps: ['And the month before?'],
};

/** Answers of every kind; a question with `forever` in it goes on until it is stopped, one with `crash` breaks. */
export const answerWithSamples: AnswerQuestion = async ({ question, signal }, step) => {
  step('r1', 'Looking up costs by service', 'running');
  if (/crash/i.test(question)) throw new Error('crashed');
  if (/forever/i.test(question) && signal !== undefined) {
    await once(signal, 'abort');
    throw signal.reason;
  }
  step('r1', 'Looking up costs by service', 'done');
  return SAMPLES.find(([pattern]) => pattern.test(question))?.[1] ?? short;
};
