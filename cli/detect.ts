import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { createDetector, type Detector } from '../analytics/detection/detector.ts';
import { PennyError, toErrorBody } from '../errors.ts';
import { action } from './context.ts';
import { readLines } from './json-lines.ts';
import { cellsOf, columnsOf, instantOf, invalid, isHead, isNumber, MAX_LINE_BYTES, shown } from './series-csv.ts';

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

function detectRow(cells: string[], columns: number, detectors: Map<string, Detector>): DetectLine {
  if (cells.length !== columns)
    throw invalid(`There are ${cells.length} columns where the lines before have ${columns}.`);
  const [series, timestamp = '', text = ''] = columns === 3 ? cells : [undefined, ...cells];
  const atMs = instantOf(timestamp);
  const value = isNumber(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw invalid(`The value ${shown(text)} is no number.`);
  const detect = detectors.get(series ?? '') ?? createDetector();
  detectors.set(series ?? '', detect);
  return { ...(series === undefined ? {} : { series }), timestamp, value, ...detect(atMs, value) };
}
