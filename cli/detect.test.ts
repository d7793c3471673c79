import { expect, test } from 'vitest';
import { PennyError } from '../errors.ts';
import { type DetectLine, detectLines } from './detect.ts';

async function detect(...chunks: string[]): Promise<{ rows: DetectLine[]; problems: string[] }> {
  async function* input(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const rows: DetectLine[] = [];
  const problems: string[] = [];
  for await (const line of detectLines(input(), (problem) => problems.push(`${problem.code} ${problem.message}`))) {
    rows.push(JSON.parse(line) as DetectLine);
  }
  return { rows, problems };
}

const hourly = (count: number, valueAt: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => `${new Date(index * 3_600_000).toISOString()},${valueAt(index)}\n`);

test('each row is answered in order with what was expected, a score and whether it is an anomaly', async () => {
  const lines = hourly(400, (index) => (index === 350 ? 500 : 20 + Math.sin(index)));
  const { rows, problems } = await detect('timestamp,value\n', ...lines);
  expect(problems).toEqual([]);
  expect(rows.map(({ timestamp }) => timestamp)).toEqual(lines.map((line) => line.split(',')[0]));
  expect(Object.keys(rows[0] ?? {})).toEqual(['timestamp', 'value', 'expected', 'score', 'anomaly']);
  expect(rows[350]).toMatchObject({ value: 500, anomaly: true });
  expect(rows[349]?.anomaly).toBe(false);
});

test('series are kept apart and named', async () => {
  const lines = hourly(300, (index) => (index === 295 ? 90 : 10 + (index % 2)));
  const mixed = lines.flatMap((line, index) => [`a,${line}`, `"b, ""x""",${lines[index]?.split(',')[0]},1000\n`]);
  const { rows } = await detect('series,timestamp,value\n', ...mixed);
  const alone = (await detect(...lines)).rows;
  expect(rows.filter(({ series }) => series === 'a').map(({ score }) => score)).toEqual(
    alone.map(({ score }) => score),
  );
  expect(rows.filter(({ anomaly }) => anomaly).map(({ series }) => series)).toEqual(['a']);
  expect(rows[1]?.series).toBe('b, "x"');
});

test('a row is answered before the next one has come', async () => {
  let sent = 0;
  async function* input(): AsyncGenerator<Buffer> {
    for (const line of hourly(5, () => 1)) {
      sent += 1;
      yield Buffer.from(line);
    }
  }
  let answered = 0;
  for await (const _ of detectLines(input(), () => {})) {
    answered += 1;
    expect(sent).toBe(answered);
  }
  expect(answered).toBe(5);
});

test('a bad row is named with its line, and the others are scored', async () => {
  const { rows, problems } = await detect(
    'timestamp,value\n2026-01-01,1\n2026-01-02,\nyesterday,2\n2026-01-03\n2026-02-30,3\n2026-01-04,0x10\n\n2026-01-05,"4\n2026-01-06,5\r\n',
  );
  expect(rows.map(({ value }) => value)).toEqual([1, 5]);
  expect(problems).toEqual([
    'value_invalid Line 3: The value "" is no number.',
    'value_invalid Line 4: The timestamp "yesterday" is none; send it like 2026-01-31T23:59:00Z.',
    'value_invalid Line 5: There are 1 columns where the lines before have 2.',
    'value_invalid Line 6: The timestamp "2026-02-30" is none; send it like 2026-01-31T23:59:00Z.',
    'value_invalid Line 7: The value "0x10" is no number.',
    'value_invalid Line 9: The quotes do not match.',
  ]);
});

test('a line that is too long is a bad row like others', async () => {
  const { rows, problems } = await detect(`2026-01-01,1\n2026-01-02,${'9'.repeat(70_000)}\n2026-01-03,2\n`);
  expect(rows).toHaveLength(2);
  expect(problems).toEqual(['value_invalid Line 2: The line is longer than 65536 bytes.']);
});

test('an empty input, and one with a head alone, are errors', async () => {
  for (const text of ['', '\n\n', 'timestamp,value\n']) {
    await expect(detect(text)).rejects.toThrow(PennyError);
  }
});

test('repeated and late timestamps are scored in the order in which they come', async () => {
  const { rows, problems } = await detect(
    ...hourly(60, (index) => index % 5),
    '1970-01-01T00:00:00Z,3\n',
    '1970-01-03T12:00:00Z,2\n1970-01-03T12:00:00Z,2\n',
  );
  expect(problems).toEqual([]);
  expect(rows.slice(-3).map(({ value, score }) => [value, score >= 0 && score <= 1])).toEqual([
    [3, true],
    [2, true],
    [2, true],
  ]);
});

test('timestamps may be dates, without a zone, with one, or counted since 1970', async () => {
  const stamps = [
    '2026-01-01',
    '2026-01-01 00:05',
    '2026-01-01T00:10:00.5',
    '2026-01-01T02:15:00+02:00',
    '1767226800',
    '1767227100000',
  ];
  const { rows, problems } = await detect(stamps.map((stamp) => `${stamp},1e3\n`).join(''));
  expect(problems).toEqual([]);
  expect(rows.map(({ timestamp }) => timestamp)).toEqual(stamps);
});

test('a long stream goes through in memory that does not grow with them', async () => {
  async function* input(): AsyncGenerator<Buffer> {
    for (let index = 0; index < 24_000; index++) yield Buffer.from(`${1_767_225_600 + index * 60},${index % 60}\n`);
  }
  let rows = 0;
  let heap = 0;
  for await (const _ of detectLines(input(), () => {})) {
    rows += 1;
    if (rows === 16_000) heap = process.memoryUsage().arrayBuffers;
  }
  expect(rows).toBe(24_000);
  expect(process.memoryUsage().arrayBuffers - heap).toBeLessThan(4 * 2 ** 20);
});
