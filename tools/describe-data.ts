import { z } from 'zod';
import { comments } from '../db/comments.ts';
import type { Catalog } from '../db/queries/catalog.ts';
import { encodeCursor } from '../db/queries/cursor.ts';
import { COLUMN_DIMENSIONS, METRICS } from '../db/queries/dimensions.ts';
import { answerCall, type Call, nothingLoaded } from './call.ts';
import { count } from './cost-table.ts';
import { nearest } from './nearest.ts';
import { withCursor } from './paging.ts';
import { type Cell, type CellValue, type Column, defineTool, type Table, type ToolResult } from './tool.ts';

const TOPICS = ['overview', 'services', 'accounts', 'regions', 'tags', 'metrics', 'dimensions'] as const;

/** Rows of a page at most. */
const MOST_ROWS = 500;

const input = z.object({
  topic: z.enum(TOPICS).default('overview').describe('What to list; overview: how much there is of each.'),
  tagKey: z.string().trim().min(1).optional().describe('List the values of this tag key.'),
  limit: z
    .number()
    .int()
    .min(1)
    .max(MOST_ROWS)
    .optional()
    .describe('Only so many rows, in alphabetical order; without it all of them, the most used first.'),
  cursor: z.string().optional().describe('The nextCursor of the page before, to go on after it.'),
});

type Input = z.output<typeof input>;

/** The input with its cursor read: the place of the last row of the page before. */
type Asked = Input & { after: string | undefined };

const place = z.string().startsWith('[');

export const describeDataTool = defineTool({
  name: 'describe_data',
  title: 'What can be asked',
  description: `Lists what this bill knows: services, accounts, regions, tag keys and their values, cost metrics and dimensions. Use it for "what can I ask", "which services, accounts, teams are there", or to learn the exact spelling of a name before filtering by it.
Returns counts as facts and one table named after the topic ("values" for a tag key).`,
  input,
  access: 'read',
  run: (context, given) =>
    withCursor(place, given.cursor, (after) =>
      answerCall(context, { tool: 'describe_data', input: given }, (call) => answer(call, { ...given, after })),
    ),
});

async function answer(call: Call, { topic, tagKey, limit, after }: Asked): Promise<ToolResult> {
  const nothing = nothingLoaded(call);
  if (nothing) return nothing;
  const { catalog } = call;
  if (tagKey !== undefined && !catalog.tagKeys.some(({ key }) => key === tagKey.toLowerCase())) {
    const keys = catalog.tagKeys.map(({ key }) => key);
    const near = nearest(tagKey, keys);
    return call.noData(
      `No values are kept of a tag "${tagKey.slice(0, 100)}".`,
      near.length > 0 ? near : keys.slice(0, 5),
    );
  }
  const table = tagKey === undefined ? TABLES[topic](catalog) : valueTable(catalog, tagKey.toLowerCase());
  if (limit === undefined && after === undefined) {
    return call.ok({ facts: factsOf(catalog), tables: [table] }, { rowCount: table.rows.length });
  }
  const { rows, nextCursor } = pageOf(table, limit ?? MOST_ROWS, after);
  return call.ok(
    { facts: factsOf(catalog), tables: [{ ...table, rows }] },
    { rowCount: rows.length, truncated: nextCursor !== undefined, nextCursor },
  );
}

/** The rows after a place in the order of their text, which no load of a bill changes. */
function pageOf({ columns, rows }: Table, limit: number, after = ''): { rows: CellValue[][]; nextCursor?: string } {
  const placeOf = (row: CellValue[]): string =>
    JSON.stringify(row.filter((_, index) => columns[index]?.kind === 'text'));
  const left = rows
    .map((row) => ({ row, place: placeOf(row) }))
    .filter(({ place }) => place > after)
    .sort((one, other) => (one.place < other.place ? -1 : 1));
  const page = left.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page.map(({ row }) => row),
    ...(last !== undefined && left.length > limit ? { nextCursor: encodeCursor(last.place) } : {}),
  };
}

function factsOf(catalog: Catalog): Record<string, Cell> {
  const date = (value: string | null): Cell => ({ value, kind: 'date', unit: 'date' });
  return {
    data_from: date(catalog.dataFrom),
    data_through: date(catalog.dataThrough),
    service_count: count(catalog.services.length),
    account_count: count(catalog.accounts.length),
    region_count: count(catalog.regions.length),
    tag_key_count: count(catalog.tagKeys.length),
    resource_count: count(catalog.resourceCount),
    currencies: { value: catalog.currencies.join(', '), kind: 'text', unit: null },
  };
}

