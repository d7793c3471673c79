/** Amounts and identifiers that are read from the text itself, before its words. */

export interface Place {
  start: number;
  end: number;
}

export interface Threshold extends Place {
  kind: 'minimum' | 'maximum';
  /** Decimal text without grouping ('1200000'), or percent points when `percent`. */
  amount: string;
  percent: boolean;
  /** The amount was given per day, week or month rather than for the whole period. */
  per?: string;
}

const OVER =
  'over|above|more than|greater than|at least|exceed(?:s|ing)?|beyond|minimum(?: of)?|north of|upwards? of|higher than|bigger than|larger than|costing more than|no less than|not less than|>=?';
const UNDER = 'under|below|less than|at most|cheaper than|no more than|not more than|lower than|smaller than|<=?';
const NOT_MONEY =
  '(?!\\s*-?\\s*(?:days?|weeks?|months?|quarters?|years?|hours?|services?|accounts?|teams?|instances?|resources?|regions?|buckets?|minutes?|times?)\\b)';
const AMOUNT =
  '(?<currency>[$€£]|usd\\s|eur\\s)?\\s*(?<number>\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?|\\.\\d+)\\s*(?<scale>k|thousand|grand|mn|million|m|bn|billion)?\\b(?<percent>\\s*(?:%|percent\\b|per cent\\b))?';
const AFTER =
  '(?:\\s*(?:dollars?|usd|eur|euros?|bucks))?(?:\\s*(?:\\/|per|a|each|every|in a)\\s*(?<per>day|week|month|mo|year|quarter)\\b|\\s+(?<adverb>daily|weekly|monthly|yearly))?';

const THRESHOLD = new RegExp(
  `(?<![\\w.])(?:(?<over>${OVER})|(?<under>${UNDER}))\\s*${AMOUNT}${NOT_MONEY}${AFTER}`,
  'gi',
);
const PLUS = /(?<=^|[\s(])(?<currency>[$€£])(?<number>\d[\d,]*(?:\.\d+)?)(?<scale>k|m)?\s?\+(?<per>x)?/gi;

const ZEROS: Record<string, number> = { k: 3, thousand: 3, grand: 3, m: 6, mn: 6, million: 6, bn: 9, billion: 9 };

/** '1.2' with 6 more places is '1200000'; decimal text throughout, so no digit is lost. */
function scaled(number: string, places: number): string {
  const [whole = '', fraction = ''] = number.replaceAll(',', '').split('.');
  const padded = fraction.padEnd(places, '0');
  const left = `${whole}${padded.slice(0, places)}`.replace(/^0+(?=\d)/, '') || '0';
  const right = padded.slice(places).replace(/0+$/, '');
  return right === '' ? left : `${left}.${right}`;
}

function toThreshold(match: RegExpMatchArray): Threshold {
  const { under, number = '0', scale, percent, per, adverb } = match.groups ?? {};
  const every = per ?? adverb;
  return {
    kind: under === undefined ? 'minimum' : 'maximum',
    amount: scaled(number, scale ? (ZEROS[scale.toLowerCase()] ?? 0) : 0),
    percent: percent !== undefined,
    ...(every ? { per: every.toLowerCase() } : {}),
    start: match.index ?? 0,
    end: (match.index ?? 0) + match[0].length,
  };
}

/** 'over $1,000', 'more than 5k', 'under 20 %', '$500+'. Counts of days and of things are left alone. */
export function findThresholds(text: string): Threshold[] {
  return [...text.matchAll(THRESHOLD), ...text.matchAll(PLUS)].map(toThreshold);
}

const RESOURCE_ID =
  /\barn:aws[\w-]*:[^\s,;'"`)]+|\b(?:i|vol|snap|eni|nat|eipalloc|ami|subnet|vpc|sg|fs|igw|vpce|tgw|rtb|lt|eks|db|cluster)-[0-9a-f]{6,17}\b/gi;
const ZONE =
  /\b[a-z]{2}(?:-gov)?-(?:north|south|east|west|central|northeast|southeast|northwest|southwest)-\d[a-f]\b/gi;
const PAIR =
  /(?<![\w:/.])(?:tag:)?([A-Za-z][\w.-]*(?::[\w-]+)?)\s*(?:==?|(?<=\w):)\s*("[^"]+"|'[^']+'|[\w./@+-]*[\w@])/g;
const BLANK = /\[[^\]]{1,60}\]|<[^>]{1,60}>|\{[^}]{1,60}\}|\bX{2,}\b|_{3,}|\$X\b/g;
const QUOTED = /["“”`]([^"“”`]{1,80})["“”`]|(?<=\s|^)'([^']{2,80})'(?=\s|[.,?!]|$)/g;

const placed = (match: RegExpMatchArray): Place & { text: string } => ({
  text: match[0],
  start: match.index ?? 0,
  end: (match.index ?? 0) + match[0].length,
});

export const findResourceIds = (text: string) => [...text.matchAll(RESOURCE_ID)].map(placed);
export const findZones = (text: string) => [...text.matchAll(ZONE)].map(placed);

/** Gaps a template left to fill in: '[team]', '<service>', '$X'. */
export const findBlanks = (text: string) => [...text.matchAll(BLANK)].map(placed);

export const findQuoted = (text: string) =>
  [...text.matchAll(QUOTED)].map((match) => ({ ...placed(match), inner: match[1] ?? match[2] ?? '' }));

/** 'env=prod', 'team:payments', 'Environment = "prod"'. */
export const findPairs = (text: string) =>
  [...text.matchAll(PAIR)].map((match) => ({
    ...placed(match),
    key: match[1] ?? '',
    value: (match[2] ?? '').replace(/^["']|["']$/g, ''),
  }));
