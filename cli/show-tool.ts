import { identify } from '../agent/identify.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { PennyError } from '../errors.ts';
import { redacted } from '../redaction.ts';
import { formatCell } from '../tools/format.ts';
import type { Table, Tool, ToolResult } from '../tools/tool.ts';
import type { CliContext } from './context.ts';
import { renderTable } from './render-answer.ts';

/**
 * Prints what a tool finds, as chat and pages show it: facts, tables and notes for people, with --json the result itself.
 * @throws PennyError `usage` for an input the tool does not take; `forbidden`; what the tool says
 */
export async function showTool(
  { config, log, now, print, signal }: CliContext,
  tool: Tool,
  input: Record<string, unknown>,
  as?: string,
): Promise<void> {
  const parsed = tool.input.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new PennyError('usage', `--${issue?.path.join('.')}: ${issue?.message}`);
  }
  const database = await openDatabase(config, log);
  try {
    await migrateDatabase(database.url);
    const { db } = database;
    const principal = await identify(db, { platform: 'local', ...(as ? { email: as } : {}) });
    const origin = { surface: 'cli', conversationId: null } as const;
    const context = { db, principal, now: now(), log, signal, origin };
    const result = redacted(await tool.run(context, parsed.data));
    if (result.status === 'denied') throw new PennyError('forbidden', result.message);
    if (result.status === 'error') throw new PennyError(result.code, result.message);
    print(result, renderResult(result));
  } finally {
    await database.close();
  }
}

/** Returns a result as text for a terminal. */
export function renderResult(result: Extract<ToolResult, { status: 'ok' | 'no_data' }>): string {
  const notes = result.receipt.notes.map((note) => `  ${note}`).join('\n');
  if (result.status === 'no_data') return [result.searched, ...result.suggestions, notes].filter(Boolean).join('\n');
  const { facts, tables } = result.data;
  const shown = Object.entries(facts).filter(([, { value }]) => value !== null);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  const lines = shown.map(
    ([name, { value, kind, unit }]) => `${name.replaceAll('_', ' ').padEnd(width)}  ${formatCell(value, kind, unit)}`,
  );
  const more = result.nextCursor === undefined ? '' : 'There are more rows: --limit shows more.';
  return [lines.join('\n'), ...tables.map((table) => renderTable(withoutEmpty(table))), more, notes]
    .filter(Boolean)
    .join('\n\n');
}

/** Columns without a single value only make a table wider. */
function withoutEmpty(table: Table): Table {
  const kept = table.columns.map((_, index) => table.rows.some((row) => row[index] !== null));
  const keep = <Item>(items: Item[]) => items.filter((_, index) => kept[index]);
  return { ...table, columns: keep(table.columns), rows: table.rows.map(keep) };
}
