/**
 * The candidates that a misspelt or half-remembered name most likely means, best first: by shared letter triples, by edit
 * distance and by whole words in common. Empty when none is near.
 */
export function nearest(text: string, candidates: readonly string[], count = 3): string[] {
  const wanted = normalise(text);
  if (wanted === '') return [];
  return candidates
    .map((candidate) => ({ candidate, score: similarity(wanted, normalise(candidate)) }))
    .filter(({ score }) => score >= NEAR)
    .sort((one, other) => other.score - one.score || (one.candidate < other.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

const NEAR = 0.35;
/** Below this share of equal letters two words are different words, not a slip of the hand. */
const SPELT_ALIKE = 0.6;

/** Lower-cased words and numbers with single spaces between them. */
function normalise(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** 0 to 1. */
function similarity(one: string, other: string): number {
  if (one === other) return 1;
  if (initials(other) === one || initials(one) === other) return 0.9;
  const words = new Set(other.split(' '));
  const shared = one.split(' ').filter((word) => words.has(word)).length / one.split(' ').length;
  const spelling = 1 - distance(one, other) / Math.max(one.length, other.length);
  return Math.max(jaccard(triples(one), triples(other)), spelling >= SPELT_ALIKE ? spelling : 0, 0.8 * shared);
}

const initials = (text: string): string =>
  text
    .split(' ')
    .map((word) => word[0] ?? '')
    .join('');

/** As pg_trgm counts them: each word with two spaces before and one after. */
function triples(text: string): Set<string> {
  const found = new Set<string>();
  for (const word of text.split(' ')) {
    const padded = `  ${word} `;
    for (let at = 0; at + 3 <= padded.length; at += 1) found.add(padded.slice(at, at + 3));
  }
  return found;
}

function jaccard(one: Set<string>, other: Set<string>): number {
  const shared = [...one].filter((triple) => other.has(triple)).length;
  return shared / (one.size + other.size - shared);
}

/** How many letters must be added, left out, changed or swapped with their neighbour (optimal string alignment). */
function distance(one: string, other: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const change = one[row - 1] === other[column - 1] ? 0 : 1;
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + change,
        swapped ? (beforePrevious[column - 2] ?? Infinity) + 1 : Infinity,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[other.length] ?? 0;
}
