import { PennyError } from '../errors.ts';
import { readLines } from './json-lines.ts';
import { cellsOf, columnsOf, instantOf, invalid, isHead, isNumber, MAX_LINE_BYTES, shown } from './series-csv.ts';

/** One series of the input, in order of time, each instant once. */
export interface InputSeries {
  /** `undefined` where the input has no such column. */
  name: string | undefined;
  /** Milliseconds since 1970, or counts. */
  instants: number[];
  isCount: boolean;
  /** `NaN` where the value is missing. */
  values: number[];
  /** An instant as the timestamps of the input are written. */
  write(instant: number): string;
}

interface Row {
  line: number;
  instant: number;
  value: number;
}

/** Returns the series of a CSV in the order of their first rows; `report` gets an error for each bad row. Throws `file_empty` without any row. */
export async function readSeries(
  input: AsyncIterable<Buffer>,
  report: (problem: PennyError) => void,
): Promise<InputSeries[]> {
  const series = new Map<string | undefined, Map<number, Row>>();
  let number = 0;
  let columns = 0;
  let form: TimestampForm | undefined;
  for await (const line of readLines(input, MAX_LINE_BYTES)) {
    number += 1;
    try {
      const cells = cellsOf(line);
      if (cells.length === 1 && cells[0] === '') continue;
      const isFirst = columns === 0;
      if (isFirst) columns = columnsOf(cells);
      if (isFirst && isHead(cells)) continue;
      if (cells.length !== columns)
        throw invalid(`There are ${cells.length} columns where the lines before have ${columns}.`);
      const [name, timestamp = '', text = ''] = columns === 3 ? cells : [undefined, ...cells];
      form ??= formOf(timestamp);
      const row = { line: number, instant: form.read(timestamp), value: numberOrGap(text) };
      const rows = series.get(name) ?? new Map<number, Row>();
      series.set(name, rows);
      const same = rows.get(row.instant);
      if (same !== undefined) throw invalid(`The timestamp ${shown(timestamp)} stands on line ${same.line} already.`);
      rows.set(row.instant, row);
    } catch (error) {
      if (!(error instanceof PennyError)) throw error;
      report(new PennyError(error.code, `Line ${number}: ${error.message}`, { details: { line: number } }));
    }
  }
  if (form === undefined || series.size === 0) {
    throw new PennyError('file_empty', 'There are no rows; send CSV with the columns series,timestamp,value.');
  }
  const { isCount, write } = form;
  return [...series].map(([name, byInstant]) => {
    const rows = [...byInstant.values()].sort((one, other) => one.instant - other.instant);
    const [instants, values] = [rows.map(({ instant }) => instant), rows.map(({ value }) => value)];
    return { name, instants, isCount, values, write };
  });
}

const MISSING = /^(|na|nan|null|none)$/i;

function numberOrGap(text: string): number {
  if (MISSING.test(text)) return Number.NaN;
  const value = isNumber(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw invalid(`The value ${shown(text)} is no number.`);
}

/** How the timestamps of an input are read and written. */
interface TimestampForm {
  isCount: boolean;
  read(text: string): number;
  write(instant: number): string;
}

/** Whole numbers below this are counts of rows (or years), from there on seconds or, much larger, milliseconds since 1970. */
const LEAST_SECONDS = 1e8;
const LEAST_MILLISECONDS = 1e11;

/** The form of the first timestamp, which all others have. */
function formOf(first: string): TimestampForm {
  const iso = (instant: number) => new Date(instant).toISOString();
  if (/^-?\d+$/.test(first)) {
    const isDate = /^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/.test(first);
    if (isDate)
      return { isCount: false, read: readCompact, write: (instant) => iso(instant).slice(0, 10).replaceAll('-', '') };
    const size = Number(first);
    if (size < LEAST_SECONDS) return { isCount: true, read: readCount, write: String };
    const unit = size < LEAST_MILLISECONDS ? 1_000 : 1;
    return { isCount: false, read: instantOf, write: (instant) => String(Math.round(instant / unit)) };
  }
  if (/^\d{4}-\d{2}$/.test(first)) {
    return { isCount: false, read: (text) => instantOf(`${text}-01`), write: (instant) => iso(instant).slice(0, 7) };
  }
  const [, between = '', seconds, zone] =
    /^\d{4}-\d{2}-\d{2}(?:([T ])\d{2}:\d{2}(:\d{2})?(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(first) ?? [];
  if (between === '') return { isCount: false, read: instantOf, write: (instant) => iso(instant).slice(0, 10) };
  return {
    isCount: false,
    read: instantOf,
    write: (instant) =>
      iso(instant)
        .slice(0, seconds === undefined ? 16 : 19)
        .replace('T', between) + (zone === undefined ? '' : 'Z'),
  };
}

function readCount(text: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw invalid(`The timestamp ${shown(text)} is no count like those before.`);
}

const readCompact = (text: string) =>
  instantOf(/^\d{8}$/.test(text) ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : text);
