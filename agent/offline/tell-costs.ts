import { dimensionWord } from '../../tools/dimension-words.ts';
import { addDays, addMonths } from '../../tools/period/days.ts';
import type { Result, ResultTable } from './history.ts';
import type { CostInput, PlannedCall, Shape } from './plan.ts';
import { capital, cellOf, currencySuffixes, days, fact, sentenceList, signOf, when } from './tell.ts';
import { isWhereKnown } from './wording.ts';

/** A cost result being told: what was asked, what came back. */
export interface Told {
  input: CostInput;
  shape: Shape;
  result: Result;
  table: ResultTable | null;
}

export function told(call: Extract<PlannedCall, { tool: 'query_costs' }>, result: Result): Told {
  return { input: call.input, shape: call.shape, result, table: result.tables[0] ?? null };
}

type Row = ResultTable['rows'][number];

/** The column that holds a group's value; the tool writes tag keys in lower case. */
const columnOf = (dimension: string): string => (dimension.startsWith('tag:') ? dimension.toLowerCase() : dimension);

const NAMED: Record<string, string> = {
  sub_account_id: 'sub_account_name',
  billing_account_id: 'billing_account_name',
  resource_id: 'resource_name',
};

/** What stands for one group of one row: a reference to its name, or words for having none. */
function groupName({ result, table }: Told, dimension: string, row: Row, index: number): string {
  const column = columnOf(dimension);
  const name = NAMED[dimension];
  if (table && name && row[name]) return cellOf(result, table, index, name);
  if (table && row[column]) return cellOf(result, table, index, column);
  const word = dimensionWord(dimension);
  return dimension.startsWith('tag:') ? `what has no ${word} tag` : `what has no ${word}`;
}

/** A row by its groups: 'Amazon S3', or 'payments / Amazon S3'. */
export function rowName(told: Told, index: number): string {
  const row = told.table?.rows[index] ?? {};
  const names = (told.input.groupBy ?? []).map((dimension) => groupName(told, dimension, row, index));
  return names.length > 0 ? names.join(' / ') : cellOf(told.result, told.table as ResultTable, index, 'period');
}

const cell = (told: Told, index: number, column: string, style?: 'signed' | 'abs'): string =>
  told.table ? cellOf(told.result, told.table, index, column, style) : '';

const periodWords = ({ result, shape }: Told): string => {
  const range = result.period ?? shape.range;
  return range ? ` ${when(range)}` : '';
};

const onlyCharge = ({ input }: Told, category: string): boolean =>
  input.filters?.some(
    ({ dimension, operator, values }) =>
      dimension === 'charge_category' && operator === 'in' && values.length === 1 && values[0] === category,
  ) ?? false;

/** Subjects that follow 'You spent ...' as they are: 'in eu-west-1', 'for team payments'. */
const STARTS_ITSELF = /^(for|in|without|with) /;

const METRIC_VERB: Record<string, string> = {
  list_cost: 'would have cost',
  contracted_cost: 'cost at contract prices',
};

/** The total as a sentence's beginning: 'You spent {{r1.total}}', 'Amazon EC2 cost {{r1.total}}', 'After credits you spent {{r1.total}}'. */
function totalWords(told: Told, suffix: string): string {
  const words = plainTotal(told, suffix);
  if (!told.input.includeCredits || onlyCharge(told, 'Credit')) return words;
  return `After credits ${words.replace(/^(You|Everything|At) /, (first) => first.toLowerCase())}`;
}

