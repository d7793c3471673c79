import { afterAll, expect, test } from 'vitest';
import { openForecastPool } from '../jobs/forecasting/pool.ts';
import { type ForecastFlags, forecastLines } from './forecast.ts';

const pool = openForecastPool(2);
afterAll(() => pool.close());

interface Line {
  series?: string;
  timestamp: string;
  [field: string]: unknown;
}

async function forecast(
  input: string,
  flags: Partial<ForecastFlags> = {},
): Promise<{ lines: Line[]; problems: string[] }> {
  async function* bytes(): AsyncGenerator<Buffer> {
    yield Buffer.from(input);
  }
  const lines: Line[] = [];
  const problems: string[] = [];
  const all = { horizon: 2, method: 'theta', level: [80, 95], ...flags } as ForecastFlags;
  for await (const text of forecastLines(bytes(), all, pool, (problem) =>
    problems.push(`${problem.code} ${problem.message}`),
  )) {
    lines.push(
      ...text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
    );
  }
  return { lines, problems };
}

const weekly = (row: number) => 100 + (row % 7);
const csv = (count: number, timestamp: (row: number) => string, prefix = '', value = weekly) =>
  Array.from({ length: count }, (_, row) => `${prefix}${timestamp(row)},${value(row)}\n`).join('');
const dayOf = (row: number) => new Date(Date.UTC(2026, 0, 1 + row)).toISOString().slice(0, 10);
const timestamps = ({ lines }: { lines: Line[] }) => lines.map(({ timestamp }) => timestamp);

const rising = (row: number) => weekly(row) + row;

test('each series and row ahead is a line with the mean, the ranges, the method and its past error', async () => {
  const { lines, problems } = await forecast(
    `series,timestamp,value\n${csv(60, dayOf, 'a,', rising)}${csv(60, dayOf, 'b,', rising)}`,
  );
  expect(problems).toEqual([]);
  expect(lines.map(({ series, timestamp }) => `${series} ${timestamp}`)).toEqual([
    'a 2026-03-02',
    'a 2026-03-03',
    'b 2026-03-02',
    'b 2026-03-03',
  ]);
  expect(Object.keys(lines[0] ?? {})).toEqual([
    ...['series', 'timestamp', 'mean', 'lo80', 'hi80', 'lo95', 'hi95', 'method', 'backtest'],
  ]);
  expect(lines[0]).toMatchObject({
    method: 'theta',
    backtest: { smape: expect.any(Number), mase: expect.any(Number) },
  });
});

test('auto runs every engine in its thread', async () => {
  const { lines } = await forecast(csv(90, dayOf), { method: 'auto', horizon: 7 });
  expect(lines.map(({ mean }) => Math.round(mean as number))).toEqual([106, 100, 101, 102, 103, 104, 105]);
});

test('other levels name other ranges', async () => {
  const { lines } = await forecast(csv(30, dayOf), { level: [50] });
  expect(Object.keys(lines[0] ?? {})).toEqual(['timestamp', 'mean', 'lo50', 'hi50', 'method', 'backtest']);
});

test('timestamps ahead look like those of the input', async () => {
  const hour = (row: number) => new Date(Date.UTC(2026, 0, 1, row));
  const every: [form: (row: number) => string, next: string][] = [
    [(row) => String(row + 1), '31'],
    [(row) => String(1996 + row), '2026'],
    [(row) => `${2024 + Math.floor(row / 12)}-${String((row % 12) + 1).padStart(2, '0')}`, '2026-07'],
    [(row) => dayOf(row).replaceAll('-', ''), '20260131'],
    [(row) => hour(row).toISOString().slice(0, 19).replace('T', ' '), '2026-01-02 06:00:00'],
    [(row) => hour(row).toISOString(), '2026-01-02T06:00:00Z'],
    [(row) => String(hour(row).getTime() / 1_000), '1767333600'],
    [(row) => String(hour(row).getTime()), '1767333600000'],
  ];
  for (const [form, next] of every) expect(timestamps(await forecast(csv(30, form), { horizon: 1 }))).toEqual([next]);
});

test('rows in any order, missing rows and empty values are one and the same series', async () => {
  const rows = csv(40, dayOf).trim().split('\n');
  const gap = rows
    .filter((_, row) => row !== 20)
    .reverse()
    .join('\n');
  const empty = rows.map((line, row) => (row === 20 ? `${dayOf(20)},` : line)).join('\n');
  expect((await forecast(gap)).lines).toEqual((await forecast(empty)).lines);
});

test('a row that cannot be read is named with its line, and the rest is forecast', async () => {
  const { lines, problems } = await forecast(
    `${csv(30, dayOf)}2026-01-05,7\n2026-13-01,7\n2026-02-10,many\n2026-02-11\n`,
  );
  expect(lines).toHaveLength(2);
  expect(problems).toEqual([
    'value_invalid Line 31: The timestamp "2026-01-05" stands on line 5 already.',
    'value_invalid Line 32: The timestamp "2026-13-01" is none; send it like 2026-01-31T23:59:00Z.',
    'value_invalid Line 33: The value "many" is no number.',
    'value_invalid Line 34: There are 1 columns where the lines before have 2.',
  ]);
});

test('a series without a value, or without a spacing, is named, and others are forecast', async () => {
  const { lines, problems } = await forecast(`a,1,\nb,1,1\nb,2,2\nb,3,3\nb,900000,4\n${csv(20, String, 'c,')}`);
  expect(lines.map(({ series }) => series)).toEqual(['c', 'c']);
  expect(problems).toEqual([
    'value_invalid The series "a" has no value in any row.',
    'value_invalid The series "b" cannot be forecast. The timestamps are too irregular to tell how far apart rows are.',
  ]);
});

test('an input without rows is refused', async () => {
  await expect(forecast('series,timestamp,value\n')).rejects.toMatchObject({ code: 'file_empty' });
});
