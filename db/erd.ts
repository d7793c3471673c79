import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import { packageRoot } from '../config.ts';
import { PennyError } from '../errors.ts';
import { log } from '../log.ts';
import { closeDb, connect } from './client.ts';
import { openEmbedded } from './embedded.ts';
import { migrateDatabase } from './migrate.ts';

/** Where the diagram stands. */
export const erdFile: string = join(packageRoot, 'docs', 'erd.md');

/** One diagram each, so that it stays readable; every table belongs to one. */
const GROUPS: Record<string, string[]> = {
  'The bill': [
    'billing',
    'tag_sets',
    'allocation_sets',
    'cost_daily',
    'cost_daily_tagged',
    'cost_rollup',
    'cost_monthly',
    'billing_loads',
    'billing_load_periods',
    'bill_references',
    'bill_reconciliations',
  ],
  'The estate': ['accounts', 'resources', 'resource_changes', 'usage', 'usage_reads', 'prices'],
  Findings: [
    'anomalies',
    'anomaly_feedback',
    'forecasts',
    'forecast_points',
    'recommendations',
    'recommendation_checks',
    'savings',
    'budgets',
    'budget_alerts',
    'insights',
    'business_metrics',
  ],
  Decisions: ['policies', 'remediations', 'approvals', 'stop_switches'],
  'People and conversations': [
    'users',
    'identities',
    'sessions',
    'sign_in_links',
    'conversations',
    'ai_queries',
    'ai_tool_calls',
  ],
  'The service itself': [
    'subscriptions',
    'outbox',
    'chat_events',
    'chat_conversations',
    'job_runs',
    'audit_pending',
    'audit_log',
    'service_secrets',
  ],
};

const catalogSchema = z.object({
  tables: z.array(z.object({ name: z.string(), meaning: z.string(), partitionedBy: z.string().nullable() })),
  columns: z.array(
    z.object({
      table: z.string(),
      name: z.string(),
      type: z.string(),
      required: z.boolean(),
      keys: z.string(),
      meaning: z.string(),
    }),
  ),
  references: z.array(z.object({ from: z.string(), to: z.string(), columns: z.string(), required: z.boolean() })),
});

type Catalog = z.infer<typeof catalogSchema>;