function plainTotal(told: Told, suffix: string): string {
  const { input, shape, result } = told;
  const amount = fact(result, `total${suffix}`);
  if (onlyCharge(told, 'Credit'))
    return `Credits came to ${fact(result, `total${suffix}`, 'abs')}${other(told, 'credits')}`;
  if (onlyCharge(told, 'Tax')) return `Tax came to ${amount}${other(told, 'tax')}`;
  if (onlyCharge(told, 'Adjustment')) return `Refunds and adjustments came to ${amount}${other(told, 'refunds')}`;
  if (input.metric === 'billed_cost')
    return shape.subject === '' ? `You were billed ${amount}` : `${capital(shape.subject)} was billed at ${amount}`;
  if (input.metric === 'list_cost')
    return `${shape.subject === '' ? 'Everything' : capital(shape.subject)} ${METRIC_VERB.list_cost} ${amount} at list prices`;
  if (input.metric === 'contracted_cost' && shape.subject === '') return `At contract prices everything cost ${amount}`;
  if (input.metric === 'contracted_cost')
    return `${shape.subject === '' ? 'Everything' : capital(shape.subject)} ${METRIC_VERB.contracted_cost} ${amount}`;
  if (shape.subject === '') return `You spent ${amount}`;
  return STARTS_ITSELF.test(shape.subject)
    ? `You spent ${amount} ${shape.subject}`
    : `${capital(shape.subject)} cost ${amount}`;
}

/** What else narrows the charge named: 'tax' is in the sentence already. */
const other = ({ shape }: Told, word: string): string => {
  const rest = shape.subject
    .split(' ')
    .filter((part) => part !== word)
    .join(' ');
  return rest === '' ? '' : ` ${STARTS_ITSELF.test(rest) ? '' : 'for '}${rest}`;
};

/** ', $5.00 (2.0%) more than the $250.00 of November 2025'. */
function changeWords({ result }: Told, suffix: string): string {
  const change = signOf(result.facts[`change${suffix}`]?.value);
  const compared = result.comparedTo ? days(result.comparedTo) : 'the period before';
  if (change === null) return '';
  const before = fact(result, `total_previous${suffix}`);
  if (change === 0) return `, the same as in ${compared}`;
  const percent =
    signOf(result.facts[`percent_change${suffix}`]?.value) === null
      ? ''
      : ` (${fact(result, `percent_change${suffix}`, 'abs')})`;
  return `, ${fact(result, `change${suffix}`, 'abs')}${percent} ${change > 0 ? 'more' : 'less'} than the ${before} of ${compared}`;
}

function totals(told: Told): string {
  const suffixes = currencySuffixes(told.result);
  if (suffixes.length === 0) return '';
  const amounts = suffixes.map((suffix, index) => {
    const words = totalWords(told, suffix);
    return index === 0 ? words : words.replace(/^(After credits )?[Yy]ou (spent|were billed) /, '');
  });
  const changes = suffixes.map((suffix) => changeWords(told, suffix));
  const sentence = changes.every((words) => words === '')
    ? `${sentenceList(amounts)}${periodWords(told)}`
    : sentenceList(amounts.map((words, index) => `${words}${index === 0 ? periodWords(told) : ''}${changes[index]}`));
  return join([`${sentence}.`, ...leftOut(told)]);
}

/** The total leaves out what the ranking leaves out, and the words say so. */
const leftOut = ({ input, table }: Told): string[] =>
  (table?.rows.length === 0 ? [] : (input.filters ?? []))
    .filter(isWhereKnown)
    .map(({ dimension }) => `Charges without ${article(dimensionWord(dimension))} are left out of that.`);

const article = (word: string): string => `${/^[aeiou]/i.test(word) ? 'an' : 'a'} ${word}`;

function averages({ result }: Told): string {
  const suffixes = currencySuffixes(result).filter((suffix) => result.facts[`average_per_day${suffix}`]);
  return suffixes.length === 0
    ? ''
    : `On average that is ${sentenceList(suffixes.map((suffix) => fact(result, `average_per_day${suffix}`)))} a day.`;
}

/** Rows told in a sentence after the first. */
const NEXT_ROWS = 2;

function nextRows(told: Told, column: 'cost' | 'change' | 'percent_change', from = 1): string {
  const rows = told.table?.rows ?? [];
  const next = rows
    .slice(from, from + NEXT_ROWS)
    .map(
      (_, index) =>
        `${rowName(told, from + index)} (${cell(told, from + index, column, column === 'cost' ? undefined : 'signed')})`,
    );
  return next.length === 0 ? '' : `, followed by ${sentenceList(next)}`;
}

