/** A word of a question: `text` in lower case without accents and without 's; `raw` as written; positions in the question. */
export interface Word {
  text: string;
  raw: string;
  start: number;
  end: number;
}

const WORD = /[\p{L}\p{N}]+(?:['’](?:s|re|ve|ll|d|m|t)\b)?/giu;

/** Lower case, accents off, curly quotes straight. */
export function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/[‘’]/g, "'").toLowerCase();
}

const NEGATED = new Map([
  ["don't", 'dont'],
  ["doesn't", 'doesnt'],
  ["isn't", 'isnt'],
  ["can't", 'cant'],
]);

function bare(raw: string): string {
  const text = plain(raw);
  return NEGATED.get(text) ?? text.replace(/'(s|re|ve|ll|d|m)$/, '').replaceAll("'", '');
}

/** The words of a question; everything between them falls away. */
export function wordsOf(question: string): Word[] {
  return [...question.matchAll(WORD)].map((match) => ({
    text: bare(match[0]),
    raw: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** The word texts of a name, the form in which names and phrases are compared: 'us-east-1' is `us east 1`. */
export const wordTexts = (name: string): string[] => wordsOf(name).map((word) => word.text);
