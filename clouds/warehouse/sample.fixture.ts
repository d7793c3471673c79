import { z } from 'zod';
import { curLegacy } from '../aws/billing/cur-legacy.ts';
import { cur2 } from '../aws/billing/cur2.ts';
import type { BillingSource } from '../contract.ts';
import { type Engine, query } from '../staging/engine.ts';
import { identifier, literal } from '../staging/sql.ts';
import type { WarehouseTable } from './daily-query.ts';

/** The lines of a source's sample as a table of text, and what each column holds. */
export interface Sample {
  source: BillingSource;
  /** SQL that reads it, for FROM. */
  from: string;
  columns: { name: string; kind: 'text' | 'number' | 'time' | 'map' }[];
}

const SAMPLES: [BillingSource, string][] = [
  [cur2, '../aws/billing/cur2.sample.csv'],
  [curLegacy, '../aws/billing/cur-legacy.sample.csv'],
];

/** Where the sample of a source lies. */
export function sampleOf(source: BillingSource): string {
  const found = SAMPLES.find(([one]) => one === source)?.[1] ?? '../focus/billing/focus.sample.csv';
  return new URL(found, import.meta.url).pathname;
}

/** Returns the sample of a source. Maps are the columns whose every value is JSON of an object. */
export async function describeSample(engine: Engine, source: BillingSource): Promise<Sample> {
  const from = `read_csv(${literal(sampleOf(source))}, all_varchar = true, nullstr = ['', 'NULL', 'null'])`;
  const described = await query(engine, `DESCRIBE SELECT * FROM ${from}`, z.object({ column_name: z.string() }));
  const columns: Sample['columns'] = [];
  for (const { column_name: name } of described) {
    const [row] = await query(
      engine,
      `SELECT coalesce(bool_and(starts_with(${identifier(name)}, '{')), false) AS map FROM ${from}`,
      z.object({ map: z.boolean() }),
    );
    const kind = source.columns[source.canonical(name)]?.kind;
    columns.push({ name, kind: row?.map === true ? 'map' : kind === 'number' || kind === 'time' ? kind : 'text' });
  }
  return { source, from, columns };
}

const TYPES = { text: 'VARCHAR', number: 'DECIMAL(38, 18)', time: 'TIMESTAMP', map: 'MAP(VARCHAR, VARCHAR)' };

/** Makes the table `sample` of a sample in DuckDB: of text, or with the types that a cloud's export has; `changes` alters the text first. */
export async function tableOf(engine: Engine, sample: Sample, typed: boolean, changes = ''): Promise<WarehouseTable> {
  const columns = sample.columns.map(({ name, kind }) => ({ name, type: typed ? TYPES[kind] : 'VARCHAR' }));
  await engine.connection.run(`CREATE OR REPLACE TABLE sample AS SELECT * FROM ${sample.from}`);
  if (changes !== '') await engine.connection.run(changes);
  const values = sample.columns.map(({ name, kind }) => {
    const value = identifier(name);
    if (!typed || kind === 'text') return value;
    if (kind === 'map') return `CAST(CAST(${value} AS JSON) AS MAP(VARCHAR, VARCHAR)) AS ${value}`;
    return `${kind === 'time' ? `penny_time_if_any(${value})` : `CAST(${value} AS ${TYPES.number})`} AS ${value}`;
  });
  if (typed) await engine.connection.run(`CREATE OR REPLACE TABLE sample AS SELECT ${values.join(', ')} FROM sample`);
  return { name: 'sample', columns };
}

/** The months (YYYY-MM) a sample bills. */
export async function monthsOf(engine: Engine, source: BillingSource, { columns, from }: Sample): Promise<string[]> {
  const start = columns.find(({ name }) => source.canonical(name) === source.charge.billing_period_start)?.name ?? '';
  const rows = await query(
    engine,
    `SELECT DISTINCT strftime(penny_time(${identifier(start)}), '%Y-%m') AS month FROM ${from} ORDER BY 1`,
    z.object({ month: z.string() }),
  );
  return rows.map(({ month }) => month);
}
