import { z } from 'zod';

const uuid = z.uuid();

/** Whether a text is a UUID; anything else would be a database error rather than "not found". */
export function isUuid(text: string): boolean {
  return uuid.safeParse(text).success;
}
