import { NUMBER_WORDS } from '../tools/number-words.ts';
import { numericCells, type TurnResult } from './results.ts';

/** A number found in free text, with the precision the writer stated: `$1.2k` is 1200 ± 50. */
export interface StatedNumber {
  text: string;
  value: number;
  /** Half of the last digit written, in the unit of `value`. */
  tolerance: number;
  kind: 'money' | 'percent' | 'plain';
}

export interface GroundingInput {
  text: string;
  /** Spans of `text` that were rendered from cells and need no check. */
  grounded: Span[];
  question: string;
  /** The results of this turn and of the earlier turns the model could see. */
  results: TurnResult[];
  now: Date;
}

const SCALE: Record<string, number> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  mn: 1e6,
  million: 1e6,
  b: 1e9,
  bn: 1e9,
  billion: 1e9,
};

const NUMBER =
  /(?<![\w.,-])(?<sign>[-−+]?)(?<currency>US\$|[$€£¥]|(?:USD|EUR|GBP|JPY|INR|CNY)\s)?\s?(?<inner>[-−]?)(?<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:\s?(?<scale>k|thousand|mn|million|m|bn|billion|b)\b)?(?<percent>\s?(?:%|percent\b|per cent\b))?(?<after>\s(?:USD|EUR|GBP|JPY|INR|CNY|dollars?|euros?)\b)?(?![\w])/gi;

const { one: _, ...COUNTED } = NUMBER_WORDS;
const WORDS: Record<string, number> = { ...COUNTED, thousand: 1e3, million: 1e6, billion: 1e9 };
const WORD = Object.keys(WORDS).join('|');
/** Number words count as a claim only where they measure money or a share: "twenty percent", "two million dollars". */
const WORD_NUMBER = new RegExp(
  `(?<![\\d.,]\\s)\\b((?:(?:a|one|${WORD})[\\s-]+)*(?:${WORD}))\\s+(percent|per cent|%|dollars?|euros?|USD|EUR)(?![\\w])`,
  'gi',
);

/**
 * The numbers in `text` that no cell supports, as written; empty when every number is a cell's value within the rounding
 * stated, or follows from cells by a sum of the first rows of a column, a share, or a difference, ratio or percent change within one row, or repeats a
 * count, date or argument of the request. Names that hold digits (m5.large, Route 53, account ids) are not numbers.
 */
export function unsupportedNumbers(input: GroundingInput): string[] {
  const prose = blank(input);
  const stated = findNumbers(prose);
  if (stated.length === 0) return [];
  const supported = supportedValues(input);
  return stated.filter((number) => !supported.some((value) => supports(value, number))).map((number) => number.text);
}

/** The numbers a reader would see in a text, in order. */
export function findNumbers(text: string): StatedNumber[] {
  const digits = [...text.matchAll(NUMBER)].map((match) => {
    const { currency, digits = '', scale, percent, after } = match.groups ?? {};
    const factor = scale === undefined ? 1 : (SCALE[scale.toLowerCase()] ?? 1);
    const decimals = digits.split('.')[1]?.length ?? 0;
    return {
      text: match[0].trim(),
      value: Number(digits.replaceAll(',', '')) * factor,
      tolerance: 0.5 * 10 ** -decimals * factor,
      kind: percent ? ('percent' as const) : currency || after ? ('money' as const) : ('plain' as const),
    };
  });
  const words = [...text.matchAll(WORD_NUMBER)].map((match) => ({
    text: match[0],
    value: wordValue(match[1] ?? ''),
    tolerance: 0.5,
    kind: /percent|cent|%/i.test(match[2] ?? '') ? ('percent' as const) : ('money' as const),
  }));
  return [...digits, ...words];
}

function wordValue(words: string): number {
  let total = 0;
  let current = 0;
  for (const word of words.toLowerCase().split(/[\s-]+/)) {
    const value = word === 'a' || word === 'one' ? 1 : (WORDS[word] ?? 0);
    if (value < 100) current += value;
    else if (value === 100) current = Math.max(current, 1) * 100;
    else {
      total += Math.max(current, 1) * value;
      current = 0;
    }
  }
  return total + current;
}

