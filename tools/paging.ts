import type { z } from 'zod';
import { decodeCursor } from '../db/queries/cursor.ts';
import { PennyError } from '../errors.ts';
import type { ToolResult } from './tool.ts';

/** What `work` makes of the place that a cursor holds; a cursor that no page has given is a mistake of the caller. */
export async function withCursor<Place extends z.ZodType>(
  place: Place,
  cursor: string | undefined,
  work: (after: z.output<Place> | undefined) => Promise<ToolResult>,
): Promise<ToolResult> {
  let after: z.output<Place> | undefined;
  try {
    after = cursor === undefined ? undefined : decodeCursor(place, cursor);
  } catch (error) {
    if (!(error instanceof PennyError)) throw error;
    return { status: 'error', code: error.code, message: error.message };
  }
  return work(after);
}
