import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isDecimal, plainDecimal } from '../analytics/money.ts';
import { parseCsvHeader, splitRecord } from '../clouds/staging/csv-header.ts';
import type { MetricValue } from '../db/business-metrics.ts';
import { PennyError } from '../errors.ts';

const COLUMNS = ['name', 'date', 'value'] as const;

const row = z.object({
  name: z.string().trim().min(1, 'is empty').max(200, 'is longer than 200 characters'),
  date: z.iso.date('is not a day such as 2026-09-30'),
  value: z.string().refine((text) => text === '' || isDecimal(text), 'is not a plain number such as 1250'),
});

/**
 * Returns the numbers of the business in a CSV file. Its columns are name, date and value, which may be empty for a day whose number
 * is not known; `unit`, what one of it is called; and any dimension, such as tag:team, for numbers of a part.
 * @throws PennyError `file_unreadable`, `file_empty`, `column_missing`, `value_invalid`
 */
export async function readBusinessMetrics(path: string): Promise<MetricValue[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PennyError('file_unreadable', `${path} cannot be read.`, { cause });
  });
  return parseBusinessMetrics(text, path);
}

/** As `readBusinessMetrics`, of text that is read already; `path` is for messages. */
export function parseBusinessMetrics(text: string, path: string): MetricValue[] {
  const header = parseCsvHeader(text);
  const lines = Buffer.from(text).subarray(header?.length).toString().split(/\r?\n/);
  if (header === undefined || lines.every((line) => line.trim() === '')) {
    throw new PennyError('file_empty', `${path} holds no numbers.`);
  }
  const names = header.names.map((name) => name.trim().toLowerCase());
  const missing = COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    throw new PennyError(
      'column_missing',
      `${path} lacks ${missing.join(', ')}; its columns must be ${COLUMNS.join(', ')}.`,
    );
  }
  const dimensions = names.filter((name) => name !== 'unit' && !COLUMNS.some((column) => column === name));
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const fields = splitRecord(line, header.delimiter);
    const of = (name: string): string => (fields[names.indexOf(name)] ?? '').trim();
    const parts = dimensions.map((name) => [name, of(name)] as const).filter(([, value]) => value !== '');
    return [
      {
        ...toValue(
          { name: of('name'), date: of('date'), value: of('value') },
          `${path}, line ${header.rows + index + 1}`,
        ),
        unit: names.includes('unit') && of('unit') !== '' ? of('unit') : null,
        dimensions: Object.fromEntries(parts),
      },
    ];
  });
}

function toValue(record: Record<(typeof COLUMNS)[number], string>, where: string) {
  const parsed = row.safeParse(record);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const column = String(issue?.path[0]) as (typeof COLUMNS)[number];
    throw new PennyError('value_invalid', `${where}: ${column} '${record[column]}' ${issue?.message}.`);
  }
  const { name, date, value } = parsed.data;
  return { name, date, value: value === '' ? null : plainDecimal(value) };
}
