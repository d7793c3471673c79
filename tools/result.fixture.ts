import pino from 'pino';
import type { Db } from '../db/client.ts';
import type { Principal } from '../db/principal.ts';
import type { Table, Tool, ToolContext, ToolResult } from './tool.ts';

/** The present of the tests: two days after the last day of their bill. */
export const NOW = new Date('2026-02-05T09:00:00Z');

export const contextOf = (db: Db, scope: Principal['scope'] = 'all', now = NOW): ToolContext => ({
  db,
  principal: { userId: 'u1', email: 'ada@example.com', name: 'Ada', role: 'viewer', scope },
  now,
  log: pino({ level: 'silent' }),
  signal: new AbortController().signal,
  origin: { surface: 'eval', conversationId: null },
});

/** Calls a tool as the agent does: the input through the tool's own schema. */
export const call = (tool: Tool, context: ToolContext, input: unknown): Promise<ToolResult> =>
  tool.run(context, tool.input.parse(input));

/** A result as a page of text: facts, tables with aligned columns, notes. An unknown is a dot. */
export function asText(result: ToolResult): string {
  if (result.status === 'denied') return `\ndenied: ${result.message}\n`;
  if (result.status === 'error') return `\nerror ${result.code}: ${result.message}\n`;
  const notes = result.receipt.notes.map((note) => `* ${note}`);
  if (result.status === 'no_data') {
    const instead = result.suggestions.length === 0 ? [] : [`instead: ${result.suggestions.join(' | ')}`];
    return `\n${[`no_data: ${result.searched}`, ...instead, ...notes].join('\n')}\n`;
  }
  const facts = Object.entries(result.data.facts).map(
    ([name, { value, unit }]) => `${name} = ${value ?? '.'}${unit === null ? '' : ` ${unit}`}`,
  );
  return `\n${[...facts, ...result.data.tables.map(tableText), ...notes].join('\n')}\n`;
}

function tableText({ name, title, columns, rows }: Table): string {
  const head = columns.map(
    ({ name: column, unit, untrusted }) => `${column}${unit === null ? '' : ` (${unit})`}${untrusted ? '*' : ''}`,
  );
  const cells = [head, ...rows.map((row) => row.map((value) => String(value ?? '.')))];
  const widths = head.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const lines = cells.map((row) =>
    `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  );
  return [`${name}: ${title}`, ...lines].join('\n');
}
