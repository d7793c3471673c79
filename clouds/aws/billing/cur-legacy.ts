import type { BillingSource } from '../../contract.ts';
import { charge, columns, lookups, money } from './cur2.ts';

/**
 * AWS's legacy Cost and Usage Report: as CSV with names such as `lineItem/UnblendedCost`, as Parquet (made for Athena) with
 * names such as `line_item_unblended_cost`. Both say what CUR 2.0 says, so its mapping is CUR 2.0's; only the names, and tags
 * in a column each, are its own.
 */
export const curLegacy: BillingSource = {
  id: 'aws-cur-legacy',
  title: 'AWS CUR (legacy)',
  canonical: athenaName,
  spelled: (name, names) => (names.some((column) => column.includes('/')) ? slashName(name) : name),

  recognise: (names) =>
    names.has('line_item_line_item_type') && names.has('line_item_product_code') ? { version: null } : undefined,

  columns,
  charge,
  money,
  lookups,

  tags: (names) =>
    names.flatMap((column) => {
      const tag = /^(?:resourceTags\/|resource_tags_)(user|aws)[:_](.+)$/.exec(column);
      if (tag !== null) return [{ column, key: `${tag[1] === 'aws' ? 'aws:' : ''}${tag[2]}` }];
      const category = /^(?:costCategory\/|cost_category_)(.+)$/.exec(column);
      return category === null ? [] : [{ column, key: `cost_category:${category[1]}` }];
    }),

  nullTexts: [],
};

/**
 * Returns the name Athena has for a column: an underscore before each capital letter, lower case, an underscore for all that
 * is neither letter nor digit, never two of them, none at the ends. `savingsPlan/SavingsPlanARN` becomes
 * `savings_plan_savings_plan_a_r_n`.
 * Source: https://docs.aws.amazon.com/cur/latest/userguide/cur-ate-run.html ("Column names")
 */
export function athenaName(column: string): string {
  return column
    .replace(/[A-Z]/g, '_$&')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

const CATEGORIES = ['line_item', 'bill', 'pricing', 'product', 'reservation', 'savings_plan', 'identity'];

/** The other way round, as far as names tell: `line_item_unblended_cost` is `lineItem/UnblendedCost`. */
function slashName(name: string): string {
  const category = CATEGORIES.find((prefix) => name.startsWith(`${prefix}_`));
  if (category === undefined) return name;
  const capital = (_: string, letter: string) => letter.toUpperCase();
  const rest = name.slice(category.length).replace(/_([a-z])/g, capital);
  return `${category.replace(/_([a-z])/g, capital)}/${rest}`;
}
