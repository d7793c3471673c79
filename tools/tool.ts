import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Db } from '../db/client.ts';
import type { Principal } from '../db/principal.ts';
import type { Surface } from '../db/remediations/propose.ts';
import type { ErrorCode } from '../errors.ts';

/**
 * What a value is measured in: an ISO 4217 code for money ('USD'; 'XXX' where the bill names no currency), 'percent'
 * (12.5 means 12.5 %), 'count', 'date' (YYYY-MM-DD), or a unit of the bill ('Hrs', 'GB'). Null for plain text.
 */
export type Unit = string | null;

/** Money and quantities are decimal text as Postgres wrote them; counts are numbers; an unknown is null, never '' or 0. */
export type CellValue = string | number | null;

export type CellKind = 'text' | 'money' | 'quantity' | 'count' | 'percent' | 'date';

/** A single named value of a result, such as its total. */
export interface Cell {
  value: CellValue;
  kind: CellKind;
  unit: Unit;
}

/** A column of a result. `untrusted` marks text that somebody outside wrote (tags, resource names, descriptions). */
export interface Column {
  name: string;
  kind: CellKind;
  unit: Unit;
  untrusted?: boolean;
}

/** Rows in the order to show; each row has one value per column. */
export interface Table {
  name: string;
  title: string;
  columns: Column[];
  rows: CellValue[][];
}

/** `[start, end)` in UTC days, YYYY-MM-DD. */
export interface DateRange {
  start: string;
  end: string;
}

/** A chart that says more than its table: `x` and each series have the same length. */
export interface Chart {
  kind: 'line' | 'bar' | 'stacked-bar';
  title: string;
  unit: Unit;
  x: string[];
  series: { name: string; values: (number | null)[] }[];
}

/** What ran, over what, how much came back and how fresh it was. One per tool call; shown with every answer. */
export interface Receipt {
  tool: string;
  arguments: Record<string, unknown>;
  sql?: string;
  fingerprint?: string;
  period?: DateRange;
  comparedTo?: DateRange;
  costBasis?: string;
  credits?: 'excluded' | 'included';
  /** What a reader must know to read the number right: unsettled days, missing currency, shifted period, hidden rows. */
  notes: string[];
  rowCount: number;
  truncated: boolean;
  /** The last day (inclusive) the underlying data reaches, YYYY-MM-DD. */
  dataThrough: string | null;
  /** SHA-256 over facts and tables, so that a number can be traced to what the tool returned. */
  hash: string;
  elapsedMs: number;
}

/** What a tool hands over. Facts are named cells (`total`, `change`); tables hold the rest. */
export interface ToolData {
  facts: Record<string, Cell>;
  tables: Table[];
  chart?: Chart;
  /** Changes that were proposed, for surfaces to show with their buttons. Amounts are decimal text a month. */
  proposals?: { remediationId: string; title: string; estimatedMonthlySavings: string; billingCurrency: string }[];
}

/** Tools return these; they throw only for bugs and outages. `nextCursor` asks for the rows after those of the table. */
export type ToolResult =
  | { status: 'ok'; data: ToolData; receipt: Receipt; nextCursor?: string }
  | { status: 'no_data'; searched: string; suggestions: string[]; receipt: Receipt }
  | { status: 'denied'; message: string }
  | { status: 'error'; code: ErrorCode; message: string };

export interface ToolContext {
  db: Db;
  principal: Principal;
  now: Date;
  log: Logger;
  signal: AbortSignal;
  /** Where it was asked, for what is written down. */
  origin: { surface: Surface; conversationId: string | null };
}

/** What the model may do. `description` is product text: the model and the docs show it. A tool reads or proposes, it never applies. */
export interface Tool<Input extends z.ZodType = z.ZodType> {
  name: string;
  title: string;
  description: string;
  input: Input;
  access: 'read' | 'propose';
  run(context: ToolContext, input: z.output<Input>): Promise<ToolResult>;
}

/** Keeps a tool's input type together with its `run`, and yields the type the registry holds. */
export function defineTool<Input extends z.ZodType>(tool: Tool<Input>): Tool {
  return tool as unknown as Tool;
}