interface Supported {
  value: number;
  kind: 'money' | 'percent' | 'plain';
}

function supports(supported: Supported, stated: StatedNumber): boolean {
  // A bare number may repeat any cell; a number shown as money or percent needs a cell of that kind.
  if (stated.kind !== 'plain' && stated.kind !== supported.kind) return false;
  return Math.abs(Math.abs(supported.value) - stated.value) <= stated.tolerance * (1 + 1e-9) + 1e-9;
}

function supportedValues({ results, question, text }: GroundingInput): Supported[] {
  const values: Supported[] = [];
  for (const { result, arguments: input } of results) {
    values.push(...cellsAndDerivations(result));
    values.push(...argumentNumbers(input));
    if (result.status === 'ok' || result.status === 'no_data') {
      values.push({ value: result.receipt.rowCount, kind: 'plain' });
      for (const note of result.receipt.notes) {
        values.push(...findNumbers(note).map(({ value, kind }) => ({ value, kind })));
      }
    }
  }
  values.push(...countsOfRequest(question), ...listOrdinals(text));
  return values;
}

function cellsAndDerivations(result: TurnResult['result']): Supported[] {
  const cells = numericCells(result);
  const values: Supported[] = cells.map((cell) => ({ value: cell.value, kind: statedKind(cell.kind) }));
  const byRow = groupBy(cells, (cell) => `${cell.table}#${cell.row}`);
  const byColumn = groupBy(
    cells.filter((cell) => cell.row >= 0),
    (cell) => `${cell.table}.${cell.column}`,
  );
  for (const row of byRow.values()) values.push(...pairs(row.filter((cell) => cell.kind === 'money')));
  const facts = cells.filter((cell) => cell.row < 0 && cell.kind === 'money');
  for (const column of byColumn.values()) {
    if (column[0]?.kind !== 'money') continue;
    let running = 0;
    for (const cell of column) {
      running += cell.value;
      values.push({ value: running, kind: 'money' });
    }
    for (const cell of column) {
      values.push({ value: (100 * cell.value) / running, kind: 'percent' });
      for (const fact of facts) values.push({ value: (100 * cell.value) / fact.value, kind: 'percent' });
    }
  }
  return values.filter((entry) => Number.isFinite(entry.value));
}

function pairs(cells: { value: number }[]): Supported[] {
  return cells.flatMap((left, index) =>
    cells.slice(index + 1).flatMap((right): Supported[] => [
      { value: left.value - right.value, kind: 'money' },
      { value: left.value + right.value, kind: 'money' },
      { value: left.value / right.value, kind: 'plain' },
      { value: right.value / left.value, kind: 'plain' },
      { value: (100 * left.value) / right.value, kind: 'percent' },
      { value: (100 * right.value) / left.value, kind: 'percent' },
      { value: (100 * (left.value - right.value)) / right.value, kind: 'percent' },
      { value: (100 * (right.value - left.value)) / left.value, kind: 'percent' },
    ]),
  );
}

function argumentNumbers(input: unknown): Supported[] {
  const text = JSON.stringify(input);
  return findNumbers(text.replaceAll(/[":{}[\],]/g, ' ')).flatMap(({ value }): Supported[] => [
    { value, kind: 'plain' },
    { value, kind: 'money' },
  ]);
}

/** An account number or another id that is all digits; too long to be an amount. */
const ID = /^\d{10,}$/;

/** Small whole numbers of the question ("top 5", "60 days") and ids in it may be repeated; amounts claimed in it may not. */
function countsOfRequest(question: string): Supported[] {
  return findNumbers(question)
    .filter(({ kind, value, text }) => kind === 'plain' && Number.isInteger(value) && (value <= 400 || ID.test(text)))
    .map(({ value }) => ({ value, kind: 'plain' as const }));
}

/** The numbers of a numbered list. */
function listOrdinals(text: string): Supported[] {
  return [...text.matchAll(/^\s*(\d{1,2})[.)]\s/gm)].map((match) => ({
    value: Number(match[1]),
    kind: 'plain' as const,
  }));
}

