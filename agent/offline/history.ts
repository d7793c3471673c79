import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { z } from 'zod';

const cell = z.object({
  value: z.union([z.string(), z.number(), z.null()]),
  kind: z.string(),
  unit: z.string().nullable(),
});
const rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])));
const table = z.object({
  name: z.string(),
  columns: z.array(z.object({ name: z.string(), kind: z.string(), unit: z.string().nullable() })),
  rowsInTable: z.number().optional(),
  rows,
});
const range = z.object({ start: z.string(), end: z.string() });

/** What a tool returned, as the agent loop hands it to a model. */
const resultSchema = z.object({
  ref: z.string(),
  status: z.enum(['ok', 'no_data', 'denied', 'error']),
  facts: z.record(z.string(), cell).default({}),
  tables: z.array(table).default([]),
  notes: z.array(z.string()).default([]),
  period: range.optional(),
  comparedTo: range.optional(),
  costBasis: z.string().optional(),
  credits: z.string().optional(),
  dataThrough: z.string().nullish(),
  truncated: z.boolean().optional(),
  searched: z.string().optional(),
  suggestions: z.array(z.string()).optional(),
  message: z.string().optional(),
  code: z.string().optional(),
});

export type Result = z.infer<typeof resultSchema>;
export type ResultTable = z.infer<typeof table>;

export interface DoneCall {
  id: string;
  tool: string;
  input: Record<string, unknown>;
  result: Result | null;
}

/** A question with what was called for it and, once it was answered, the text. */
export interface Turn {
  question: string;
  calls: DoneCall[];
  text: string | null;
}

const broken = (message: string): Result => ({ ref: '', status: 'error', facts: {}, tables: [], notes: [], message });

function parseResult(message: ToolMessage): Result {
  try {
    const parsed = resultSchema.safeParse(JSON.parse(message.text));
    return parsed.success ? parsed.data : broken('The tool answered in a form that cannot be read.');
  } catch {
    return broken(message.text.slice(0, 300));
  }
}

/** What the agent loop says to a model whose reply it could not use; not something a person asked. */
const REPAIR = /^(These numbers stand in no result|Your last tool call was not valid)/;

/** The turns of a conversation, oldest first; the last one is the question to be answered now. */
export function turnsOf(messages: readonly BaseMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const turn = turns.at(-1);
    if (HumanMessage.isInstance(message) && REPAIR.test(message.text)) continue;
    if (HumanMessage.isInstance(message)) turns.push({ question: message.text, calls: [], text: null });
    else if (turn === undefined) continue;
    else if (AIMessage.isInstance(message)) {
      for (const call of message.tool_calls ?? []) {
        turn.calls.push({ id: call.id ?? '', tool: call.name, input: call.args, result: null });
      }
      if (!message.tool_calls?.length) turn.text = message.text;
    } else if (ToolMessage.isInstance(message)) {
      const call = turn.calls.find((one) => one.id === message.tool_call_id);
      if (call) call.result = parseResult(message);
    }
  }
  return turns;
}
