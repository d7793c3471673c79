import { NUMBER_WORDS } from '../number-words.ts';

/** A piece of a question: a word (lower case, without 's), a number, a date-like piece or a mark. Positions are of the text. */
export interface Token {
  kind: 'word' | 'number' | 'iso' | 'iso-month' | 'slash-month' | 'slash-day' | 'mark';
  text: string;
  raw: string;
  start: number;
  end: number;
  value: number;
}

const PIECE =
  /(?<iso>\d{4}-\d{1,2}-\d{1,2}(?:T[\d:.]+Z?)?(?!\d))|(?<isoslash>\d{4}\/\d{1,2}\/\d{1,2}(?!\d))|(?<isomonth>(?:19|20)\d{2}[-/](?:0?[1-9]|1[0-2])(?![\d-]))|(?<slashday>\d{1,2}[/.]\d{1,2}[/.]\d{4}(?!\d))|(?<slashmonth>(?:0?[1-9]|1[0-2])\/(?:19|20)\d{2}(?!\d))|(?<number>\d+(?:,\d{3})*(?:st|nd|rd|th)?(?![a-z\d]))|(?<joined>\d+(?=[a-z]))|(?<word>[a-zà-ÿ]+\d*(?:['’]s\b)?)|(?<mark>\.\.+|[-–—/,'’$€£&:])/giu;

/** Words of German, French and Spanish periods that stand where the English word would. */
const TRANSLATED: Record<string, string> = {
  letzte: 'last',
  letzten: 'last',
  letzter: 'last',
  letztes: 'last',
  letztem: 'last',
  vergangene: 'past',
  vergangenen: 'past',
  vorigen: 'last',
  voriger: 'last',
  dieser: 'this',
  diesen: 'this',
  dieses: 'this',
  diesem: 'this',
  diese: 'this',
  tage: 'days',
  tagen: 'days',
  woche: 'week',
  wochen: 'weeks',
  monat: 'month',
  monate: 'months',
  monaten: 'months',
  quartal: 'quarter',
  jahr: 'year',
  jahre: 'years',
  gestern: 'yesterday',
  heute: 'today',
  seit: 'since',
  januar: 'january',
  februar: 'february',
  märz: 'march',
  mai: 'may',
  juni: 'june',
  juli: 'july',
  oktober: 'october',
  dezember: 'december',
  "aujourd'hui": 'today',
  jours: 'days',
  semaine: 'week',
  semaines: 'weeks',
  mois: 'month',
  trimestre: 'quarter',
  année: 'year',
  derniers: 'last',
  dernières: 'last',
  janvier: 'january',
  février: 'february',
  avril: 'april',
  juin: 'june',
  juillet: 'july',
  août: 'august',
  septembre: 'september',
  octobre: 'october',
  novembre: 'november',
  décembre: 'december',
  ayer: 'yesterday',
  hoy: 'today',
  días: 'days',
  semana: 'week',
  semanas: 'weeks',
  mes: 'month',
  meses: 'months',
  año: 'year',
  últimos: 'last',
  últimas: 'last',
  enero: 'january',
  febrero: 'february',
  marzo: 'march',
  mayo: 'may',
  junio: 'june',
  julio: 'july',
  agosto: 'august',
  septiembre: 'september',
  octubre: 'october',
  noviembre: 'november',
  diciembre: 'december',
};

/** The number a word means ('seven', 'dozen'), or undefined. */
export const wordToNumber = (word: string): number | undefined =>
  Object.hasOwn(NUMBER_WORDS, word) ? NUMBER_WORDS[word] : undefined;

function toToken(match: RegExpMatchArray): Token {
  const raw = match[0];
  const start = match.index ?? 0;
  const base = { raw, start, end: start + raw.length, value: Number.NaN };
  const groups = match.groups ?? {};
  const text = raw.toLowerCase();
  if (groups.iso) return { ...base, kind: 'iso', text: text.replace(/t.*$/, '') };
  if (groups.isoslash) return { ...base, kind: 'iso', text: text.replaceAll('/', '-') };
  if (groups.isomonth) return { ...base, kind: 'iso-month', text: text.replace('/', '-') };
  if (groups.slashmonth) return { ...base, kind: 'slash-month', text };
  if (groups.slashday) return { ...base, kind: 'slash-day', text };
  if (groups.number || groups.joined) {
    return { ...base, kind: 'number', text, value: Number(text.replace(/[a-z,]/g, '')) };
  }
  if (groups.word) {
    const word = text.replace(/['’]s$/, '');
    const translated = Object.hasOwn(TRANSLATED, word) ? (TRANSLATED[word] ?? word) : word;
    return { ...base, kind: 'word', text: translated, value: wordToNumber(translated) ?? Number.NaN };
  }
  return { ...base, kind: 'mark', text: /^[–—]$/.test(text) ? '-' : text };
}

/** The pieces of a text that the period grammar reads; anything else falls away. */
export const tokenize = (text: string): Token[] => [...text.matchAll(PIECE)].map(toToken);
