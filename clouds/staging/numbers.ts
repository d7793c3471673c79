import { z } from 'zod';
import { PennyError } from '../../errors.ts';
import { type Layout, type Reading, textNumbers } from './columns.ts';
import { type Engine, query } from './engine.ts';
import { expressionsSql, type Lines, readColumns } from './lines.ts';

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

const floatRow = z.record(z.string(), z.coerce.number().nullable());

/**
 * Returns how to hold the numbers of Parquet files: decimals with all their digits, floats with so many that no sum is off by
 * more than a ten-billionth, though not with more than they have.
 */
export async function parquetReading(engine: Engine, lines: Lines): Promise<Reading> {
  const numbers = [...lines.layout.places].filter(([name]) => lines.layout.source.columns[name]?.kind === 'number');
  const types = numbers.flatMap(([, places]) => places.map(({ column }) => column.type));
  const scales = types.map((type) =>
    Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1] ?? (type === 'VARCHAR' ? USUAL_SCALE : 0)),
  );
  const scale = Math.max(
    0,
    ...scales,
    types.some((type) => /DOUBLE|FLOAT/.test(type)) ? await floatScale(engine, lines) : 0,
  );
  return { layout: { kind: 'decimal', scale }, accounting: false };
}

async function floatScale(engine: Engine, lines: Lines): Promise<number> {
  const columns = readColumns(lines).map(({ name }) => name);
  // What is no number is complained about when it is summed.
  const measures = columns.map((name, index) => {
    const size = `abs(CAST(${name} AS DOUBLE))`;
    const finite = `FILTER (WHERE isfinite(${size}))`;
    return `max(${size}) ${finite} AS max${index}, sum(${size}) ${finite} AS sum${index}`;
  });
  const [row = {}] = await query(
    engine,
    `SELECT count(*) AS lines, ${measures.join(', ')} FROM ${expressionsSql(lines, {})}`,
    floatRow,
  );
  const greatest = Math.max(1, ...columns.map((_, index) => row[`max${index}`] ?? 0));
  const whole = Math.ceil(Math.log10(greatest + 1));
  const needed = columns.map((_, index) => {
    const sum = row[`sum${index}`] ?? 0;
    return sum === 0 ? 0 : Math.ceil(Math.log10((row.lines ?? 1) / (sum * 2e-10)));
  });
  return Math.min(Math.max(16 - whole, ...needed, 9), DIGITS - HEADROOM - whole);
}
