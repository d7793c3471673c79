import { wordTexts } from './words.ts';

interface Node<T> {
  next: Map<string, Node<T>>;
  values: T[];
}

const node = <T>(): Node<T> => ({ next: new Map(), values: [] });

/** Phrases of words with what they mean; finds the longest that starts at a word. One phrase can mean several things. */
export class PhraseTable<T> {
  private readonly root: Node<T> = node();
  /** Every word that occurs in a phrase. */
  readonly words = new Set<string>();

  add(phrase: string, value: T): void {
    const texts = wordTexts(phrase);
    if (texts.length === 0) return;
    let place = this.root;
    for (const text of texts) {
      this.words.add(text);
      let next = place.next.get(text);
      if (next === undefined) {
        next = node();
        place.next.set(text, next);
      }
      place = next;
    }
    if (!place.values.includes(value)) place.values.push(value);
  }

  /** The longest phrase at `at`, not reaching `until`. */
  longest(texts: readonly string[], at: number, until: number = texts.length): { values: T[]; length: number } | null {
    let place: Node<T> | undefined = this.root;
    let best: { values: T[]; length: number } | null = null;
    for (let index = at; index < until; index += 1) {
      place = place.next.get(texts[index] ?? '');
      if (place === undefined) return best;
      if (place.values.length > 0) best = { values: place.values, length: index - at + 1 };
    }
    return best;
  }
}

/** All spellings of a pattern: '(what/which) [are] driving' gives four. */
export function spellings(pattern: string): string[] {
  const found = /\(([^()]*)\)|\[([^[\]]*)\]/.exec(pattern);
  if (found === null) return [pattern.replace(/\s+/g, ' ').trim()];
  const choices = (found[1] ?? found[2] ?? '').split('/');
  if (found[2] !== undefined) choices.push('');
  const before = pattern.slice(0, found.index);
  const after = pattern.slice(found.index + found[0].length);
  return [...new Set(choices.flatMap((choice) => spellings(`${before}${choice}${after}`)))];
}
