import { afterEach, expect, test } from 'vitest';
import type { Warehouse } from '../contract.ts';
import { openAwsWarehouse } from './index.ts';
import { awsSettings, jsonError, openWire, TEST_CREDENTIALS, type Wire, type WireAnswer } from './wire.fixture.ts';

let wire: Wire | undefined;
afterEach(async () => {
  await wire?.close();
  wire = undefined;
});

const NOW = Date.parse('2026-11-24T06:30:00Z');
const RESULT = 's3://results/penny/0f1e-77.csv';

/** What Athena says of a query, as it does on the wire: times are seconds with fractions. */
function query(State: string, changes: Record<string, unknown> = {}, status: Record<string, unknown> = {}): WireAnswer {
  const execution = {
    QueryExecutionId: '0f1e-77',
    Query: 'SELECT 1',
    StatementType: 'DML',
    SubstatementType: 'SELECT',
    ResultConfiguration: { OutputLocation: RESULT },
    ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: false } },
    QueryExecutionContext: { Database: 'billing', Catalog: 'awsdatacatalog' },
    Status: { State, SubmissionDateTime: NOW / 1000 + 0.337, ...status },
    Statistics: {
      EngineExecutionTimeInMillis: 1210,
      DataScannedInBytes: 49_123_456_789,
      TotalExecutionTimeInMillis: 1406,
    },
    WorkGroup: 'finops',
    EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' },
    ...changes,
  };
  return { body: JSON.stringify({ QueryExecution: execution }) };
}
const failed = (
  reason: string,
  error: Record<string, unknown> = {},
  status: Record<string, unknown> = {},
): WireAnswer =>
  query(
    'FAILED',
    {},
    {
      StateChangeReason: reason,
      AthenaError: { ErrorCategory: 2, ErrorType: 1006, Retryable: false, ErrorMessage: reason, ...error },
      ...status,
    },
  );

interface Answers {
  /** One after the other; the last one again and again. */
  looks?: WireAnswer[];
  start?: WireAnswer;
  results?: (token: string | undefined) => WireAnswer;
  object?: WireAnswer;
}

async function athena(answers: Answers, settings: Record<string, string> = {}) {
  const looks = [...(answers.looks ?? [query('SUCCEEDED')])];
  const opened = await openWire(({ operation, body }) => {
    if (operation === 'StartQueryExecution')
      return answers.start ?? { body: JSON.stringify({ QueryExecutionId: '0f1e-77' }) };
    if (operation === 'GetQueryExecution')
      return (looks.length > 1 ? looks.shift() : looks[0]) ?? jsonError(400, 'none');
    if (operation === 'GetQueryResults') return answers.results?.(JSON.parse(body).NextToken) ?? jsonError(400, 'none');
    if (operation === 'StopQueryExecution') return { body: '{}' };
    return answers.object ?? { status: 404, body: '<Error><Code>NoSuchKey</Code><Message>none</Message></Error>' };
  });
  wire = opened;
  const waits: number[] = [];
  const all = {
    PENNY_ATHENA_DATABASE: 'billing',
    PENNY_ATHENA_WORKGROUP: 'finops',
    AWS_REGION: 'eu-west-1',
    ...settings,
  };
  const warehouse = openAwsWarehouse(awsSettings(all), {
    ...{ endpoint: opened.endpoint, credentials: TEST_CREDENTIALS },
    athena: { now: () => new Date(NOW), pause: async (ms) => waits.push(ms) },
  });
  const asked = () => opened.requests.map(({ operation }) => operation);
  return { warehouse, waits, asked, requests: opened.requests };
}

async function textOf(warehouse: Warehouse, options: { signal?: AbortSignal; token?: string } = {}) {
  const result = warehouse.csv('SELECT 1', { signal: new AbortController().signal, ...options });
  const chunks: Buffer[] = [];
  for (;;) {
    const { done, value } = await result.next();
    if (done) return { text: Buffer.concat(chunks).toString('utf8'), ...value };
    chunks.push(Buffer.from(value as Uint8Array));
  }
}