const isTied = (told: Told, column: string): boolean => {
  const [first, second] = told.table?.rows ?? [];
  return first !== undefined && second !== undefined && first[column] !== null && first[column] === second[column];
};

/** 'Amazon EC2 is the largest at $1.00 (50.0% of the total), followed by ...'. */
function byAmount(told: Told): string {
  const rows = told.table?.rows ?? [];
  const word = dimensionWord(told.input.groupBy?.[0] ?? '');
  if (rows.length === 0)
    return told.input.minimum ? `No ${word} reaches that amount.` : `There is no cost by ${word} to show.`;
  const share = signOf(rows[0]?.share) === null ? '' : ` (${cell(told, 0, 'share')} of the total)`;
  if (rows.length === 1) return `All that is listed is ${rowName(told, 0)} with ${cell(told, 0, 'cost')}${share}.`;
  const least = told.input.order === 'ascending';
  if (isTied(told, 'cost'))
    return `${capital(rowName(told, 0))} and ${rowName(told, 1)} are level at ${cell(told, 0, 'cost')}.`;
  return `${capital(rowName(told, 0))} is the ${least ? 'smallest' : 'largest'} at ${cell(told, 0, 'cost')}${share}${nextRows(told, 'cost')}.`;
}

/** 'Amazon EC2 rose most, from $1.00 to $2.00 ({{signed change}}, {{signed percent}})'. */
function byChange(told: Told): string {
  const rows = told.table?.rows ?? [];
  const [dimension = 'service_name'] = told.input.groupBy ?? [];
  const { direction } = told.input;
  const against = told.result.comparedTo ? ` than ${when(told.result.comparedTo)}` : '';
  if (rows.length === 0) {
    const moved = direction === 'rising' ? `cost more` : direction === 'falling' ? 'cost less' : 'changed';
    return `No ${dimensionWord(dimension)} ${moved}${moved === 'changed' ? '' : against}.`;
  }
  const rose = signOf(rows[0]?.change);
  const verb =
    rose === null
      ? 'has no earlier cost to compare with'
      : rose > 0
        ? 'rose most'
        : rose < 0
          ? 'fell most'
          : 'did not change';
  const percent = signOf(rows[0]?.percent_change) === null ? '' : `, ${cell(told, 0, 'percent_change', 'signed')}`;
  const amounts = `from ${cell(told, 0, 'previous')} to ${cell(told, 0, 'cost')} (${cell(told, 0, 'change', 'signed')}${percent})`;
  if (rose === 0) return `${capital(rowName(told, 0))} and the rest did not change.`;
  const by = told.input.rankBy === 'percent change' ? 'percent_change' : 'change';
  return `${capital(rowName(told, 0))} ${verb}, ${amounts}${nextRows(told, by)}.`;
}

const STEP_DAYS: Record<string, number> = { day: 1, week: 7, month: 28, quarter: 90 };

/** Whether the period holds all of a step that starts on this day; half a month would always look like the cheapest. */
function isWhole({ input, result, shape }: Told, start: unknown): boolean {
  const range = result.period ?? shape.range;
  if (typeof start !== 'string' || !range) return true;
  const step =
    input.granularity === 'month'
      ? addMonths(start, 1)
      : input.granularity === 'quarter'
        ? addMonths(start, 3)
        : addDays(start, STEP_DAYS[input.granularity ?? 'day'] ?? 1);
  return start >= range.start && step <= range.end;
}

function extremeRow(told: Told, wanted: 'largest' | 'smallest'): number | null {
  const amounts = (told.table?.rows ?? [])
    .map((row, index) => ({ index, cost: Number(row.cost), whole: isWhole(told, row.period) }))
    .filter(({ cost, whole }) => whole && Number.isFinite(cost));
  if (amounts.length < 2) return null;
  const sorted = amounts.sort((a, b) => (wanted === 'largest' ? b.cost - a.cost : a.cost - b.cost));
  return sorted[0]?.index ?? null;
}

