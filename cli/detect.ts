import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { createDetector, type Detector } from '../analytics/detection/detector.ts';
import { PennyError, toErrorBody } from '../errors.ts';
import { action } from './context.ts';
import { type Line, readLines } from './json-lines.ts';

const MAX_LINE_BYTES = 64 * 1024;

/** What is printed for a row; `series` where the input has that column. */
export interface DetectLine {
  series?: string;
  timestamp: string;
  value: number;
  expected: number;
  score: number;
  anomaly: boolean;
}

export function registerDetect(program: Command): void {
  program
    .command('detect')
    .description('score the rows of a CSV for anomalies as they come, each from it and earlier rows alone')
    .addHelpText('after', HELP)
    .action(
      action(async () => {
        const lines = Readable.from(detectLines(process.stdin, reportToStderr()));
        await pipeline(lines, process.stdout, { end: false }).catch((error: NodeJS.ErrnoException) => {
          // Whoever reads has read enough, as `head` does.
          if (error.code !== 'EPIPE') throw error;
        });
      }),
    );
}

const HELP = `
Reads CSV with the columns timestamp,value or series,timestamp,value from stdin, with or without a head, and prints for each row
{"series","timestamp","value","expected","score","anomaly"} as one line of JSON, in the same order, as the rows come. The score is
0..1 and an anomaly from 0.5 on. Timestamps are ISO 8601 (without a zone: UTC) or seconds or milliseconds since 1970. Rows may be
irregular, repeat a timestamp or come late: each is scored after those before it in the input. A row that cannot be read is named on
stderr with its line and left out, and the exit code is 1 at the end.`;

/** Prints each bad row on stderr and makes the exit code 1. */
function reportToStderr(): (problem: PennyError) => void {
  return (problem) => {
    process.exitCode = 1;
    process.stderr.write(`${JSON.stringify(toErrorBody(problem))}\n`);
  };
}

/** Yields a line of JSON for each good row; `report` gets an error for each bad one. Throws `file_empty` where there is no row at all. */
export async function* detectLines(
  input: AsyncIterable<Buffer>,
  report: (problem: PennyError) => void,
): AsyncGenerator<string> {
  const detectors = new Map<string, Detector>();
  let number = 0;
  let rows = 0;
  let columns = 0;
  for await (const line of readLines(input, MAX_LINE_BYTES)) {
    number += 1;
    try {
      const cells = cellsOf(line);
      if (cells.length === 1 && cells[0] === '') continue;
      const isFirst = columns === 0;
      if (isFirst) columns = columnsOf(cells);
      if (isFirst && isHead(cells)) continue;
      rows += 1;
      yield `${JSON.stringify(detectRow(cells, columns, detectors))}\n`;
    } catch (error) {
      if (!(error instanceof PennyError)) throw error;
      rows += 1;
      report(new PennyError(error.code, `Line ${number}: ${error.message}`, { details: { line: number } }));
    }
  }
  if (rows === 0) throw new PennyError('file_empty', 'There are no rows; send CSV with the columns timestamp,value.');
}

function columnsOf(cells: string[]): number {
  if (cells.length === 2 || cells.length === 3) return cells.length;
  throw invalid(`There are ${cells.length} columns; send timestamp,value or series,timestamp,value.`);
}

/** A first line of names: neither its value is a number nor its timestamp begins with a digit. */
function isHead(cells: string[]): boolean {
  return !NUMBER.test(cells.at(-1) ?? '') && !/^\d/.test(cells.at(-2) ?? '');
}

function detectRow(cells: string[], columns: number, detectors: Map<string, Detector>): DetectLine {
  if (cells.length !== columns)
    throw invalid(`There are ${cells.length} columns where the lines before have ${columns}.`);
  const [series, timestamp = '', text = ''] = columns === 3 ? cells : [undefined, ...cells];
  const atMs = instantOf(timestamp);
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw invalid(`The value ${shown(text)} is no number.`);
  const detect = detectors.get(series ?? '') ?? createDetector();
  detectors.set(series ?? '', detect);
  return { ...(series === undefined ? {} : { series }), timestamp, value, ...detect(atMs, value) };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** `2026-01-31`, then maybe a time with `T` or a space before it, maybe a zone. */
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
/** As seconds this is the year 5138, as milliseconds 1973: no series has both. */
const LEAST_MILLISECONDS = 1e11;

function instantOf(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const count = Number(text);
    if (count < 8.64e15) return count < LEAST_MILLISECONDS ? count * 1_000 : count;
  }
  const [, date, time = '00:00', zone = 'Z'] = ISO.exec(text) ?? [];
  const atMs = date === undefined ? Number.NaN : Date.parse(`${date}T${time}${zone}`);
  // 30 February is parsed as a day of March; the day must be the one that was written.
  const real = date !== undefined && new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date);
  if (Number.isNaN(atMs) || !real)
    throw invalid(`The timestamp ${shown(text)} is none; send it like 2026-01-31T23:59:00Z.`);
  return atMs;
}

/** The cells of one line; a cell in double quotes may hold commas, and a quote as two. A cell cannot hold a line's end. */
function cellsOf({ bytes, cut }: Line): string[] {
  if (cut) throw invalid(`The line is longer than ${MAX_LINE_BYTES} bytes.`);
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r$/, '');
  if (!text.includes('"')) return text.split(',').map((cell) => cell.trim());
  const cells = [...text.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^",]*))(?=,|$)/g)];
  if (cells.reduce((sum, [whole]) => sum + whole.length, 0) !== text.length) throw invalid('The quotes do not match.');
  return cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? (plain ?? '').trim());
}

const invalid = (message: string) => new PennyError('value_invalid', message);

const shown = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
