import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import type { StoredTurn } from '../db/queries/ai-queries.ts';
import type { Column, Table, ToolResult } from '../tools/tool.ts';
import { answerSchema } from './answer.ts';
import { type TurnResult, toModelText } from './results.ts';

/** How many earlier turns a question can lean on. */
export const TURNS_REMEMBERED = 8;

/**
 * Earlier turns as the messages a model would have seen, oldest first: the question, the tool calls with what they gave,
 * and the text that was shown. Turns whose answer never came are left out. `results` are what the text may still quote.
 */
export function remember(turns: StoredTurn[]): { messages: BaseMessage[]; results: TurnResult[] } {
  const messages: BaseMessage[] = [];
  const results: TurnResult[] = [];
  for (const turn of turns) {
    const parsed = answerSchema.safeParse(turn.answer);
    if (!parsed.success) continue;
    const { receipts, tables, text, status } = parsed.data;
    const calls = receipts.map((receipt, index) => ({
      id: `${turn.queryId}-${index + 1}`,
      name: receipt.tool,
      args: receipt.arguments,
      type: 'tool_call' as const,
    }));
    messages.push(new HumanMessage(turn.question));
    if (calls.length > 0) messages.push(new AIMessage({ content: '', tool_calls: calls }));
    receipts.forEach((receipt, index) => {
      // The tables of an answer stand together; they go with its first call.
      const shown = index === 0 ? tables.map(toTable) : [];
      const result: ToolResult = { status: 'ok', data: { facts: {}, tables: shown }, receipt };
      const ref = `earlier_${turn.queryId.slice(0, 8)}_${index + 1}`;
      results.push({
        ref,
        tool: receipt.tool,
        arguments: receipt.arguments,
        result,
        startedAt: turn.askedAt,
        elapsedMs: 0,
      });
      messages.push(
        new ToolMessage({
          tool_call_id: `${turn.queryId}-${index + 1}`,
          name: receipt.tool,
          content: toModelText(ref, result),
        }),
      );
    });
    messages.push(new AIMessage({ content: text, additional_kwargs: { answerStatus: status } }));
  }
  return { messages, results };
}

function toTable(
  table: { title: string; columns: { name: string; kind: string; unit: string | null }[]; rows: Table['rows'] },
  index: number,
): Table {
  return {
    name: `table_${index}`,
    title: table.title,
    columns: table.columns.map((column) => ({ ...column, kind: column.kind as Column['kind'] })),
    rows: table.rows,
  };
}
