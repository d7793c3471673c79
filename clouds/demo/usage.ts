import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Duck, loadTable, quote } from './duck.ts';
import type { Estate } from './estate.ts';
import { PART } from './lines.ts';

/** The days for which hourly metrics are made: the last ones of the estate. A large estate keeps fewer, two weeks at least. */
export function usageDays({ organisation }: Estate): number {
  return organisation.units.length <= 10 ? 45 : 14;
}

/** Series that are written to one file; bounds the memory a large estate takes. */
const SERIES_AT_ONCE = 4000;

type HourShape = (weekday: number, hour: number) => number | null;

const isWeekend = (weekday: number) => weekday === 0 || weekday === 6;
/** Visitors of a shop: fewest before dawn, most in the evening. */
const DAY_OF_VISITORS = [
  0.5, 0.42, 0.37, 0.34, 0.33, 0.36, 0.44, 0.55, 0.66, 0.74, 0.8, 0.84, 0.86, 0.85, 0.84, 0.85, 0.88, 0.92, 0.97, 1,
  0.99, 0.92, 0.8, 0.64,
];

/**
 * The part of its busy level that something shows in an hour of the week. Null: it is switched off then, and there are no
 * samples.
 */
const SHAPES: Record<string, HourShape> = {
  flat: () => 1,
  visitors: (weekday, hour) => (DAY_OF_VISITORS[hour] ?? 0) * (isWeekend(weekday) ? 0.82 : 1),
  office: (weekday, hour) => (isWeekend(weekday) ? 0.15 : hour >= 8 && hour < 18 ? 1 : 0.25),
  night: (_, hour) => (hour < 6 ? 1 : 0.12),
  closing: (weekday, hour) => (weekday === 1 && hour < 5 ? 1 : 0.04),
  'office-hours': (weekday, hour) => (!isWeekend(weekday) && hour >= 7 && hour < 19 ? 1 : null),
  'night-hours': (_, hour) => (hour < 8 ? 1 : null),
  'peak-hours': (weekday, hour) => (hour >= 10 && hour < (isWeekend(weekday) ? 19 : 22) ? 1 : null),
  'training-hours': (weekday, hour) => (!isWeekend(weekday) && hour >= 13 && hour < 16 ? 1 : null),
};

/** Keeps the quantities that metrics follow, such as a function's calls a day; call it for every span of charges. */
export async function keepQuantities(duck: Duck): Promise<void> {
  await duck.run(`create table if not exists quantities (stream integer, day integer, quantity double);
    insert into quantities select stream, day, sum(quantity)::double from charges
      where part in (${PART.usage}, ${PART.covered}, ${PART.discounted}) and stream in (select follows from series) group by all`);
}

/** Loads the metric series of the plan, so that `keepQuantities` knows which quantities they follow. */
export async function loadSeries(duck: Duck, estate: Estate): Promise<void> {
  await loadTable(
    duck,
    'series',
    {
      series: 'INTEGER',
      resource_id: 'VARCHAR',
      metric: 'VARCHAR',
      mean: 'DOUBLE',
      shape: 'VARCHAR',
      noise: 'DOUBLE',
      peak: 'DOUBLE',
      cap: 'DOUBLE',
      decimals: 'INTEGER',
      samples: 'INTEGER',
      follows: 'INTEGER',
      from_day: 'INTEGER',
      to_day: 'INTEGER',
    },
    (function* () {
      for (const [index, one] of estate.series.entries()) {
        yield [
          index,
          one.resourceId,
          one.metric,
          one.mean,
          one.shape,
          one.noise,
          one.peak,
          one.cap,
          one.decimals,
          one.samples,
          one.stream,
          one.fromDay,
          one.toDay,
        ];
      }
    })(),
  );
  await loadTable(
    duck,
    'shapes',
    { shape: 'VARCHAR', weekday: 'INTEGER', hour: 'INTEGER', part: 'DOUBLE', share: 'DOUBLE' },
    Object.entries(SHAPES).flatMap(([name, shape]) =>
      Array.from({ length: 168 }, (_, index) => {
        const [weekday, hour] = [Math.floor(index / 24), index % 24];
        const total = Array.from({ length: 24 }, (_, at) => shape(weekday, at) ?? 0).reduce(
          (sum, part) => sum + part,
          0,
        );
        const part = shape(weekday, hour);
        return [name, weekday, hour, part, part === null ? null : part / total];
      }),
    ),
  );
}

/**
 * Writes the hourly metrics of the last days as Parquet into a folder: resource_id, metric, hour (UTC), avg, max, p95 and
 * sample_count. A counter's avg is per sample, so avg times sample_count is the hour's total. No row means no data.
 */
export async function writeUsage(duck: Duck, estate: Estate, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const first = Math.max(0, estate.calendar.days - usageDays(estate));
  for (let from = 0; from < estate.series.length; from += SERIES_AT_ONCE) {
    const file = join(folder, `usage-${String(from / SERIES_AT_ONCE + 1).padStart(5, '0')}.parquet`);
    const which = `s.series >= ${from} and s.series < ${from + SERIES_AT_ONCE} and d.day >= ${first}`;
    await duck.run(`copy (${hoursOf(which)}) to ${quote(file)} (format parquet, compression snappy)`);
  }
}

function hoursOf(which: string): string {
  return `with base as (
      select s.*, d.date, h.hour, wobble(s.series * 31 + 7, d.day * 24 + h.hour) as noise_a, wobble(s.series * 17 + 3, d.day * 24 + h.hour) as noise_b,
        case when s.follows is null then s.mean * h.part else s.mean * q.quantity * h.share / s.samples end as level
      from series s
      join days d on d.day >= s.from_day and d.day < s.to_day
      join shapes h on h.shape = s.shape and h.weekday = d.weekday and h.part is not null
      left join quantities q on q.stream = s.follows and q.day = d.day
      where ${which} and (s.follows is null or q.quantity is not null)
    ),
    averages as (select *, least(cap, level * (1 + noise * noise_a)) as average from base),
    peaks as (select *, least(cap, average * (1 + (peak - 1) * (0.7 + 0.3 * abs(noise_b)))) as highest from averages)
    select resource_id, metric, date::timestamp + to_hours(hour) as hour,
      round(average, decimals + 3) as avg, round(greatest(average, highest), decimals + 3) as max,
      round(average + 0.55 * (greatest(average, highest) - average), decimals + 3) as p95, samples as sample_count
    from peaks order by series, date, hour`;
}
