import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { packageRoot, readConfig } from '../../config.ts';
import { PennyError } from '../../errors.ts';
import { memoryAssistant, testServer } from '../testing.ts';

const json = { 'content-type': 'application/json' };

test('says that the process answers, and that it is ready', async () => {
  const { app } = await testServer();
  expect((await app.inject('/healthz')).json()).toEqual({ status: 'alive' });
  expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready' });
});

test('is not ready while the database is not migrated', async () => {
  const { app, logged } = await testServer({
    ready: async () => {
      throw new PennyError('database_schema', 'The database schema is not up to date; run `penny migrate`.');
    },
  });
  const response = await app.inject('/readyz');
  expect(response.statusCode).toBe(503);
  expect(response.json().error).toEqual({
    code: 'database_schema',
    message: 'The database schema is not up to date; run `penny migrate`.',
  });
  expect(logged).toHaveLength(1);
});

test('counts requests by route pattern, never by address', async () => {
  const { app } = await testServer();
  await app.inject('/api/v1/ai/conversations/some-thread-4711');
  await app.inject('/nowhere/4711');
  await app.inject('/assets/app-1a2b.js');
  const { body, headers } = await app.inject('/metrics');
  expect(headers['content-type']).toContain('text/plain');
  expect(body).toContain('route="/api/v1/ai/conversations/:threadId"');
  expect(body).toContain('route="unmatched"');
  expect(body).toContain('process_cpu_seconds_total');
  expect(body).toContain('route="/assets/*"');
  expect(body).not.toMatch(/4711|1a2b/);
});

test.each([
  ['GET', '/nowhere', undefined, {}, 404, 'not_found'],
  ['GET', '/api/v1/nowhere', undefined, {}, 404, 'not_found'],
  ['DELETE', '/api/v1/ai/queries', undefined, {}, 404, 'not_found'],
  ['POST', '/api/v1/ai/queries', '{"question": ', json, 400, 'invalid_input'],
  ['POST', '/api/v1/ai/queries', '', json, 400, 'invalid_input'],
  [
    'POST',
    '/api/v1/ai/queries',
    'question=1',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'unsupported_type',
  ],
  ['POST', '/api/v1/ai/queries', '{"question":"x"}', { 'content-type': 'text/plain' }, 415, 'unsupported_type'],
  ['POST', '/api/v1/ai/queries', JSON.stringify({ question: 'x'.repeat(70_000) }), json, 413, 'too_large'],
  ['GET', '/%c0%80', undefined, {}, 400, 'invalid_input'],
] as const)('answers %s %s (%#) with the one error shape', async (method, url, payload, headers, status, code) => {
  const { app } = await testServer();
  const response = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  expect(response.statusCode).toBe(status);
  expect(response.headers['content-type']).toContain('application/json');
  const body = response.json();
  expect(Object.keys(body)).toEqual(['error']);
  expect(body.error.code).toBe(code);
  expect(body.error.message.length).toBeGreaterThan(10);
});

test('answers bytes that are no HTTP in the same shape', async () => {
  const { app } = await testServer();
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect(Number(port), '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
  const received = await text(socket);
  expect(received).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(received.split('\r\n\r\n')[1] ?? '').error.code).toBe('invalid_input');
  await app.close();
});

test('hides the text of an unforeseen error and logs its cause', async () => {
  const assistant = {
    ...memoryAssistant(),
    suggestQuestions: async () => {
      throw new Error('password=hunter2');
    },
  };
  const { app, logged } = await testServer({ assistant });
  const response = await app.inject('/api/v1/ai/suggestions');
  expect(response.statusCode).toBe(500);
  expect(response.json()).toEqual({ error: { code: 'internal', message: 'Something went wrong on our side.' } });
  expect(logged[0]?.err?.stack).toContain('password=hunter2');
});

test('every route of the API answers 401 without a token or a session, also those there are not', async () => {
  // An address has so many wrong tries, so each way to be nobody has a server of its own.
  const [stranger, forger, guesser] = (await Promise.all(
    [{}, {}, {}].map(async () => (await testServer()).stranger),
  )) as [FastifyInstance, FastifyInstance, FastifyInstance];
  const { paths } = (await stranger.inject('/api/openapi.json')).json() as { paths: Record<string, object> };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
  );
  const guarded = routes.filter(([, path]) => path.startsWith('/api/v1'));
  expect(guarded.length).toBeGreaterThan(15);
  for (const [method, path] of [...guarded, ['GET', '/api/v1/nowhere'], ['POST', '/api/v1']] as const) {
    for (const [server, headers] of [
      [stranger, {}],
      [forger, { cookie: 'penny_session=made-up' }],
      [guesser, { authorization: 'Basic YTpi' }],
    ] as const) {
      const response = await server.inject({ method: method as 'GET', url: path, headers });
      expect(response.statusCode, `${method} ${path}`).toBe(401);
      expect(response.json().error.code).toBe('unauthorized');
    }
  }
  expect((await stranger.inject('/healthz')).statusCode).toBe(200);
});

