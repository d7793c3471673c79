import { dimensionWord } from '../../tools/dimension-words.ts';
import type { Result } from './history.ts';
import type { PlannedCall } from './plan.ts';
import { capital, cellOf, currencySuffixes, days, fact, sentenceList, signOf, when } from './tell.ts';

/** What the parts of a change are, in words that follow 'Most of it is'. */
const PARTS: [fact: string, words: string][] = [
  ['usage', 'more or less usage'],
  ['price', 'a different price per unit'],
  ['new', 'things that are new'],
  ['gone', 'things that are gone'],
  ['commitment', 'savings plans and reservations'],
  ['credits', 'credits'],
  ['other', 'fees, tax and what cannot be told apart'],
];

interface Part {
  name: string;
  words: string;
  amount: number;
}

function partsOf(result: Result, suffix: string): Part[] {
  return PARTS.map(([name, words]) => ({
    name: `${name}${suffix}`,
    words,
    amount: Number(result.facts[`${name}${suffix}`]?.value ?? 0),
  }))
    .filter(({ amount }) => Number.isFinite(amount) && amount !== 0)
    .sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
}

const USAGE_WORDS: Record<string, [rose: string, fell: string]> = {
  usage: ['more usage', 'less usage'],
  price: ['a higher price per unit', 'a lower price per unit'],
};

const wordsOf = ({ name, words, amount }: Part): string => {
  const pair = USAGE_WORDS[name.replace(/_[A-Z]{3}$/, '')];
  return pair ? (amount > 0 ? pair[0] : pair[1]) : words;
};

function change(call: Extract<PlannedCall, { tool: 'explain_change' }>, result: Result, suffix: string): string {
  const subject = call.shape.subject;
  const sign = signOf(result.facts[`change${suffix}`]?.value);
  const period = result.period ?? call.shape.range;
  const then = period ? ` ${when(period)}` : '';
  const before = result.comparedTo ? ` against ${days(result.comparedTo)}` : '';
  const name =
    subject === ''
      ? 'Your cost'
      : /^(for|in|without|with|where) /.test(subject)
        ? `Your cost ${subject}`
        : `The cost of ${subject}`;
  const total = fact(result, `total${suffix}`);
  if (sign === null || sign === 0) return `${name} did not change${then}${before}: it is ${total}.`;
  const percent =
    signOf(result.facts[`percent_change${suffix}`]?.value) === null
      ? ''
      : ` (${fact(result, `percent_change${suffix}`, 'abs')})`;
  const verb = sign > 0 ? 'rose' : 'fell';
  return `${name} ${verb} by ${fact(result, `change${suffix}`, 'abs')}${percent}${then}${before}, from ${fact(result, `total_previous${suffix}`)} to ${total}.`;
}

const partWords = (result: Result, part: Part): string => `${wordsOf(part)} (${fact(result, part.name, 'signed')})`;

/** The parts that go the way of the change first, then what stands against them. */
function reasons(result: Result, suffix: string): string {
  const sign = signOf(result.facts[`change${suffix}`]?.value) ?? 0;
  const parts = partsOf(result, suffix);
  const along = parts.filter(({ amount }) => amount * sign > 0).slice(0, 3);
  const against = parts.filter(({ amount }) => amount * sign < 0).slice(0, 2);
  if (along.length === 0) return '';
  const lead = `It comes from ${sentenceList(along.map((part) => partWords(result, part)))}`;
  return against.length > 0
    ? `${lead}, against ${sentenceList(against.map((part) => partWords(result, part)))}.`
    : `${lead}.`;
}

const DRIVERS_TOLD = 3;

/** The values that moved the change most; the rows below each, which say what under it moved, are left to the table. */
function drivers({ input }: Extract<PlannedCall, { tool: 'explain_change' }>, result: Result): string {
  const table = result.tables.find(({ name }) => name === 'drivers');
  if (table === undefined) return '';
  const dimension = input.dimension ?? 'service_name';
  const named = {
    sub_account_id: 'sub_account_name',
    billing_account_id: 'billing_account_name',
    resource_id: 'resource_name',
  }[dimension];
  const told = table.rows
    .flatMap((row, index) => (row.detail === null || row.detail === undefined ? [{ row, index }] : []))
    .slice(0, DRIVERS_TOLD)
    .map(({ row, index }) => {
      const column = named && row[named] ? named : dimension.startsWith('tag:') ? dimension.toLowerCase() : dimension;
      const name = row[column] ? cellOf(result, table, index, column) : `what has no ${dimensionWord(dimension)}`;
      return { name, moved: `(${cellOf(result, table, index, 'change', 'signed')})` };
    });
  const [first, ...rest] = told;
  if (first === undefined) return '';
  const others = rest.map(({ name, moved }) => `${name} ${moved}`);
  return `${capital(first.name)} moved it most ${first.moved}${others.length > 0 ? `, followed by ${sentenceList(others)}` : ''}.`;
}

/** Why a cost changed, in words: by how much, through what, and where. */
export function tellChange(call: Extract<PlannedCall, { tool: 'explain_change' }>, result: Result): string {
  const parts = currencySuffixes(result).flatMap((suffix) => [change(call, result, suffix), reasons(result, suffix)]);
  return [...parts, drivers(call, result)].filter((part) => part !== '').join(' ');
}
