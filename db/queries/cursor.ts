import type { z } from 'zod';
import { PennyError } from '../../errors.ts';

/** An opaque cursor that holds the place of the last row of a page. */
export function encodeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/**
 * The place that a cursor holds.
 * @throws PennyError `invalid_input` when it is not a cursor of such a list
 */
export function decodeCursor<Place extends z.ZodType>(place: Place, cursor: string): z.output<Place> {
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new PennyError(
      'invalid_input',
      'The cursor is not one that a page of this list has given. Leave it out to begin with the first page.',
      { cause },
    );
  }
}
