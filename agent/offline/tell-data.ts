import type { Result, ResultTable } from './history.ts';
import type { PlannedCall } from './plan.ts';
import { cellOf, fact, sentenceList } from './tell.ts';

const ROWS_NAMED = 3;

/** The column that names a row best. */
function nameColumn(table: ResultTable, row: ResultTable['rows'][number]): string | undefined {
  const candidates = ['name', 'service_name', 'tag_key', 'value', 'resource_id', 'account_id'];
  const known = candidates.find((column) => row[column]);
  return known ?? table.columns.find(({ name, kind }) => kind === 'text' && row[name])?.name;
}

const moneyColumn = (table: ResultTable): string | undefined =>
  table.columns.find(({ kind }) => kind === 'money')?.name;

/** 'a (cost), b (cost) and c (cost)' of the first rows. */
function firstRows(result: Result, table: ResultTable): string {
  const money = moneyColumn(table);
  const named = table.rows.slice(0, ROWS_NAMED).flatMap((row, index) => {
    const column = nameColumn(table, row);
    if (column === undefined) return [];
    const amount = money && row[money] !== null ? ` (${cellOf(result, table, index, money)})` : '';
    return [`${cellOf(result, table, index, column)}${amount}`];
  });
  return sentenceList(named);
}

const countFact = (result: Result): string | null => ('row_count' in result.facts ? fact(result, 'row_count') : null);

const COUNTS: Record<string, string> = {
  services: 'service_count',
  accounts: 'account_count',
  regions: 'region_count',
  tags: 'tag_key_count',
};

const one = (result: Result): boolean =>
  Number(result.facts.row_count?.value ?? result.tables[0]?.rowsInTable ?? 0) === 1;

/** What was found of resources: how many, and the first of them. */
export function tellResources(call: Extract<PlannedCall, { tool: 'find_resources' }>, result: Result): string {
  const [table] = result.tables;
  const kind = call.input.type === undefined ? 'resource' : (KINDS[call.input.type] ?? 'resource');
  const plural = one(result) ? kind : `${kind}s`;
  if (table === undefined || table.rows.length === 0) return `I found no ${kind}s like that.`;
  const count = countFact(result);
  const which = call.input.untagged ? ` without a ${call.input.untagged} tag` : '';
  const found = count ? `I found ${count} ${plural}${which}` : `These are the ${plural}${which} I found`;
  const order = table.rows.length > 1 && call.input.orderBy === 'cost' ? ', the most expensive first' : '';
  return `${found}${order}: ${firstRows(result, table)}${table.rows.length > ROWS_NAMED ? ', and more in the table' : ''}.`;
}

const KINDS: Record<string, string> = {
  instance: 'instance',
  bucket: 'bucket',
  db: 'database',
  function: 'function',
  volume: 'volume',
  snapshot: 'snapshot',
  loadbalancer: 'load balancer',
  natgateway: 'NAT gateway',
  'elastic-ip': 'IP address',
};

/** How far the data reaches. */
export function tellFreshness(result: Result): string {
  const { facts } = result;
  if (!facts.data_through?.value) return 'No bill is loaded yet.';
  const from = facts.data_from?.value ? `${fact(result, 'data_from')} to ` : 'the days up to ';
  const loaded = facts.last_loaded_at?.value ? ` It was last loaded at ${fact(result, 'last_loaded_at')}.` : '';
  return `The data covers ${from}${fact(result, 'data_through')}.${loaded}`;
}

const TOPICS: Record<string, string> = {
  services: 'service',
  accounts: 'account',
  regions: 'region',
  tags: 'tag key',
  metrics: 'kind of cost',
  dimensions: 'column',
};

const pluralOf = (word: string): string => (word === 'kind of cost' ? 'kinds of cost' : `${word}s`);

/** What there is in the bill, and what can be asked. */
export function tellData(call: Extract<PlannedCall, { tool: 'describe_data' }>, result: Result): string {
  const { topic = 'overview', tagKey } = call.input;
  const [table] = result.tables;
  if (topic === 'overview') return OVERVIEW;
  const word = tagKey ? `value` : (TOPICS[topic] ?? 'entry');
  if (table === undefined || table.rows.length === 0) return `There are no ${pluralOf(word)} in the bill.`;
  const name = tagKey ? undefined : COUNTS[topic];
  const counted = name && result.facts[name] ? fact(result, name) : null;
  const single = table.rows.length === 1;
  const noun = single ? word : pluralOf(word);
  const of = tagKey ? ` of the tag ${tagKey}` : '';
  const lead = counted ? `There ${single ? 'is' : 'are'} ${counted} ${noun}${of}` : `These are the ${noun}${of}`;
  return `${lead}${table.rows.length > ROWS_NAMED ? ', among them' : ':'} ${firstRows(result, table)}.`;
}

const OVERVIEW =
  'I answer questions about your cloud bill: what something cost, which services, accounts, regions or teams cost most, how cost developed, what changed and why, and which resources there are. Ask for any period, narrow it to what you like, and go on from an answer with a few words such as "by team" or "why?".';
