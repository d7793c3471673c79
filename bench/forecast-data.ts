import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One series of a benchmark: what is known, and what came after. */
export interface BenchSeries {
  known: Float64Array;
  actual: Float64Array;
  /** The season of MASE and of the benchmark methods, and those the methods under test are told of. */
  maseSeason: number;
  seasons: number[];
}

export interface BenchSet {
  name: string;
  series: BenchSeries[];
  /** Published figures on just these series, best first. */
  published: { name: string; smape: number; mase: number }[];
}

/** Returns the sets that the folder has. */
export function readSets(folder: string): BenchSet[] {
  const has = (file: string) => existsSync(join(folder, file));
  const rows = (file: string) => {
    const bytes = readFileSync(join(folder, file));
    const lines = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trim().split(/\r?\n/);
    return lines.slice(1).map((line) => line.split(','));
  };
  const sets: BenchSet[] = [];
  if (has('m4_weekly.csv.gz')) {
    const published = has('m4_published_point_by_frequency.csv') ? publishedWeekly(folder) : [];
    sets.push({ name: 'M4 Weekly', series: splitSeries(rows('m4_weekly.csv.gz'), 1, [52]), published });
  }
  if (has('m3_monthly_428.csv.gz')) {
    const published = has('m3_monthly_428_method_accuracy.csv')
      ? rows('m3_monthly_428_method_accuracy.csv').map(([name = '', , smape, mase]) => ({
          ...{ name, smape: Number(smape), mase: Number(mase) },
        }))
      : [];
    sets.push({ name: 'M3 Monthly', series: splitSeries(rows('m3_monthly_428.csv.gz'), 12, [12]), published });
  }
  if (has('m4_daily_4series.csv.gz')) {
    sets.push({
      name: 'M4 Daily (4)',
      series: splitSeries(rows('m4_daily_4series.csv.gz'), 1, [7, 365]),
      published: [],
    });
  }
  if (has('nngc1_all.csv.gz'))
    sets.push({ name: 'NNGC1', series: lastRowsOf(rows('nngc1_all.csv.gz')), published: [] });
  if (has('daily_misc')) sets.push({ name: 'Daily, 30 and 90', series: dailySeries(rows), published: [] });
  return sets;
}

function publishedWeekly(folder: string): BenchSet['published'] {
  const lines = readFileSync(join(folder, 'm4_published_point_by_frequency.csv'), 'utf8').trim().split(/\r?\n/);
  // Names of teams hold commas, in quotes.
  const cells = (line: string) =>
    [...line.matchAll(/("[^"]*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) => cell.replaceAll('"', ''));
  const [head = '', ...body] = lines;
  const column = (name: string) => cells(head).indexOf(name);
  return body
    .map(cells)
    .map((row) => ({
      name: `${row[column('method_id')]} ${row[column('team')]}`,
      smape: Number(row[column('smape_weekly')]),
      mase: Number(row[column('mase_weekly')]),
    }))
    .sort((one, other) => one.smape / 9.161 + one.mase / 2.777 - other.smape / 9.161 - other.mase / 2.777);
}

function splitSeries(rows: string[][], maseSeason: number, seasons: number[]): BenchSeries[] {
  const series = new Map<string, { known: number[]; actual: number[] }>();
  for (const [id = '', , split, value] of rows) {
    const one = series.get(id) ?? { known: [], actual: [] };
    series.set(id, one);
    (split === 'train' ? one.known : one.actual).push(Number(value));
  }
  return [...series.values()].map(({ known, actual }) => ({
    ...{ known: Float64Array.from(known), actual: Float64Array.from(actual), maseSeason, seasons },
  }));
}

/** Season and horizon of a kind of NNGC1: years, quarters, months, weeks, days, hours. The last rows are held back. */
const NNGC1: Record<string, [seasons: number[], horizon: number]> = {
  A: [[], 6],
  B: [[4], 8],
  C: [[12], 18],
  D: [[52], 13],
  E: [[7, 365], 14],
  F: [[24, 168], 48],
};

function lastRowsOf(rows: string[][]): BenchSeries[] {
  const series = new Map<string, number[]>();
  for (const [id = '', , value] of rows) series.set(id, [...(series.get(id) ?? []), Number(value)]);
  return [...series].map(([id, values]) => {
    const [seasons, horizon] = NNGC1[id[2] ?? ''] ?? [[], 6];
    return cut(values, values.length, horizon, seasons[0] ?? 1, seasons);
  });
}

function cut(values: number[], end: number, horizon: number, maseSeason: number, seasons: number[]): BenchSeries {
  const known = Float64Array.from(values.slice(0, end - horizon));
  return { known, actual: Float64Array.from(values.slice(end - horizon, end)), maseSeason, seasons };
}

/** Files of days, the columns with a series, and each forecast at three moments, 30 and 90 days ahead. */
const DAILY: [file: string, columns: number[]][] = [
  ['bdg2_daily_sample', [1, 2]],
  ['bicimad_users', [1]],
  ['example_wp_log_R', [1]],
  ['example_wp_log_peyton_manning', [1]],
  ['uk_daily_flights', [1]],
  ['visitas_por_dia_web_cienciadedatos', [1]],
];

function dailySeries(rows: (file: string) => string[][]): BenchSeries[] {
  return DAILY.flatMap(([file, columns]) => {
    const lines = rows(join('daily_misc', `${file}.csv.gz`));
    const inOrder = /^\d{4}-/.test(lines[0]?.[0] ?? '')
      ? lines.sort(([one = ''], [other = '']) => (one < other ? -1 : 1))
      : lines;
    return columns.flatMap((column) => {
      const values = inOrder.map((row) => Number(row[column]));
      return [30, 90].flatMap((horizon) =>
        [0, 1, 2]
          .map((back) => values.length - back * horizon)
          .filter((end) => end - horizon >= 200)
          .map((end) => cut(values, end, horizon, 7, [7, 365])),
      );
    });
  });
}
