import { afterEach, expect, test } from 'vitest';
import { queryAt, queryRange } from './prometheus.ts';
import { failure, type Given, openPrometheusWire, type PrometheusWire, success } from './wire.fixture.ts';

const open: PrometheusWire[] = [];
afterEach(async () => {
  for (const wire of open.splice(0)) await wire.close();
});

async function serve(...asked: Parameters<typeof openPrometheusWire>) {
  const wire = await openPrometheusWire(...asked);
  open.push(wire);
  return wire;
}

const RANGE = { start: 300, end: 3600, step: 300 };

test('a range is asked for below the path of the address, with the token, and what is no number is left out', async () => {
  const values = [
    [300, '0.25'],
    [600, 'NaN'],
    [900, '+Inf'],
    [1200, '1e-3'],
  ];
  const { asked, prometheus } = await serve(() => success([{ metric: { pod: 'a' }, values }]), { token: 'secret-1' });
  expect(await queryRange(prometheus, 'up', RANGE)).toEqual({
    series: [
      {
        labels: { pod: 'a' },
        values: [
          [300, 0.25],
          [1200, 0.001],
        ],
      },
    ],
    warnings: [],
  });
  expect(asked[0]?.path).toBe('/prometheus/api/v1/query_range');
  expect(Object.fromEntries(asked[0]?.form ?? [])).toMatchObject({
    query: 'up',
    start: '300',
    end: '3600',
    step: '300',
  });
  expect(asked[0]?.headers.authorization).toBe('Bearer secret-1');
});

test('one instant has one value', async () => {
  const { asked, prometheus } = await serve(() => success([{ metric: {}, value: [60, '7'] }]));
  expect((await queryAt(prometheus, 'up', 60)).series).toEqual([{ labels: {}, values: [[60, 7]] }]);
  expect(asked[0]?.headers.authorization).toBeUndefined();
});

test.each([429, 502, 503, 504])('a server that is busy (%d) is asked again', async (status) => {
  const { asked, prometheus } = await serve((_, count) => (count < 3 ? { status, body: 'busy' } : success([])));
  expect(await queryRange(prometheus, 'up', RANGE)).toEqual({ series: [], warnings: [] });
  expect(asked).toHaveLength(3);
});

test('a server that stays busy is an outage, after four tries', async () => {
  const { asked, prometheus } = await serve(() => ({ status: 503, body: 'busy' }));
  await expect(queryRange(prometheus, 'up', RANGE)).rejects.toMatchObject({
    code: 'cloud_unavailable',
    details: { isTooLarge: false },
  });
  expect(asked).toHaveLength(4);
});

test.each([
  [422, 'execution', 'query processing would load too many samples into memory in query execution'],
  [503, 'timeout', 'query timed out in expression evaluation'],
])('a query that is too much (%d) is not asked again, and says that less may go', async (status, kind, error) => {
  const { asked, prometheus } = await serve(() => failure(status, kind, error));
  await expect(queryRange(prometheus, 'up', RANGE)).rejects.toMatchObject({
    code: 'cloud_unavailable',
    details: { isTooLarge: true },
    cause: error,
  });
  expect(asked).toHaveLength(1);
});

test.each<[string, Given, string, string]>([
  ['a token that is refused', { status: 401, body: 'no' }, 'cloud_denied', 'PROMETHEUS_TOKEN'],
  ['another server', { status: 404, body: '<html>' }, 'cloud_unavailable', 'PROMETHEUS_URL'],
  ['a page instead of an answer', { status: 200, body: '<html>sign in</html>' }, 'cloud_unavailable', 'PROMETHEUS_URL'],
  ['an expression it does not know', failure(400, 'bad_data'), 'cloud_unavailable', 'bad_data'],
])('%s is told at once', async (_, given, code, text) => {
  const { asked, prometheus } = await serve(() => given);
  await expect(queryRange(prometheus, 'up', RANGE)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(text),
  });
  expect(asked).toHaveLength(1);
});

test('a server that is not there is an outage', async () => {
  const { prometheus } = await serve(() => undefined);
  await open.splice(0)[0]?.close();
  await expect(queryAt(prometheus, 'up', 60)).rejects.toMatchObject({
    code: 'cloud_unavailable',
    message: expect.stringContaining('cannot be reached'),
  });
});

test('warnings that something is missing are told; notes on the expression are not', async () => {
  const { prometheus } = await serve(() =>
    success([], ['PromQL info: metric might not be a counter', 'no StoreAPIs matched for this query']),
  );
  expect((await queryAt(prometheus, 'up', 60)).warnings).toEqual(['no StoreAPIs matched for this query']);
});

test('a question ends with the run, under way or waiting to be asked again', async () => {
  for (const given of [undefined, { status: 503, body: 'busy' }]) {
    const run = new AbortController();
    const reason = new Error('the run was cancelled');
    const { asked, prometheus } = await serve(
      () => {
        setImmediate(() => run.abort(reason));
        return given;
      },
      { signal: run.signal, pauseMs: 60_000 },
    );
    await expect(queryAt(prometheus, 'up', 60)).rejects.toBe(reason);
    expect(asked).toHaveLength(1);
  }
});
