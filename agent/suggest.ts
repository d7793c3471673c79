import type { Catalog } from './offline/catalog.ts';

/** Questions that this estate can answer, to start with: the owner's favourite first, then some with its own names. */
export function suggestQuestions(catalog: Catalog): string[] {
  if (catalog.dataThrough === null) return ['What can I ask?'];
  const team = catalog.tagKeys.find(({ key }) => /^(team|owner|project|application|app|department)$/i.test(key));
  const service = catalog.services[0]?.name;
  return [
    'Top 5 services with rising cost last 60 days?',
    'Why did our cost change last month?',
    ...(team === undefined
      ? ['What did we spend by account last month?']
      : [`What does each ${team.key.toLowerCase()} spend this month?`]),
    ...(service === undefined ? [] : [`Show the cost of ${service} by month this year`]),
    'Which resources are the most expensive?',
    'How fresh is the data?',
  ];
}