test('a query is looked at ever more seldom until it is over, and its result is the file that Athena wrote', async () => {
  const file = '"service_name","billed_cost"\n"Amazon ""EC2""","10.25"\n,"3"\n';
  const { warehouse, waits, asked, requests } = await athena({
    looks: [query('QUEUED'), ...Array.from({ length: 11 }, () => query('RUNNING')), query('SUCCEEDED')],
    object: { body: file },
  });
  expect(await textOf(warehouse)).toEqual({ text: file, bytesRead: 49_123_456_789 });
  expect(asked().slice(-2)).toEqual(['GetQueryExecution', expect.stringContaining('GET /results/penny/0f1e-77.csv')]);
  expect(waits.slice(0, 3)).toEqual([250, 375, 562.5]);
  expect(waits.slice(-2)).toEqual([5000, 5000]);
  const [start] = requests;
  expect([start?.service, start?.region]).toEqual(['athena', 'eu-west-1']);
  expect(JSON.parse(start?.body ?? '')).toEqual({
    QueryString: 'SELECT 1',
    QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'billing' },
    WorkGroup: 'finops',
    ClientRequestToken: expect.stringMatching(/^[\w-]{32,128}$/),
  });
});

test('the place for results is named when it is set', async () => {
  const { warehouse, requests } = await athena(
    { object: { body: '' } },
    { PENNY_ATHENA_OUTPUT: 's3://results/penny/' },
  );
  await textOf(warehouse);
  expect(JSON.parse(requests[0]?.body ?? '').ResultConfiguration).toEqual({ OutputLocation: 's3://results/penny/' });
});

const rows = (...given: (string | null)[][]) =>
  given.map((row) => ({ Data: row.map((value) => (value === null ? {} : { VarCharValue: value })) }));

test('a small result comes page by page, without its head line; so does all of a workgroup that keeps results itself', async () => {
  const results = (token: string | undefined) => ({
    body: JSON.stringify(
      token === undefined
        ? { ResultSet: { Rows: rows(['column_name', 'data_type'], ['a', 'varchar']) }, NextToken: 'p2', UpdateCount: 0 }
        : { ResultSet: { Rows: rows(['b "quoted"', null]) }, UpdateCount: 0 },
    ),
  });
  const managed = query('SUCCEEDED', { ResultConfiguration: {}, ManagedQueryResultsConfiguration: { Enabled: true } });
  const { warehouse, requests } = await athena({ results, looks: [managed] });
  expect(await warehouse.rows('SELECT 1', new AbortController().signal)).toEqual([
    ['a', 'varchar'],
    ['b "quoted"', null],
  ]);
  expect((await textOf(warehouse)).text).toBe('"column_name","data_type"\n"a","varchar"\n"b ""quoted""",\n');
  expect(JSON.parse(requests.at(-1)?.body ?? '')).toMatchObject({ NextToken: 'p2', MaxResults: 1000 });
});

const tokens = (requests: Wire['requests']): string[] =>
  requests
    .filter(({ operation }) => operation === 'StartQueryExecution')
    .map(({ body }) => JSON.parse(body).ClientRequestToken);

