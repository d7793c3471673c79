import { dimensionWord } from './dimension-words.ts';

/** Returns in words whose cost dimensions such as `{"tag:team": "checkout"}` stand for; 'everything' for none. */
export function coversWords(dimensions: Readonly<Record<string, string>>): string {
  const parts = Object.entries(dimensions).map(([name, value]) => `${dimensionWord(name)} ${value}`);
  return parts.length === 0 ? 'everything' : parts.join(', ');
}
