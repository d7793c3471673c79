import type * as Pg from 'libpg-query';
import { Refusal } from './codes.ts';
import { as, literalText } from './tree.ts';

const MAX_PATTERN = 200;

/** How many copies of a piece all {m,n} of a pattern may ask for together: the automaton grows with their product. */
const MAX_COPIES = 1_000;

/**
 * Refuses a regular expression that is no constant, or whose automaton could be large: back references and looks ahead,
 * which have none, and repeated repetitions. What remains takes time linear in the text, and statement_timeout interrupts it.
 */
export function checkPattern(node: Pg.Node | undefined): void {
  const list = as<Pg.A_ArrayExpr>(node, 'A_ArrayExpr')?.elements;
  if (list !== undefined) {
    for (const one of list) checkPattern(one);
    return;
  }
  const pattern = literalText(node);
  if (pattern === undefined) {
    throw new Refusal('unbounded', 'A regular expression must be a constant.', 'Write it as text, or use LIKE.');
  }
  if (pattern.length > MAX_PATTERN) {
    throw new Refusal('unbounded', `A regular expression has at most ${MAX_PATTERN} characters.`, 'Shorten it.');
  }
  const copies = [...pattern.matchAll(/\{\s*(\d+)(?:\s*,\s*(\d*))?\s*\}/g)]
    .map(([, least, most]) => Math.max(1, Number(least), Number(most ?? 0)))
    .reduce((product, count) => product * count, 1);
  if (copies > MAX_COPIES || /\\[1-9]|\(\?<?[=!]/.test(pattern)) {
    throw new Refusal(
      'unbounded',
      'A regular expression with back references, looks ahead or large repetitions is not taken.',
      'Use + or * in place of {m,n}.',
    );
  }
}
