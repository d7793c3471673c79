import { toSnakeCase } from 'drizzle-orm/casing';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { allDescriptions } from '../schema/describe.ts';
import * as schema from '../schema/index.ts';

/** A view of schema `ask`: what free SQL may read. */
export interface AskView {
  name: string;
  description: string;
  columns: { name: string; type: string; description: string }[];
  sql: string;
}

interface Source {
  table: PgTable;
  /** Columns that say nothing to who asks, or are nobody's business. */
  without?: readonly string[];
  /** Columns from elsewhere: an expression and what it means. */
  more?: Record<string, { sql: string; type: string; description: string }>;
  join?: string;
}

const SOURCES: Record<string, Source> = {
  costs: {
    table: schema.billing,
    without: ['load_id', 'tag_set_id'],
    more: {
      tags: {
        sql: "coalesce(tag_set.tags, '{}')",
        type: 'jsonb',
        description: 'The tags of the charge: {"team": "checkout"}.',
      },
    },
    join: 'LEFT JOIN public.tag_sets AS tag_set ON tag_set.tag_set_id = source.tag_set_id',
  },
  accounts: { table: schema.accounts },
  resources: { table: schema.resources, without: ['id_key', 'tail_key', 'name_key'] },
  resource_changes: { table: schema.resourceChanges },
  usage: { table: schema.usage },
  prices: { table: schema.prices },
  anomalies: { table: schema.anomalies, without: ['feedback_by'] },
  forecasts: { table: schema.forecasts },
  forecast_points: { table: schema.forecastPoints },
  recommendations: { table: schema.recommendations, without: ['decided_by'] },
  savings: { table: schema.savings },
  budgets: { table: schema.budgets, without: ['owner_id', 'created_by'] },
  business_metrics: { table: schema.businessMetrics, without: ['given_by'] },
  insights: { table: schema.insights },
  remediations: { table: schema.remediations, without: ['apply_token', 'parameters_hash', 'conversation_id'] },
  loads: { table: schema.billingLoads, without: ['uris', 'content_hash', 'sums'] },
};

/**
 * The views, each with the columns of its table but for a few. Their rows are those of the policies (policies.ts): a view belongs to
 * the reading role, so Postgres lays that role's conditions on what it reads.
 */
export const ASK_VIEWS: AskView[] = Object.entries(SOURCES).map(([name, source]) => viewOf(name, source));

function viewOf(name: string, { table, without = [], more = {}, join = '' }: Source): AskView {
  const { name: tableName, columns } = getTableConfig(table);
  const described = allDescriptions().get(table);
  const kept = columns
    .map((column) => ({
      name: toSnakeCase(column.name),
      type: column.getSQLType(),
      description: described?.columns[column.name] ?? '',
    }))
    .filter((column) => !without.includes(column.name));
  const list = [
    ...kept.map((column) => `source.${pg.escapeIdentifier(column.name)}`),
    ...Object.entries(more).map(([column, { sql }]) => `${sql} AS ${pg.escapeIdentifier(column)}`),
  ];
  return {
    name,
    description: described?.table ?? '',
    columns: [
      ...kept,
      ...Object.entries(more).map(([column, { type, description }]) => ({ name: column, type, description })),
    ],
    sql: `SELECT ${list.join(', ')} FROM public.${pg.escapeIdentifier(tableName)} AS source ${join}`.trim(),
  };
}