const text = (name: string): Column => ({ name, kind: 'text', unit: null });
const untrusted = (name: string): Column => ({ ...text(name), untrusted: true });
const counted = (name: string): Column => ({ name, kind: 'count', unit: 'count' });

const TABLES: Record<Input['topic'], (catalog: Catalog) => Table> = {
  overview: overviewTable,
  services: serviceTable,
  accounts: ({ accounts }) => ({
    name: 'accounts',
    title: 'Accounts',
    columns: [text('account_id'), text('name'), text('kind')],
    rows: accounts.map(({ id, name, kinds }) => [id, name, kinds.join(' and ')]),
  }),
  regions: ({ regions }) => ({
    name: 'regions',
    title: 'Regions',
    columns: [text('region_id')],
    rows: regions.map((region) => [region]),
  }),
  tags: ({ tagKeys }) => ({
    name: 'tags',
    title: 'Tag keys that costs can be grouped by quickly',
    columns: [untrusted('tag_key'), counted('values'), untrusted('examples')],
    rows: tagKeys.map(({ key, values, valueCount }) => [key, valueCount, examples(values)]),
  }),
  metrics: () => describedColumns('metrics', 'metric', METRICS),
  dimensions: () => describedColumns('dimensions', 'dimension', COLUMN_DIMENSIONS),
};

const examples = (values: readonly string[]): string => values.slice(0, 5).join(', ').slice(0, 200);

function overviewTable(catalog: Catalog): Table {
  const { services, accounts, regions, tagKeys } = catalog;
  const topics: [string, number, readonly string[]][] = [
    ['services', services.length, services.map(({ name }) => name)],
    ['accounts', accounts.length, accounts.map(({ id, name }) => name ?? id)],
    ['regions', regions.length, regions],
    ['tags', tagKeys.length, tagKeys.map(({ key }) => key)],
    ['metrics', METRICS.length, METRICS],
    [
      'dimensions',
      COLUMN_DIMENSIONS.length,
      ['service_name', 'sub_account_id', 'region_id', 'resource_id', 'x_usage_type'],
    ],
  ];
  return {
    name: 'overview',
    title: 'What can be asked about',
    columns: [text('topic'), counted('count'), untrusted('examples')],
    rows: topics.map(([topic, size, names]) => [topic, size, examples(names)]),
  };
}

/** The cost is that of the last 90 days; with several currencies each has its row. */
function serviceTable({ services, currencies }: Catalog): Table {
  const several = currencies.length > 1;
  const unit = several ? null : (currencies[0] ?? null);
  const rows = services.flatMap(({ name, category, provider, recentCost }): CellValue[][] => {
    const amounts = recentCost.length > 0 ? recentCost : [{ currency: null, amount: '0' }];
    return amounts.map(({ currency, amount }) => [name, category, provider, ...(several ? [currency] : []), amount]);
  });
  return {
    name: 'services',
    title: 'Services, effective cost of the last 90 days of data',
    columns: [
      text('service_name'),
      text('service_category'),
      text('service_provider_name'),
      ...(several ? [text('billing_currency')] : []),
      { name: 'cost', kind: 'money', unit },
    ],
    rows,
  };
}

function valueTable({ tagKeys }: Catalog, key: string): Table {
  const tag = tagKeys.find((candidate) => candidate.key === key);
  return {
    name: 'values',
    title: `Values of the tag ${key}`,
    columns: [untrusted('value'), counted('lines')],
    rows: (tag?.values ?? []).map((value, index) => [value, tag?.lines[index] ?? 0]),
  };
}

/** What columns mean, in the words that stand at them in the database. */
function describedColumns(name: string, column: string, names: readonly string[]): Table {
  const meaning = new Map(
    comments().flatMap((comment) =>
      comment.table === 'billing' && comment.column !== null ? [[comment.column, comment.text]] : [],
    ),
  );
  const rows = names.map((one) => [one, meaning.get(one) ?? null]);
  const tag: CellValue[][] =
    name === 'dimensions' ? [['tag:KEY', 'The value of a tag, such as tag:team; keys and values case aside.']] : [];
  return { name, title: `The ${name} of the bill`, columns: [text(column), text('meaning')], rows: [...rows, ...tag] };
}
