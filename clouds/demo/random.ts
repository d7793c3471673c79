/**
 * A source of numbers that depend only on a seed and a label: the same on every machine, because it uses 32-bit integer
 * arithmetic alone (sfc32, Chris Doty-Humphrey's small fast counting generator). A fork with another label is an
 * independent source, so one part of the plan can change without disturbing the others.
 */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [low, high], both included. */
  integer(low: number, high: number): number;
  /** A number in [low, high). */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
  /** `length` characters out of A-Z and 0-9, as in AWS SKU codes and role ids. */
  code(length: number): string;
  fork(label: string): Random;
}

/** The source for this seed and label. */
export function random(seed: number, label: string): Random {
  const next = sfc32(scramble(`${seed}/${label}`));
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const text = (length: number, alphabet: string) =>
    Array.from({ length }, () => alphabet[integer(0, alphabet.length - 1)]).join('');
  return {
    next,
    integer,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick: <T>(values: readonly T[]): T => values[integer(0, values.length - 1)] as T,
    hex: (length) => text(length, '0123456789abcdef'),
    code: (length) => text(length, 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'),
    fork: (inner) => random(seed, `${label}/${inner}`),
  };
}

/** Four 32-bit words out of a text (FNV-1a, then one round of mixing a word). */
function scramble(text: string): [number, number, number, number] {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  const word = () => {
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
    return hash >>> 0;
  };
  return [word(), word(), word(), word()];
}

function sfc32([first, second, third, counter]: [number, number, number, number]): () => number {
  let [a, b, c, d] = [first, second, third, counter];
  const step = () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 12; round++) step();
  return step;
}