/** What stands out of a course over time: its highest and lowest step. */
function overTime(told: Told): string {
  const { granularity } = told.input;
  const high = extremeRow(told, 'largest');
  const low = extremeRow(told, 'smallest');
  if (
    high === null ||
    low === null ||
    high === low ||
    told.table?.columns.some(({ name }) => name === 'billing_currency')
  )
    return '';
  const step = granularity === 'day' ? 'on' : `in the ${granularity} of`;
  return `The most was ${cell(told, high, 'cost')} ${step} ${cell(told, high, 'period')}, the least ${cell(told, low, 'cost')} ${step} ${cell(told, low, 'period')}.`;
}

/** 'The most expensive day was 2026-01-03 with $5.00'. */
function extremes(told: Told): string {
  const word = told.input.order === 'ascending' ? 'cheapest' : 'most expensive';
  if ((told.table?.rows.length ?? 0) === 0) return '';
  const next =
    (told.table?.rows.length ?? 0) > 1 ? `, followed by ${cell(told, 1, 'period')} with ${cell(told, 1, 'cost')}` : '';
  return `The ${word} ${told.input.granularity} was ${cell(told, 0, 'period')} with ${cell(told, 0, 'cost')}${next}.`;
}

/** 'Amazon EC2 makes up 40.0% of the total: $4.00 of $10.00'. */
function focused(told: Told): string {
  const { focus } = told.shape;
  if (!focus || !told.table) return '';
  const wanted = new Set(focus.values.map((value) => value.toLowerCase()));
  const column = columnOf(focus.dimension);
  const isMeant = (value: unknown): boolean =>
    wanted.size === 0 ? value === null || value === undefined : wanted.has(String(value ?? '').toLowerCase());
  const found = told.table.rows.flatMap((row, index) => (isMeant(row[column]) ? [index] : []));
  if (found.length === 0) return `Nothing was charged for that${periodWords(told)}.`;
  const parts = found.map(
    (index) =>
      `${rowName(told, index)} makes up ${cell(told, index, 'share')} of the total, ${cell(told, index, 'cost')} of ${fact(told.result, 'total')}`,
  );
  return `${capital(sentenceList(parts))}${periodWords(told)}.`;
}

/** The words of a cost answer, the answer itself first. */
export function tellCosts(told: Told, withTotal = true): string {
  const { input, shape } = told;
  const grouped = (input.groupBy?.length ?? 0) > 0;
  const changing = input.rankBy !== undefined && input.rankBy !== 'amount';
  if (shape.focus) return focused(told);
  if (shape.extreme && !grouped) return join([extremes(told), totals(told)]);
  if (input.granularity && input.granularity !== 'none') {
    return join([totals(told), shape.average ? averages(told) : '', grouped ? '' : overTime(told)]);
  }
  if (!grouped) return join(shape.average ? [averageFirst(told)] : [totals(told)]);
  if (changing) return join([byChange(told), withTotal ? totals(told) : '']);
  const counted =
    shape.count && told.result.facts.row_count ? `There are ${fact(told.result, 'row_count')} of them. ` : '';
  const ranked = shape.single || input.limit !== undefined;
  const total = withTotal ? totals(told) : '';
  const parts = ranked ? [byAmount(told), total] : [total, byAmount(told)];
  return `${counted}${join([...parts, shape.average ? averages(told) : ''])}`;
}

function averageFirst(told: Told): string {
  const suffixes = currencySuffixes(told.result);
  const amounts = suffixes
    .filter((suffix) => told.result.facts[`average_per_day${suffix}`])
    .map((suffix) => fact(told.result, `average_per_day${suffix}`));
  if (amounts.length === 0) return totals(told);
  const subject =
    told.shape.subject === ''
      ? 'You spent'
      : STARTS_ITSELF.test(told.shape.subject)
        ? `You spent ${told.shape.subject}`
        : `${capital(told.shape.subject)} cost`;
  return `${subject} ${sentenceList(amounts)} a day on average${periodWords(told)}, ${sentenceList(suffixes.map((suffix) => fact(told.result, `total${suffix}`)))} in all.`;
}

const join = (parts: string[]): string => parts.filter((part) => part !== '').join(' ');
