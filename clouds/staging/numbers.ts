import { z } from 'zod';
import { PennyError } from '../../errors.ts';
import { type Layout, type Reading, textNumbers } from './columns.ts';
import { type Engine, query } from './engine.ts';
import { type Lines, moneyColumns } from './lines.ts';

/** Enough for every bill seen so far; more digits are noticed while lines are summed. */
const USUAL_SCALE = 20;
const DIGITS = 38;
// Digits that a sum may have more than its greatest part, before the point: for a hundred million lines.
const HEADROOM = 8;

/** Returns how the numbers of a CSV file are read at first: with 20 digits behind the point. */
export function usualReading(): Reading {
  return { layout: { kind: 'decimal', scale: USUAL_SCALE }, accounting: false };
}

const measured = z.object({ fraction: z.coerce.number().nullable(), whole: z.coerce.number().nullable() });

/**
 * Returns how to hold the numbers of lines whose digits the usual layout does not hold, after looking at all of them.
 * @throws PennyError `value_invalid` for numbers beyond 22 digits before or 37 behind the point
 */
export async function measuredReading(
  engine: Engine,
  layout: Layout,
  from: string,
  reading: Reading,
): Promise<Reading> {
  const texts = textNumbers(layout).map(({ ref }) => (reading.accounting ? `penny_from_accounting(${ref})` : ref));
  const most = (digits: string) => `greatest(0, ${texts.map((text) => `max(${digits}(${text}))`).join(', ')})`;
  const rows = await query(
    engine,
    `SELECT ${most('penny_fraction_digits')} AS fraction, ${most('penny_whole_digits')} AS whole FROM ${from}`,
    measured,
  );
  const fraction = rows[0]?.fraction ?? 0;
  const whole = rows[0]?.whole ?? 0;
  if (fraction + whole + HEADROOM <= DIGITS) return { ...reading, layout: { kind: 'decimal', scale: fraction } };
  if (fraction <= 37 && whole <= 22) return { ...reading, layout: { kind: 'wide' } };
  throw new PennyError(
    'value_invalid',
    `A number has ${whole} digits before and ${fraction} behind the point; Penny sums up to 22 and 37 exactly.`,
  );
}

const floatRow = z.record(z.string(), z.unknown());

// Digits of a decimal that is summed as a whole number of 64 bits.
const NARROW_DIGITS = 18;

/**
 * Returns how to hold the numbers of Parquet files: decimals with all their digits, floats with so many that no sum of money
 * is off by more than a ten-billionth, though not with more than they have.
 */
export async function parquetReading(engine: Engine, lines: Lines): Promise<Reading> {
  const numbers = [...lines.layout.places].flatMap(([name, places]) =>
    lines.layout.source.columns[name]?.kind === 'number' ? places.map(({ column }) => ({ ...column, name })) : [],
  );
  const floats = numbers.filter(({ type }) => /DOUBLE|FLOAT/.test(type));
  const sizes = await floatSizes(engine, lines, floats);
  const money = new Set(moneyColumns(lines.layout));
  const scale = Math.max(
    0,
    ...numbers.map(({ type }) => decimalOf(type)?.scale ?? (type === 'VARCHAR' ? USUAL_SCALE : 0)),
    floatScale(
      floats.flatMap(({ name }, index) => (money.has(name) ? [sizes.columns[index] ?? NOTHING] : [])),
      sizes.lines,
    ),
  );
  const fits = (whole: number) => whole + scale <= NARROW_DIGITS;
  const narrow = [
    ...floats.filter((_, index) => fits(wholeDigits(sizes.columns[index]?.greatest ?? 0))),
    ...numbers.filter(({ type }) => {
      const decimal = decimalOf(type);
      return decimal !== undefined && fits(decimal.precision - decimal.scale);
    }),
  ];
  return { layout: { kind: 'decimal', scale, narrow: new Set(narrow.map(({ name }) => name)) }, accounting: false };
}

function decimalOf(type: string): { precision: number; scale: number } | undefined {
  const match = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) };
}

/** The greatest amount of a column, without its sign, and the sum of all. */
interface Size {
  greatest: number;
  sum: number;
}

const NOTHING: Size = { greatest: 0, sum: 0 };

async function floatSizes(
  engine: Engine,
  lines: Lines,
  floats: readonly { value: string; ref: string }[],
): Promise<{ lines: number; columns: Size[] }> {
  if (floats.length === 0) return { lines: 0, columns: [] };
  const measures = floats.map(
    ({ ref }, index) => `max(abs(${ref})) AS max${index}, sum(abs(CAST(${ref} AS DOUBLE))) AS sum${index}`,
  );
  const [row = {}] = await query(
    engine,
    `SELECT count(*) AS lines, ${measures.join(', ')} FROM ${lines.from}`,
    floatRow,
  );
  const columns = floats.map((_, index) => ({ greatest: finite(row[`max${index}`]), sum: finite(row[`sum${index}`]) }));
  return { lines: finite(row.lines), columns };
}

/** What is no number is complained about when it is summed. */
function finite(value: unknown): number {
  return Number.isFinite(Number(value)) ? Number(value) : 0;
}

function floatScale(money: readonly Size[], lines: number): number {
  if (money.length === 0) return 0;
  const whole = wholeDigits(Math.max(...money.map(({ greatest }) => greatest)));
  // The digits that keep the sum of all roundings under a ten-billionth of the sum.
  const needed = money.map(({ sum }) => (sum === 0 ? 0 : Math.ceil(Math.log10(lines / (sum * 2e-10)))));
  return Math.min(Math.max(16 - whole, ...needed, 9), DIGITS - HEADROOM - whole);
}

function wholeDigits(amount: number): number {
  return Math.max(1, Math.ceil(Math.log10(amount + 1)));
}
