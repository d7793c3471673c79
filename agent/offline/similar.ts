/**
 * The number of single-letter edits between two words (a swap of neighbours is one), or `limit + 1` when it is more than
 * `limit`. Optimal string alignment; source: Boytsov 2011, "Indexing methods for approximate dictionary searching".
 */
export function edits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let value = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) value = Math.min(value, (before[column - 2] ?? 0) + 1);
      current.push(value);
      smallest = Math.min(smallest, value);
    }
    if (smallest > limit) return limit + 1;
    before = last;
    last = current;
  }
  return last[b.length] ?? limit + 1;
}

/** How many edits a word of this length may be away and still be a slip of the hand rather than another word. */
const allowed = (length: number): number => (length < 4 ? 0 : length < 9 ? 1 : 2);

/**
 * The words nearest to a misspelt one, all at the same distance; empty when none is near. The first letter must be right
 * (or swapped with the second): people rarely get it wrong, and ordinary words differ in it.
 */
export function nearest(word: string, candidates: Iterable<string>): string[] {
  let best = allowed(word.length) + 1;
  let found: string[] = [];
  for (const candidate of candidates) {
    if (candidate.length < 4 || Math.abs(candidate.length - word.length) >= best + 1) continue;
    if (candidate[0] !== word[0] && !(candidate[0] === word[1] && candidate[1] === word[0])) continue;
    const distance = edits(word, candidate, best);
    if (distance > best || distance > allowed(word.length)) continue;
    if (distance < best) found = [];
    best = distance;
    found.push(candidate);
  }
  return found;
}
