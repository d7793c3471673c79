import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isDecimal, plainDecimal } from '../analytics/money.ts';
import { parseCsvHeader, splitRecord } from '../clouds/staging/csv-header.ts';
import type { BillReference } from '../db/billing/references.ts';
import { PennyError } from '../errors.ts';

const COLUMNS = ['month', 'account', 'currency', 'amount'] as const;

const row = z.object({
  month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'is not like 2026-09'),
  account: z.string().min(1, 'is empty'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'is not like USD'),
  amount: z.string().refine(isDecimal, 'is not a plain number such as 1234.50'),
});

/**
 * Returns what the invoices in a CSV file come to. Its columns are month (YYYY-MM), account (who pays, for a whole bill, or one of the accounts
 * on it), currency and amount; several lines of one month and account are added.
 * @throws PennyError `file_unreadable`, `file_empty`, `column_missing`, `value_invalid`
 */
export async function readInvoiceTotals(path: string): Promise<BillReference[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PennyError('file_unreadable', `${path} cannot be read.`, { cause });
  });
  return parseInvoiceTotals(text, path);
}

/** As `readInvoiceTotals`, of text that is read already; `path` is for messages. */
export function parseInvoiceTotals(text: string, path: string): BillReference[] {
  const header = parseCsvHeader(text);
  const lines = Buffer.from(text).subarray(header?.length).toString().split(/\r?\n/);
  if (header === undefined || lines.every((line) => line.trim() === '')) {
    throw new PennyError('file_empty', `${path} holds no invoice totals.`);
  }
  const names = header.names.map((name) => name.toLowerCase());
  const missing = COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    throw new PennyError(
      'column_missing',
      `${path} lacks ${missing.join(', ')}; its columns must be ${COLUMNS.join(', ')}.`,
    );
  }
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const fields = splitRecord(line, header.delimiter);
    const record = Object.fromEntries(COLUMNS.map((column) => [column, fields[names.indexOf(column)] ?? '']));
    return [toReference(record, `${path}, line ${header.rows + index + 1}`)];
  });
}

function toReference(record: Record<string, string>, where: string): BillReference {
  const parsed = row.safeParse(record);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const column = String(issue?.path[0]);
    throw new PennyError('value_invalid', `${where}: ${column} '${record[column]}' ${issue?.message}.`);
  }
  const { month, account, currency, amount } = parsed.data;
  return {
    ...{ source: 'invoice', metric: 'billed_cost', part: 'total', currency },
    month: `${month}-01`,
    accountId: account,
    amount: plainDecimal(amount),
  };
}
