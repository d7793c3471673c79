import { expect, test } from 'vitest';
import { z } from 'zod';
import { tools } from '../../../tools/registry.ts';
import { testServer } from '../../testing.ts';

const costs = async (query: string, headers = {}) => {
  const { app } = await testServer();
  return app.inject({ url: `/api/v1/billing/costs?${query}`, headers });
};

test('gives what the tool found, money as text, with its receipt', async () => {
  const response = await costs('period=last%20month');
  expect(response.statusCode).toBe(200);
  const { status, data, receipt } = response.json();
  expect(status).toBe('ok');
  expect(data.facts.total).toEqual({ value: '9500.25', kind: 'money', unit: 'USD' });
  expect(data.tables[0].rows).toEqual([
    ['Amazon EC2', '8000'],
    ['AWS Lambda', '1500.25'],
  ]);
  expect(receipt).toMatchObject({
    tool: 'query_costs',
    arguments: { period: 'last month' },
    dataThrough: '2026-11-23',
  });
});

test('takes lists repeated or with commas, numbers and truth values, and dimensions as filters', async () => {
  const query =
    'groupBy=service_name,region_id&groupBy=tag:team&limit=5&includeCredits=true&tag:team=a&tag:team=b&region_id=eu';
  expect((await costs(query)).json().receipt.arguments).toEqual({
    groupBy: ['service_name', 'region_id', 'tag:team'],
    limit: 5,
    includeCredits: true,
    filters: [
      { dimension: 'tag:team', operator: 'in', values: ['a', 'b'] },
      { dimension: 'region_id', operator: 'in', values: ['eu'] },
    ],
  });
});

test('takes filters as JSON too', async () => {
  const filters = [{ dimension: 'tag:team', operator: 'is null', values: [] }];
  const response = await costs(`filters=${encodeURIComponent(JSON.stringify(filters))}`);
  expect(response.json().receipt.arguments.filters).toEqual(filters);
});

test.each([
  ['limit=0', 'limit'],
  ['limit=many', 'limit'],
  ['groupBy=moon_phase', 'groupBy.0'],
  ['moon_phase=full', 'moon_phase'],
  ['filters=[', 'filters'],
  ['filters={}', 'filters'],
  ['includeCredits=perhaps', 'includeCredits'],
])('refuses %s and names the parameter', async (query, field) => {
  const response = await costs(query);
  expect(response.statusCode).toBe(400);
  const { error } = response.json();
  expect(error.code).toBe('invalid_input');
  expect(error.message).toContain(`\`${field}\``);
});

test('no data is an answer, and says what was searched', async () => {
  const response = await costs('period=last%20century');
  expect(response.statusCode).toBe(200);
  expect(response.json()).toMatchObject({ status: 'no_data', searched: 'costs of the last century' });
});

test.each([
  ['soon', 400, 'period_unknown'],
  ['secret', 403, 'forbidden'],
])('what the tool refuses (%s) is an error', async (period, status, code) => {
  const response = await costs(`period=${period}`);
  expect(response.statusCode).toBe(status);
  expect(response.json().error.code).toBe(code);
});

test('answers CSV', async () => {
  const response = await costs('', { accept: 'text/csv' });
  expect(response.headers['content-type']).toContain('text/csv');
  expect(response.body).toBe('service_name,cost\r\nAmazon EC2,8000\r\nAWS Lambda,1500.25\r\n');
});

test.each([
  ['/api/v1/billing/freshness', 'describe_freshness', {}],
  ['/api/v1/billing/reconciliation?month=2026-09', 'check_bill', { month: '2026-09' }],
  ['/api/v1/accounts', 'describe_data', { topic: 'accounts', limit: 50 }],
  ['/api/v1/resources?text=db-1&limit=3', 'find_resources', { text: 'db-1', limit: 3 }],
  [
    `/api/v1/resources?tags=${encodeURIComponent('[{"key":"team","value":"search"}]')}`,
    'find_resources',
    { tags: [{ key: 'team', value: 'search' }] },
  ],
])('%s runs %s', async (url, tool, given) => {
  const { app } = await testServer();
  expect((await app.inject(url)).json().receipt).toMatchObject({ tool, arguments: given });
});

test.each([
  ['/api/v1/billing/costs', 'query_costs'],
  ['/api/v1/resources', 'find_resources'],
  ['/api/v1/billing/reconciliation', 'check_bill'],
])('%s has a parameter for every input of %s, and no other', async (path, toolName) => {
  const { app } = await testServer();
  const api = (await app.inject('/api/openapi.json')).json();
  const parameters = api.paths[path].get.parameters.map(({ name }: { name: string }) => name);
  const tool = tools.find(({ name }) => name === toolName);
  const { properties = {} } = z.toJSONSchema(tool?.input ?? z.never(), { io: 'input' });
  expect(parameters.sort()).toEqual(Object.keys(properties).sort());
});

test('a parameter that resources do not have is refused', async () => {
  const { app } = await testServer();
  const response = await app.inject('/api/v1/resources?colour=red');
  expect(response.statusCode).toBe(400);
});