/** Returns the page with the diagrams and the meaning of every table and column, read from a migrated database. */
export async function drawErd(pool: pg.Pool): Promise<string> {
  const catalog = await readCatalog(pool);
  const grouped = new Set(Object.values(GROUPS).flat());
  const missing = catalog.tables.filter(({ name }) => !grouped.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new PennyError('internal', `Put into a group of db/erd.ts: ${missing.join(', ')}`);
  const sections = Object.entries(GROUPS).map(([title, tables]) => section(title, tables, catalog));
  return [INTRODUCTION, overview(catalog), ...sections].join('\n\n').concat('\n');
}

const INTRODUCTION = `# The database

Drawn from a migrated database by \`npm run erd\`; do not edit by hand. Money is \`numeric\` beside its currency, days are
\`date\` in UTC, periods are \`[start, end)\`, and NULL means unknown. The lines are foreign keys; besides them \`resource_id\`,
\`sub_account_id\` and \`billing_account_id\` mean the same thing wherever they stand.`;

function overview({ references }: Catalog): string {
  return ['## All tables and their references', diagram(references.map(relation))].join('\n\n');
}

function section(title: string, tables: string[], catalog: Catalog): string {
  const references = catalog.references.filter(({ from }) => tables.includes(from));
  const entities = tables.map((table) => entity(table, catalog));
  const pages = tables.map((table) => page(table, catalog));
  return [`## ${title}`, diagram([...entities, ...references.map(relation)]), ...pages].join('\n\n');
}

function diagram(lines: string[]): string {
  return ['```mermaid', 'erDiagram', ...lines, '```'].join('\n');
}

function entity(table: string, { columns }: Catalog): string {
  const lines = columns
    .filter((column) => column.table === table)
    .map(({ name, type, keys }) => `    ${[type.replaceAll(' ', '_'), name, keys].join(' ').trim()}`);
  return [`  ${table} {`, ...lines, '  }'].join('\n');
}

function relation({ from, to, columns, required }: Catalog['references'][number]): string {
  return `  ${to} ${required ? '||' : '|o'}--o{ ${from} : "${columns}"`;
}

function page(table: string, catalog: Catalog): string {
  const found = catalog.tables.find(({ name }) => name === table);
  const partitioned = found?.partitionedBy ? ` Partitioned by ${found.partitionedBy}.` : '';
  const rows = catalog.columns
    .filter((column) => column.table === table)
    .map(({ name, type, required, meaning }) =>
      [`| \`${name}\``, required ? type : `${type}, may be NULL`, `${meaning.replaceAll('|', '\\|')} |`].join(' | '),
    );
  return [
    `### ${table}`,
    `${found?.meaning ?? ''}${partitioned}`,
    ['| column | type | meaning |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

async function readCatalog(pool: pg.Pool): Promise<Catalog> {
  const [tables, columns, references] = await Promise.all(
    [TABLES, COLUMNS, REFERENCES].map((text) => pool.query(text)),
  );
  return catalogSchema.parse({ tables: tables?.rows, columns: columns?.rows, references: references?.rows });
}

const OURS = "class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p') AND NOT class.relispartition";

const TABLES = `
  SELECT relname AS name, coalesce(obj_description(oid, 'pg_class'), '') AS meaning,
    pg_get_partkeydef(oid) AS "partitionedBy"
  FROM pg_class AS class WHERE ${OURS} ORDER BY relname`;

const COLUMNS = `
  SELECT class.relname AS table, attname AS name, attnotnull AS required,
    replace(format_type(atttypid, atttypmod), 'timestamp with time zone', 'timestamptz') AS type,
    coalesce(col_description(class.oid, attnum), '') AS meaning,
    concat_ws(', ',
      (SELECT 'PK' FROM pg_constraint WHERE conrelid = class.oid AND contype = 'p' AND attnum = ANY (conkey)),
      (SELECT 'FK' FROM pg_constraint WHERE conrelid = class.oid AND contype = 'f' AND attnum = ANY (conkey) LIMIT 1),
      (SELECT 'UK' FROM pg_constraint WHERE conrelid = class.oid AND contype = 'u' AND conkey = ARRAY[attnum] LIMIT 1)
    ) AS keys
  FROM pg_class AS class JOIN pg_attribute ON attrelid = class.oid
  WHERE ${OURS} AND attnum > 0 AND NOT attisdropped ORDER BY class.relname, attnum`;

// Postgres 18 lists the inner references of partitioned tables too; conparentid tells them apart.
const REFERENCES = `
  SELECT class.relname AS from, target.relname AS to, string_agg(attname, ', ' ORDER BY place) AS columns,
    bool_and(attnotnull) AS required
  FROM pg_constraint AS reference
    JOIN pg_class AS class ON class.oid = conrelid
    JOIN pg_class AS target ON target.oid = confrelid
    CROSS JOIN unnest(conkey) WITH ORDINALITY AS key (attnum, place)
    JOIN pg_attribute ON attrelid = conrelid AND pg_attribute.attnum = key.attnum
  WHERE contype = 'f' AND conparentid = 0 AND ${OURS}
  GROUP BY reference.oid, class.relname, target.relname ORDER BY target.relname, class.relname, columns`;

async function main(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'penny-erd-'));
  const { url, close } = await openEmbedded(home, log, { throwaway: true });
  try {
    await migrateDatabase(url);
    const db = connect(url);
    writeFileSync(erdFile, await drawErd(db.pool));
    await closeDb(db);
  } finally {
    await close();
    rmSync(home, { recursive: true, force: true });
  }
}

// Called as a program, also through a link.
if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) await main();