test('sends the security headers with everything, errors and streams included', async () => {
  const { app } = await testServer();
  const responses = [
    await app.inject('/'),
    await app.inject('/nowhere'),
    await app.inject('/api/docs'),
    await app.inject({
      method: 'POST',
      url: '/api/v1/ai/queries',
      headers: { accept: 'text/event-stream' },
      payload: { question: 'Cost?' },
    }),
  ];
  for (const { headers } of responses) {
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
  }
});

test.each([
  ['evil.example', 403],
  ['evil.example:3000', 403],
  ['localhost.evil.example', 403],
  ['127.0.0.1:3000', 200],
  ['LOCALHOST:3000', 200],
  ['[::1]:3000', 200],
])('on loopback, the host name %s gets %i', async (host, status) => {
  const { app } = await testServer();
  expect((await app.inject({ url: '/api/v1/ai/suggestions', headers: { host } })).statusCode).toBe(status);
});

test('behind https, browsers are told to stay with it, and pages of the public address may act', async () => {
  const config = readConfig({ PENNY_PUBLIC_URL: 'https://penny.example' });
  const { app } = await testServer({ config });
  const act = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/auth/sign-out', headers: { host: 'localhost:3000', ...headers } });
  const own = await act({ origin: 'https://penny.example', 'sec-fetch-site': 'same-origin' });
  expect(own.headers['strict-transport-security']).toContain('max-age');
  expect(own.statusCode).toBe(204);
  expect((await act({ host: 'penny.example' })).statusCode).toBe(204);
  expect((await act({ origin: 'https://evil.example' })).statusCode).toBe(403);
  expect((await act({ host: 'evil.example' })).statusCode).toBe(403);
});

test('beyond loopback, any host name is served', async () => {
  const { app } = await testServer({ config: readConfig({ HOST: '0.0.0.0' }) });
  const response = await app.inject({ url: '/healthz', headers: { host: 'penny.example' } });
  expect(response.statusCode).toBe(200);
});

test.each([
  [{ origin: 'https://evil.example' }, 403],
  [{ origin: 'http://localhost:8080' }, 403],
  [{ origin: 'null' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }, 200],
  [{}, 200],
])('a question with the headers %j gets %i', async (headers, status) => {
  const { app } = await testServer();
  const response = await app.inject({
    method: 'POST',
    url: '/api/v1/ai/queries',
    headers: { host: 'localhost:3000', ...headers },
    payload: { question: 'Cost?' },
  });
  expect(response.statusCode).toBe(status);
});

test('stops a person who asks without pause, wherever from, and says how long to wait', async () => {
  const { app } = await testServer();
  let asked = 0;
  const ask = () => app.inject({ url: '/api/v1/ai/model', remoteAddress: `10.0.0.${asked++ % 250}` });
  let last = await ask();
  while (asked < 400 && last.statusCode === 200) last = await ask();
  expect(last.statusCode).toBe(429);
  expect(last.json().error.code).toBe('rate_limited');
  expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
});

test('an address that comes with wrong tokens again and again is told to wait; a right one from there is not', async () => {
  const { app, stranger } = await testServer();
  const guess = () => stranger.inject({ url: '/api/v1/me', headers: { authorization: 'Bearer guess' } });
  let last = await guess();
  for (let guessed = 1; guessed < 200 && last.statusCode === 401; guessed++) last = await guess();
  expect(last.statusCode).toBe(429);
  expect((await app.inject('/api/v1/me')).statusCode).toBe(200);
});

test('serves the page at its own addresses, and its hashed files for good', async () => {
  const { app } = await testServer();
  for (const url of ['/', '/c/thread-1']) {
    const page = await app.inject(url);
    expect(page.body).toContain('<title>Penny</title>');
    expect(page.headers['cache-control']).toBe('no-cache');
  }
  const file = await app.inject('/assets/app-1a2b.js');
  expect(file.headers['cache-control']).toContain('immutable');
  const small = await app.inject({ url: '/assets/app-1a2b.js', headers: { 'accept-encoding': 'gzip' } });
  expect(small.headers['content-encoding']).toBe('gzip');
  expect(small.headers['content-type']).toContain('javascript');
  expect(small.headers['cache-control']).toContain('immutable');
  expect((await app.inject('/assets/../../package.json')).statusCode).toBe(404);
});

test('says what to do when the page is not built', async () => {
  const { app } = await testServer({ clientFolder: '/nonexistent' });
  const response = await app.inject('/');
  expect(response.statusCode).toBe(404);
  expect(response.json().error.message).toContain('npm run build');
});

