import { Refusal } from './codes.ts';

/** What the parser takes on the main thread with four times the stack it needs to spare, whatever the text. */
export const MAX_CHARACTERS = 4_000;

/** Nested comments cost the scanner the square of their number: 2,000 of them take a tenth of a second. */
const MAX_COMMENTS = 50;

/** Refuses what the parser must not be given at all. */
export function checkText(sql: string): void {
  if (sql.length > MAX_CHARACTERS) {
    throw new Refusal(
      'text_too_long',
      `The statement has ${sql.length} characters; the limit is ${MAX_CHARACTERS}.`,
      'Ask for less at once, or replace long lists of constants by a condition.',
    );
  }
  // libpg-query reads up to a NUL and reports what follows as not there.
  if (sql.includes('\0')) throw new Refusal('nul_character', 'The statement holds a NUL character.', 'Remove it.');
  if (/\p{Surrogate}/u.test(sql)) {
    throw new Refusal('not_utf8', 'The statement holds half of a character outside the basic plane.', 'Remove it.');
  }
  if (sql.trim() === '') throw new Refusal('text_empty', 'There is no statement.', 'Write one SELECT.');
  if (sql.split('/*').length - 1 > MAX_COMMENTS) {
    throw new Refusal('too_complex', `The statement opens more than ${MAX_COMMENTS} comments.`, 'Remove the comments.');
  }
}
