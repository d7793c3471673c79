import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { cpuDemand, SIZING_PRESETS, type SizingPreset } from '../analytics/rightsizing/demand.ts';
import { type MeasuredHour, percentileOf } from '../analytics/rightsizing/measured-hours.ts';
import { packageRoot } from '../config.ts';

/**
 * Prints, for each preset, how often a CPU size chosen from the first half of a trace would not have carried its second half, and
 * what was saved. The folder with the traces is the argument, or `../shared/data/usage`: planetlab_cpu*.parquet, and
 * bitbrains_*.csv.gz with *_vms.csv. Sizes halve: down to one vCPU, and to an eighth where the vCPUs are not known. The samples
 * of a trace are summed up to hours first, as they are stored. Beside each preset stands its bare percentile with headroom.
 */
const folder = process.argv[2] ?? join(packageRoot, '..', 'shared', 'data', 'usage');

const PLANETLAB = /^planetlab_cpu.*\.parquet$/;
const BITBRAINS = /^bitbrains_.*\.csv\.gz$/;
const FIVE_MINUTES_MS = 300_000;
const UNKNOWN_VCPUS = 8;

interface Trace {
  vcpus: number;
  /** Start in milliseconds and CPU in percent, every five minutes; there may be gaps. */
  samples: { at: number; percent: number }[];
}

type Sizing = (hours: readonly MeasuredHour[], preset: SizingPreset) => number | undefined;

const SIZINGS: [name: string, Sizing][] = [
  ['', (hours, preset) => cpuDemand(hours, preset)?.needed],
  [
    ' (bare percentile)',
    (hours, { cpuPercentile, cpuHeadroom }) =>
      cpuDemand(hours, SIZING_PRESETS.default) && percentileOf(hours, cpuPercentile) / (1 - cpuHeadroom),
  ],
];

function judge(traces: readonly Trace[], name: string, preset: SizingPreset, sizing: Sizing) {
  const sums = { judged: 0, smaller: 0, broken: 0, over: 0, samples: 0, samplesOver: 0, vcpus: 0, saved: 0 };
  for (const { vcpus, samples } of traces) {
    const half = Math.floor(samples.length / 2);
    const needed = sizing(hoursOf(samples.slice(0, half)), preset);
    if (needed === undefined) continue;
    const size = smallestSize(vcpus, (needed / 100) * vcpus);
    sums.judged++;
    sums.vcpus += vcpus;
    if (size === vcpus) continue;
    const later = samples.slice(half);
    const over = later.filter(({ percent }) => percent * vcpus > 100 * size).length;
    sums.smaller++;
    sums.saved += vcpus - size;
    sums.samples += later.length;
    sums.samplesOver += over;
    if (over > 0) sums.over++;
    if (over > later.length * (1 - preset.cpuPercentile)) sums.broken++;
  }
  return { name, ...sums };
}

function smallestSize(vcpus: number, needed: number): number {
  let size = vcpus;
  while (size % 2 === 0 && size / 2 >= needed) size /= 2;
  return size;
}

function hoursOf(samples: Trace['samples']): MeasuredHour[] {
  const hours = new Map<number, number[]>();
  for (const { at, percent } of samples) {
    const hour = Math.floor(at / 3_600_000) * 3_600_000;
    const known = hours.get(hour);
    if (known === undefined) hours.set(hour, [percent]);
    else known.push(percent);
  }
  return [...hours].map(([hour, values]) => {
    values.sort((one, other) => one - other);
    return {
      hour: new Date(hour).toISOString(),
      avg: values.reduce((sum, value) => sum + value, 0) / values.length,
      max: values.at(-1) ?? 0,
      p95: interpolated(values, 0.95),
      sampleCount: values.length,
    };
  });
}

function interpolated(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  return below + (place % 1) * ((sorted[Math.ceil(place)] ?? below) - below);
}

/** Machines of PlanetLab: five-minute samples of days that do not follow on each other. */
const planetLab = (file: string) => `with days as (
    select vm, epoch_ms(date::timestamp) as began, list_value(${Array.from({ length: 288 }, (_, at) => `p${String(at).padStart(3, '0')}`)}) as values from '${file}'
  )
  select vm as id, ${UNKNOWN_VCPUS} as vcpus, list(began + (slot - 1) * ${FIVE_MINUTES_MS} order by began, slot)::double[] as instants,
    list(least(100, values[slot]) order by began, slot)::double[] as percents
  from days, range(1, 289) as slots(slot) group by vm`;

/** Machines of Bitbrains: a sample holds for as long as it says, up to the next. */
const bitbrains = (file: string, machines: string) => `with machines as (select id, cpu_count from '${machines}'),
  samples as (
    select s.*, unnest(range(0, duration_ms, ${FIVE_MINUTES_MS})) as later, epoch_ms(timestamp::timestamp) - duration_ms as began from '${file}' s
  )
  select id::varchar as id, cpu_count as vcpus, list(began + later order by began + later)::double[] as instants,
    list(least(100, cpu_util_pct) order by began + later)::double[] as percents
  from samples join machines using (id) group by all`;

async function readTraces(sql: string): Promise<Trace[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = (
    await connection.runAndReadAll(`select vcpus::integer as vcpus, instants, percents from (${sql}) order by id`)
  ).getRowObjectsJson();
  connection.closeSync();
  return rows.map(({ vcpus, instants, percents }) => ({
    vcpus: Number(vcpus),
    samples: (instants as number[]).map((at, index) => ({ at, percent: (percents as number[])[index] ?? 0 })),
  }));
}

async function printFile(file: string, sql: string): Promise<void> {
  const began = performance.now();
  const traces = await readTraces(sql);
  const results = Object.entries(SIZING_PRESETS).flatMap(([preset, values]) =>
    SIZINGS.map(([name, sizing]) => judge(traces, `${preset}${name}`, values, sizing)),
  );
  const judged = results[0]?.judged ?? 0;
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  print(`\n${file}: ${traces.length} machines, ${judged} with three days in their first half (${seconds} s)`);
  print(
    `${'preset'.padEnd(40)}${['smaller', 'broken', 'ever over', 'samples over', 'vCPU saved'].map((name) => name.padStart(14)).join('')}`,
  );
  for (const { name, ...sums } of results) {
    const shares = [
      String(sums.smaller),
      percent(sums.broken, sums.smaller),
      percent(sums.over, sums.smaller),
      percent(sums.samplesOver, sums.samples, 2),
      percent(sums.saved, sums.vcpus),
    ];
    print(`${name.padEnd(40)}${shares.map((text) => text.padStart(14)).join('')}`);
  }
}

function percent(part: number, whole: number, digits = 1): string {
  return whole === 0 ? '-' : `${((part / whole) * 100).toFixed(digits)} %`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

print(
  'broken: machines made smaller whose second half was above the new size for more of its samples than the preset lets go',
);
const names = readdirSync(folder).sort();
if (!names.some((name) => PLANETLAB.test(name) || BITBRAINS.test(name))) {
  process.stderr.write(`There are no traces in ${folder}.\n`);
  process.exitCode = 1;
}
for (const name of names) {
  const file = join(folder, name);
  if (PLANETLAB.test(name)) await printFile(name, planetLab(file));
  else if (BITBRAINS.test(name)) await printFile(name, bitbrains(file, file.replace(/\.csv\.gz$/, '_vms.csv')));
}