function statedKind(kind: string): Supported['kind'] {
  return kind === 'money' ? 'money' : kind === 'percent' ? 'percent' : 'plain';
}

const MONTH =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';
const DATES = new RegExp(
  [
    `\\b\\d{4}-\\d{2}(?:-\\d{2})?\\b`,
    `\\b(?:${MONTH})\\.?\\s+\\d{1,2}(?:st|nd|rd|th)?(?:\\s*[-–]\\s*\\d{1,2})?(?:,?\\s+\\d{4})?\\b`,
    `\\b\\d{1,2}(?:st|nd|rd|th)?(?:\\s*[-–]\\s*\\d{1,2})?\\s+(?:${MONTH})\\b\\.?(?:,?\\s+\\d{4})?`,
    `\\b(?:${MONTH})\\.?,?\\s+\\d{4}\\b`,
    `\\bQ[1-4]\\s+\\d{4}\\b`,
  ].join('|'),
  'gi',
);

interface Span {
  start: number;
  end: number;
}

/**
 * The text with everything blanked that is no claim of an amount: rendered cells, dates in reach, names out of cells. Each is
 * looked for in the text as written: an argument "2026-09" must not leave the "-25" of "2026-09-25" standing, nor a date
 * within a name the rest of the name.
 */
function blank({ text, grounded, results, now }: GroundingInput): string {
  let prose = text;
  for (const { start, end } of [...grounded, ...datesIn(text, yearsOf(results, now)), ...namesIn(text, results)]) {
    prose = prose.slice(0, start) + ' '.repeat(end - start) + prose.slice(end);
  }
  return prose;
}

function datesIn(text: string, years: Set<string>): Span[] {
  return [...text.matchAll(DATES)].flatMap(({ 0: found, index }) => {
    const year = /\b(\d{4})\b/.exec(found)?.[1];
    return year === undefined || years.has(year) ? [{ start: index, end: index + found.length }] : [];
  });
}

function namesIn(text: string, results: TurnResult[]): Span[] {
  const spans: Span[] = [];
  for (const name of namesOf(results)) {
    for (let start = text.indexOf(name); start >= 0; start = text.indexOf(name, start + name.length)) {
      spans.push({ start, end: start + name.length });
    }
  }
  return spans;
}

function namesOf(results: TurnResult[]): string[] {
  const names = new Set<string>();
  for (const { result, arguments: input } of results) {
    for (const value of strings(input)) names.add(value);
    if (result.status !== 'ok') continue;
    for (const cell of Object.values(result.data.facts)) if (cell.kind === 'text') names.add(String(cell.value));
    for (const table of result.data.tables) {
      table.columns.forEach((column, index) => {
        if (column.kind !== 'text') return;
        for (const row of table.rows) if (row[index] !== null) names.add(String(row[index]));
      });
    }
  }
  // A name that is nothing but a number would blank real claims. "Route 53" may stand for "Amazon Route 53".
  const telling = [...names].filter((name) => /\d/.test(name) && /[^\d.,\s]|\d{12}/.test(name));
  const short = telling.flatMap((name) => name.match(/\b[A-Z][a-z]+ \d+\b/g) ?? []);
  return [...telling, ...short];
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(strings) : [];
}

function yearsOf(results: TurnResult[], now: Date): Set<string> {
  const years = new Set([String(now.getUTCFullYear())]);
  for (const { result } of results) {
    if (result.status !== 'ok' && result.status !== 'no_data') continue;
    const { period, comparedTo, dataThrough } = result.receipt;
    for (const day of [period?.start, period?.end, comparedTo?.start, comparedTo?.end, dataThrough]) {
      if (day) years.add(day.slice(0, 4));
    }
  }
  return years;
}

function groupBy<T>(items: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
