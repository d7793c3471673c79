import type { DoneCall } from './history.ts';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];
const ORDINAL = new RegExp(
  `\\b(?:the )?(${ORDINALS.join('|')}|last|top|biggest|largest|highest)(?: (?:one|item|row|entry|service|account|team|region|resource|result|line))\\b|\\b(?:the )?(${ORDINALS.slice(0, 5).join('|')})\\W*$|(?:#|\\b(?:number|no\\.?) )(\\d{1,2})\\b`,
  'i',
);

/** The place of the row that 'the second one' or '#3' speaks of; -1 is the last. Null where no row is named. */
export function rowIndex(text: string): number | null {
  const match = ORDINAL.exec(text);
  if (match === null) return null;
  const word = (match[1] ?? match[2] ?? '').toLowerCase();
  if (match[3]) return Number(match[3]) - 1;
  if (word === 'last') return -1;
  const index = ORDINALS.indexOf(word);
  // 'The biggest one' is the first of a ranking.
  return index === -1 ? 0 : index;
}

/** The row of an earlier result that a text names by its place, as the dimension and value it stands for. */
export function rowNamed(text: string, done: DoneCall): { dimension: string; value: string } | null {
  const index = rowIndex(text);
  if (index === null) return null;
  const table = done.tool === 'explain_change' ? done.result?.tables.at(-1) : done.result?.tables[0];
  const groups = Array.isArray(done.input.groupBy) ? done.input.groupBy : [];
  const dimension =
    table?.name === 'resources' ? 'resource_id' : String(groups[0] ?? done.input.dimension ?? 'service_name');
  // Under each driver stand rows of what in it moved; they are no items of the list.
  const row = table?.rows.filter(({ detail }) => detail === null || detail === undefined).at(index);
  const value = row?.[dimension] ?? row?.[dimension.toLowerCase()];
  return typeof value === 'string' ? { dimension, value } : null;
}
