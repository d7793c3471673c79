import { CHARGE_CATEGORIES, CHARGE_COLUMNS, type ChargeColumn, COSTS } from '../../analytics/focus.ts';
import type { BillingSource, SourceColumn } from '../contract.ts';

/** How many lines of a row lacked a value that the source must have; text, so that any other than '0' stops a load. */
export const UNREADABLE = 'x_unreadable_lines';

/** Returns the column that says of which source a daily result is. */
export function markOf({ id }: BillingSource): string {
  return `x_daily_of_${id.replaceAll('-', '_')}`;
}

const KIND = { time: 'time', text: 'text', price: 'price', sum: 'number' } as const;
const FILLED: readonly ChargeColumn[] = [
  'billing_period_start',
  'charge_period_start',
  'charge_category',
  'billed_cost',
  'effective_cost',
];

const names = Object.keys(CHARGE_COLUMNS) as ChargeColumn[];

/** The names of a source must not be those of charges, or its sums would be taken for ones found of other sums. */
const sourceName = (column: ChargeColumn): string => `daily_${column}`;

function columnOf(name: ChargeColumn): SourceColumn {
  const isFilled = FILLED.includes(name);
  return {
    kind: KIND[CHARGE_COLUMNS[name]],
    ...(isFilled ? { required: true, filled: true } : {}),
    ...(name === 'charge_category' ? { values: CHARGE_CATEGORIES } : {}),
  };
}

/** Returns the source of what `dailyQuery` makes of another one: columns are charges already, tags are those of the other. */
export function dailySource(of: BillingSource): BillingSource {
  return {
    id: `${of.id}-daily`,
    title: `${of.title}, summed to days`,
    canonical: (column) => (column in CHARGE_COLUMNS ? sourceName(column as ChargeColumn) : column.toLowerCase()),
    spelled: (name) => name.replace(/^daily_/, ''),
    recognise: (columns) => (columns.has(markOf(of)) ? { version: null } : undefined),
    columns: {
      ...Object.fromEntries(names.map((name) => [sourceName(name), columnOf(name)])),
      [UNREADABLE]: { kind: 'text', required: true, filled: true, values: ['0'] },
    },
    charge: {
      ...(Object.fromEntries(names.map((name) => [name, sourceName(name)])) as Record<ChargeColumn, string>),
      // Only what a mapping names is checked.
      charge_category: `CASE WHEN ${UNREADABLE} = '0' THEN ${sourceName('charge_category')} END`,
    },
    money: Object.fromEntries(COSTS.map((cost) => [sourceName(cost), cost])),
    tags: (columns) => of.tags(columns.filter((column) => !names.includes(column as ChargeColumn))),
    nullTexts: [],
    lookups: {},
    summed: of,
  };
}