test('the same run asks with the same token, so that Athena begins its query once; another run has another', async () => {
  const { warehouse, requests } = await athena({ object: { body: '' } });
  for (const token of ['2026-11-24 cur2 2026-10', '2026-11-24 cur2 2026-10', '2026-11-25 cur2 2026-10'])
    await textOf(warehouse, { token });
  const [first, again, other] = tokens(requests);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test('a query that an earlier try was told to stop is begun anew; one that fails now is not', async () => {
  const before = { SubmissionDateTime: NOW / 1000 - 60 };
  const stopped = query('CANCELLED', {}, before);
  const { warehouse, requests } = await athena({
    looks: [stopped, failed('out of memory', {}, before), query('SUCCEEDED')],
    object: { body: '"a"\n' },
  });
  expect((await textOf(warehouse, { token: 'run' })).text).toBe('"a"\n');
  expect(new Set(tokens(requests)).size).toBe(3);
  const { warehouse: failing, requests: once } = await athena({ looks: [failed('SYNTAX_ERROR: line 1:8')] });
  await expect(textOf(failing, { token: 'run' })).rejects.toMatchObject({
    code: 'warehouse_failed',
    message: expect.stringContaining('SYNTAX_ERROR'),
    details: { queryId: '0f1e-77', state: 'FAILED' },
  });
  expect(tokens(once).length).toBe(1);
});

test('a clock that is far ahead does not begin queries without end', async () => {
  const { warehouse, requests } = await athena({
    looks: [failed('no', {}, { SubmissionDateTime: NOW / 1000 - 3600 })],
  });
  await expect(textOf(warehouse, { token: 'run' })).rejects.toMatchObject({ code: 'warehouse_failed' });
  expect(tokens(requests).length).toBe(10);
});

test('a run that is stopped stops its query, which would go on and cost', async () => {
  const stop = new AbortController();
  const { warehouse, asked } = await athena({ looks: [query('RUNNING')] });
  const paused = openPaused(warehouse, stop);
  await expect(paused).rejects.toThrow('stopped by a person');
  expect([...new Set(asked())]).toEqual(['StartQueryExecution', 'GetQueryExecution', 'StopQueryExecution']);
  expect(asked().at(-1)).toBe('StopQueryExecution');
});

/** Aborts while the query runs: the first look is over when the wait begins. */
async function openPaused(warehouse: Warehouse, stop: AbortController): Promise<unknown> {
  const result = textOf(warehouse, { signal: stop.signal });
  await until(() => wire?.requests.some(({ operation }) => operation === 'GetQueryExecution') === true);
  stop.abort(new Error('stopped by a person'));
  return result;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

test.each([
  ['what Athena itself could not do', failed('internal', { ErrorCategory: 1 }), 'warehouse_unavailable', 'internal'],
  ['what may pass', failed('SlowDown from S3', { Retryable: true }), 'warehouse_unavailable', 'SlowDown'],
  ['a table that may not be read', failed('Permission denied on S3 path: s3://bills/x'), 'cloud_denied', 'warehouse'],
  [
    'one that somebody cancelled',
    query('CANCELLED', {}, { StateChangeReason: 'by a person' }),
    'warehouse_unavailable',
    'by a person',
  ],
])('tells %s', async (_, look, code, message) => {
  const { warehouse } = await athena({ looks: [look] });
  await expect(textOf(warehouse)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

const invalid = (message: string): WireAnswer => ({
  status: 400,
  body: JSON.stringify({ __type: 'InvalidRequestException', AthenaErrorCode: 'INVALID_INPUT', Message: message }),
});

test.each([
  ['no place for results', invalid('No output location provided.'), 'invalid_config', 'PENNY_ATHENA_OUTPUT'],
  ['a workgroup that is not there', invalid('WorkGroup finops is not found.'), 'warehouse_failed', 'WorkGroup finops'],
  ['a call that is denied', jsonError(400, 'AccessDeniedException'), 'cloud_denied', 'Athena.StartQueryExecution'],
])('tells %s before anything runs', async (_, start, code, message) => {
  const { warehouse, asked } = await athena({ start });
  await expect(textOf(warehouse)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  expect(asked()).toEqual(['StartQueryExecution']);
});

test('a busy Athena is asked again with the token of the first time', async () => {
  let times = 0;
  const opened = await openWire(({ operation }) => {
    if (operation === 'StartQueryExecution' && ++times < 2) return jsonError(400, 'TooManyRequestsException');
    if (operation === 'StartQueryExecution') return { body: JSON.stringify({ QueryExecutionId: '0f1e-77' }) };
    return operation === 'GetQueryExecution' ? query('SUCCEEDED') : { body: '"a"\n' };
  });
  wire = opened;
  const options = { endpoint: opened.endpoint, credentials: TEST_CREDENTIALS };
  await textOf(openAwsWarehouse(awsSettings({ PENNY_ATHENA_DATABASE: 'billing' }), options));
  const [first, ...others] = tokens(opened.requests);
  expect(others).toEqual([first]);
});

test('a result that is gone is told with its place and the reason', async () => {
  const { warehouse } = await athena({});
  await expect(textOf(warehouse)).rejects.toMatchObject({
    code: 'warehouse_failed',
    message: expect.stringContaining(`${RESULT} (NoSuchKey)`),
  });
});
