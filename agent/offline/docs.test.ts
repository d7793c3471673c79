import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../config.ts';
import { ESTATE } from './estate.fixture.ts';
import type { Turn } from './history.ts';
import { planQuestion } from './planner.ts';
import { planTurn } from './talk.ts';

const page = readFileSync(join(packageRoot, 'docs', 'questions.md'), 'utf8');
const CONTEXT = { catalog: ESTATE, now: new Date('2026-01-15T10:00:00Z'), resources: [] };

const examples = [...page.matchAll(/^- (.+)$/gm)].map((match) => match[1] ?? '');

test('the page of questions holds examples', () => {
  expect(examples.length).toBeGreaterThan(40);
});

test.each(examples)('"%s", which the page of questions offers, is answered', (question) => {
  const plan = planQuestion(question, CONTEXT);
  expect(plan.kind).toBe('call');
  if (plan.kind === 'call') expect(plan.caveats.filter((caveat) => /cannot|do not/.test(caveat))).toEqual([]);
});

const going = page.slice(page.indexOf('## Going on'), page.indexOf('## What it declines'));

test.each([...going.matchAll(/"([^"]+)"/g)].map((match) => (match[1] ?? '').replaceAll('\n', ' ')))(
  '"%s", which the page offers to go on with, changes the last answer',
  (said) => {
    const question = 'Top 5 services this month';
    const rows = [{ service_name: 'Amazon Elastic Compute Cloud' }, { service_name: 'AWS Lambda' }];
    const result = {
      ref: 'r1',
      status: 'ok' as const,
      facts: {},
      notes: [],
      tables: [{ name: 'costs', columns: [], rows }],
    };
    const input = { period: 'this month', groupBy: ['service_name'], limit: 5 };
    const before: Turn = { question, text: '', calls: [{ id: '1', tool: 'query_costs', input, result }] };
    const plan = planTurn(said, [before], CONTEXT);
    expect(plan.kind).toBe('call');
    if (plan.kind === 'call') expect(plan.calls[0]?.input).not.toEqual(input);
  },
);
