import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Engine, openEngine, query } from './engine.ts';
import { openDataFile } from './files.ts';
import { feedCsv } from './pipes.ts';
import { groupFiles, withScan } from './scan.ts';

let home: string;
let engine: Engine;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'penny-pipes-'));
});
afterEach(() => {
  engine.close();
  rmSync(home, { recursive: true, force: true });
});

async function textOf(rows: Readable): Promise<string> {
  let text = '';
  for await (const chunk of rows) text += chunk;
  return text;
}

describe.each([
  ['a named pipe', true],
  ['a temporary file, where there are no pipes', false],
])('through %s', (_, pipes) => {
  beforeEach(async () => {
    engine = await openEngine(home, { pipes });
  });

  // After every case the engine can be used again, and nothing is left in its folder.
  afterEach(async () => {
    expect(await query(engine, 'SELECT 1 AS one', z.object({ one: z.number() }))).toEqual([{ one: 1 }]);
    const left = readdirSync(engine.folder).filter((name) => /^(pipe|rows|lines)/.test(name));
    expect(left.filter((name) => !engine.sparePipes.includes(join(engine.folder, name)))).toEqual([]);
  });

  test('rows arrive as CSV, with NULL told from empty text', async () => {
    const select = `SELECT * FROM (VALUES (1, NULL, 'a "b", c'), (2, '', 'x')) AS t(a, b, c) ORDER BY a`;
    expect(await feedCsv(engine, select, textOf)).toBe('1,,"a ""b"", c"\n2,"",x\n');
  });

  test('more rows than a pipe holds arrive', async () => {
    const text = await feedCsv(engine, 'SELECT i FROM range(200000) AS t(i)', textOf);
    expect(text.split('\n')).toHaveLength(200_001);
  });

  test('a query that cannot start fails with its own error', async () => {
    await expect(feedCsv(engine, 'SELECT nothing', textOf)).rejects.toThrow(/nothing/);
  });

  test('a query that fails under way fails with its own error', async () => {
    const select = `SELECT CASE WHEN i < 150000 THEN i ELSE error('stop here') END FROM range(200000) AS t(i)`;
    await expect(feedCsv(engine, select, textOf)).rejects.toThrow(/stop here/);
  });

  test('a reader that fails at once, or later, fails with its own error', async () => {
    const refuse = () => Promise.reject(new Error('the reader refused'));
    await expect(feedCsv(engine, 'SELECT i FROM range(200000) AS t(i)', refuse)).rejects.toThrow('the reader refused');
    const stop = async (rows: Readable) => {
      for await (const _chunk of rows) throw new Error('the reader stopped');
    };
    await expect(feedCsv(engine, 'SELECT i FROM range(2000000) AS t(i)', stop)).rejects.toThrow('the reader stopped');
  });

  describe('gzip comes in', () => {
    async function group(...texts: (string | Buffer)[]) {
      const files = [];
      for (const [index, text] of texts.entries()) {
        const path = join(home, `${index}.csv.gz`);
        writeFileSync(path, Buffer.isBuffer(text) ? text : gzipSync(text));
        files.push(await openDataFile(engine, path, 'csv.gz'));
      }
      const [first] = groupFiles(files, []);
      if (first === undefined) throw new Error('no files');
      return first;
    }
    const read = (from: string) =>
      query(
        engine,
        `SELECT c0 AS a, c1 AS b FROM ${from} ORDER BY c0`,
        z.object({ a: z.string(), b: z.string().nullable() }),
      );

    test('several files as one, each without its header', async () => {
      const lines = await withScan(engine, await group('a,b\n1,x\n', '\ufeffa,b\n2,y', 'a,b\n3,"z\nz"\n'), read);
      expect(lines).toEqual([
        { a: '1', b: 'x' },
        { a: '2', b: 'y' },
        { a: '3', b: 'z\nz' },
      ]);
    });

    test('a file that is cut off is told apart from one that ends', async () => {
      const whole = gzipSync(`a,b\n${'1,x\n'.repeat(50_000)}`);
      const files = await group(whole.subarray(0, whole.length - 4));
      await expect(withScan(engine, files, read)).rejects.toMatchObject({ code: 'file_unreadable' });
    });

    test('a query that cannot start, or fails under way, fails with its own error', async () => {
      const text = `a,b\n${'1,x\n'.repeat(500_000)}`;
      const bad = (sql: string) => (from: string) => query(engine, sql.replace('FROM it', `FROM ${from}`), z.unknown());
      await expect(withScan(engine, await group(text), bad('SELECT nothing FROM it'))).rejects.toThrow(/nothing/);
      await expect(withScan(engine, await group(text), bad('SELECT CAST(c1 AS INTEGER) FROM it'))).rejects.toThrow(
        /convert/i,
      );
    });
  });
});

test('what a process that was killed left behind is removed', async () => {
  engine = await openEngine(home);
  const abandoned = join(home, 'tmp', 'ingest-999999999-x');
  writeFileSync(abandoned, '');
  const next = await openEngine(home);
  expect(readdirSync(join(home, 'tmp')).every((name) => name.startsWith(`ingest-${process.pid}-`))).toBe(true);
  next.close();
});
