import { expect, test } from 'vitest';
import { findNumbers, unsupportedNumbers } from './agent/grounding.ts';
import type { Material } from './analytics/insights/material.ts';
import { writeInsight } from './analytics/insights/write.ts';
import type { ToolResult } from './tools/tool.ts';

/** Numbers of every size and sign, none of which stands in a sentence. */
const material: Material = {
  audience: 'the organisation',
  currency: 'USD',
  week: { start: '2026-11-09', end: '2026-11-16' },
  cost: { total: '61746.584213', previous: '64729.02', change: '-2982.435787', percent: '-4.607572' },
  drivers: [
    {
      ...{ service: 'Amazon Route 53', cost: '26105.19', previous: '28380.73', change: '-2275.54', percent: '-8.02' },
      ...{ component: 'usage', detail: 'EU-DataTransfer-Out-Bytes' },
    },
    {
      ...{ service: null, cost: '7.005', previous: '0', change: '7.005', percent: null },
      ...{ component: 'new', detail: null },
    },
  ],
  anomalies: [
    {
      ...{
        anomalyId: 4711,
        subject: 'AWS Lambda, 305625155172',
        direction: 'down',
        startDate: '2026-11-10',
        isOpen: false,
      },
      ...{ impact: '-1399.99', cause: 'm5.24xlarge' },
    },
  ],
  anomalyCount: 17,
  anomaliesToJudge: 16,
  savings: {
    ...{ measured: '13547.28', holding: '12986.64', measuredCount: 125, waitingCount: 38 },
    regressed: [{ subject: 'i-0413d34fa8a83db56', amount: '280.32', since: '2026-11-02' }],
  },
  recommendations: {
    ...{ count: 263, estimated: '69550.17' },
    top: [{ recommendationId: 99, title: 'Resize from m5.4xlarge', subject: 'route-solver-01', estimated: '1120.67' }],
  },
  budgets: [{ name: 'Q4 2026', kind: 'actual', thresholdPercent: '80', amount: '457859.48', limit: '550000' }],
  forecast: { month: '2026-11-01', amount: '257510.66' },
};

test('every number of a summary is a cell of its tables, by the check that answers pass', () => {
  const { title, text, data } = writeInsight(material);
  const receipt = {
    ...{ tool: 't', arguments: {}, notes: [], rowCount: 0, truncated: false },
    dataThrough: null,
    hash: '',
    elapsedMs: 0,
  };
  const result: ToolResult = { status: 'ok', data, receipt };
  const now = new Date('2026-11-18T09:30:00Z');
  const results = [{ ref: 'r1', tool: 't', arguments: {}, result, startedAt: now, elapsedMs: 0 }];
  const unsupported = (said: string) => unsupportedNumbers({ text: said, grounded: [], question: '', results, now });
  expect(findNumbers(text).length).toBeGreaterThan(15);
  expect(unsupported(`${title}\n${text}`)).toEqual([]);
  expect(unsupported(`${text}\nThat is $1,234.56.`)).toEqual(['$1,234.56']);
});
