import { PennyError } from '../errors.ts';
import type { Line } from './json-lines.ts';

export const MAX_LINE_BYTES = 64 * 1024;

/** How many columns the first line says there are. */
export function columnsOf(cells: string[]): number {
  if (cells.length === 2 || cells.length === 3) return cells.length;
  throw invalid(`There are ${cells.length} columns; send timestamp,value or series,timestamp,value.`);
}

/** A first line of names: neither its value is a number nor its timestamp begins with a digit. */
export function isHead(cells: string[]): boolean {
  return !isNumber(cells.at(-1) ?? '') && !/^\d/.test(cells.at(-2) ?? '');
}

export const isNumber = (text: string): boolean => NUMBER.test(text);

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** `2026-01-31`, then maybe a time with `T` or a space before it, maybe a zone. */
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
/** As seconds this is the year 5138, as milliseconds 1973: no series has both. */
const LEAST_MILLISECONDS = 1e11;

/** Returns the instant, in milliseconds since 1970, of an ISO date or time, or of seconds or milliseconds since 1970. */
export function instantOf(text: string): number {
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
export function cellsOf({ bytes, cut }: Line): string[] {
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

export const invalid = (message: string) => new PennyError('value_invalid', message);

/** A text from outside, short enough for a message. */
export const shown = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