test('the OpenAPI document lists every route with its schemas', async () => {
  const { app } = await testServer();
  await app.ready();
  const api = (await app.inject('/api/openapi.json')).json();
  expect(api.openapi).toBe('3.1.0');
  const documented = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = ['GET /healthz', 'GET /readyz', 'GET /metrics'].concat(
    ['POST /ai/queries', 'GET /ai/queries', 'POST /ai/queries/{queryId}/feedback'].map(under),
    ['GET /billing/costs', 'GET /billing/freshness', 'GET /billing/reconciliation'].map(under),
    ['GET /accounts', 'GET /resources'].map(under),
    ['GET /anomalies', 'GET /anomalies/{anomalyId}', 'POST /anomalies/{anomalyId}/feedback'].map(under),
    ['POST /anomalies/expectations', 'GET /anomalies/feedback', 'DELETE /anomalies/feedback/{feedbackId}'].map(under),
    ['GET /forecasts', 'GET /insights', 'GET /savings', 'GET /unit-costs', 'POST /business-metrics'].map(under),
    ['GET /budgets', 'POST /budgets', 'PATCH /budgets/{budgetId}', 'DELETE /budgets/{budgetId}'].map(under),
    ['GET /recommendations', 'GET /recommendations/{recommendationId}'].map(under),
    ['dismiss', 'accept', 'reopen'].map((how) => under(`POST /recommendations/{recommendationId}/${how}`)),
    ['GET /remediations', 'POST /remediations', 'GET /remediations/{remediationId}'].map(under),
    ['approve', 'reject', 'cancel', 'undo'].map((how) => under(`POST /remediations/{remediationId}/${how}`)),
    ['POST /remediations/stop', 'POST /remediations/resume'].map(under),
    ['GET /me', 'GET /tokens', 'POST /tokens', 'DELETE /tokens/{tokenId}'].map(under),
    ['GET /users', 'POST /users', 'PATCH /users/{userId}', 'GET /audit'].map(under),
    ['GET /jobs', 'GET /jobs/runs', 'POST /jobs/{name}/run'].map(under),
    ['POST /jobs/runs/{runId}/cancel', 'POST /jobs/runs/{runId}/rerun'].map(under),
    ['GET /options', 'POST /token', 'POST /sign-out', 'POST /persona', 'POST /link'].map((route) =>
      route.replace('/', '/auth/'),
    ),
    ['GET /ai/conversations', 'GET /ai/conversations/{threadId}', 'GET /ai/suggestions', 'GET /ai/model'].map(under),
  );
  expect(documented.sort()).toEqual(routes.sort());
  for (const methods of Object.values(api.paths) as Record<string, { summary?: string; responses: object }>[]) {
    for (const operation of Object.values(methods)) {
      expect(operation.summary).toBeTruthy();
      expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true);
    }
  }
  const ask = api.paths['/api/v1/ai/queries'].post;
  expect(ask.requestBody.content['application/json'].schema.properties.question.maxLength).toBe(4000);
  expect(ask.responses['200'].content['application/json'].schema.$ref).toBe('#/components/schemas/Answer');
  expect(api.components.schemas.Answer.required).toContain('receipts');
  expect(JSON.stringify(api)).not.toContain('"$ref":"#/components/schemas/undefined"');
});

const under = (route: string) => route.replace(' ', ' /api/v1');

test('docs/api.md names every route', async () => {
  const { app } = await testServer();
  const { paths } = (await app.inject('/api/openapi.json')).json();
  const page = readFileSync(join(packageRoot, 'docs/api.md'), 'utf8');
  const unnamed = Object.keys(paths)
    .map((path) => path.replace('/api/v1', '').replaceAll(/\{(\w+)\}/g, ':$1'))
    .filter((path) => !page.includes(path) && !page.includes(`\`/${path.split('/').at(-1)}`));
  expect(unnamed).toEqual([]);
});

test('every reference of the OpenAPI document leads somewhere', async () => {
  const { app } = await testServer();
  const { body } = await app.inject('/api/openapi.json');
  const { schemas } = JSON.parse(body).components;
  const references = [...body.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]);
  expect(references.length).toBeGreaterThan(5);
  for (const name of references) expect(schemas).toHaveProperty([name ?? '']);
});

test('the docs page needs no script, no inline style and no other host', async () => {
  const { app } = await testServer();
  const { body, headers } = await app.inject('/api/docs');
  expect(headers['content-type']).toContain('text/html');
  expect(body).toContain('/api/v1/ai/queries/{queryId}/feedback');
  expect(body).not.toMatch(/<script|style=|https?:\/\//);
  expect((await app.inject('/api/docs.css')).headers['content-type']).toContain('text/css');
});
