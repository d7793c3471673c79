import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createDetector } from '../analytics/detection/detector.ts';
import { detectIncidents } from '../analytics/detection/incidents.ts';
import { packageRoot } from '../config.ts';
import { bestThreshold, NAB_PROFILES, nabScore, type ScoredSeries } from './nab-score.ts';

/**
 * Prints how the detector does on the Numenta Anomaly Benchmark, at one threshold for all series, beside the published scoreboard,
 * and how long 10,000 daily series of two years take. The folder with the data is the argument, or `../shared/data/nab`:
 * combined_windows.json, data/<name>.csv.gz and scoreboard_dev41.csv. `--each` adds a line for each series.
 */
const folder =
  process.argv.slice(2).find((argument) => !argument.startsWith('--')) ??
  join(packageRoot, '..', 'shared', 'data', 'nab');

interface Series extends ScoredSeries {
  name: string;
}

function printScores(): void {
  const began = performance.now();
  const series = readSeries();
  const rows = series.reduce((sum, { scores }) => sum + scores.length, 0);
  const seconds = (performance.now() - began) / 1_000;
  const [standard] = NAB_PROFILES;
  if (standard === undefined) return;
  // A threshold chosen on one half is judged on the other; evidence and weights were chosen with both in view.
  const halves = [0, 1].map((half) => series.filter((_, index) => index % 2 === half));
  const { threshold } = bestThreshold(series, standard);
  const scores = (of: readonly ScoredSeries[], at: number) =>
    NAB_PROFILES.map((profile) => nabScore(of, at, profile).toFixed(2).padStart(8)).join('');
  print(
    `${series.length} series, ${rows} rows, ${seconds.toFixed(1)} s (${Math.round(rows / seconds)} rows a second)\n`,
  );
  print(`${'detector'.padEnd(34)}${['standard', ' low FP', '  low FN'].map((name) => name.padStart(8)).join('')}`);
  const board = published();
  const ours = { name: `penny, at ${threshold.toFixed(4)}`, line: scores(series, threshold) };
  for (const { name, line } of [...board, ours].sort(
    (a, b) => Number(b.line.slice(0, 8)) - Number(a.line.slice(0, 8)),
  )) {
    print(`${name.padEnd(34)}${line}`);
  }
  print(`\n${'penny at its own line, 0.5'.padEnd(34)}${scores(series, 0.5)}`);
  halves.forEach((half, index) => {
    const other = bestThreshold(halves[1 - index] ?? [], standard).threshold;
    print(`${(index === 0 ? 'series at even places' : 'series at odd places').padEnd(34)}${scores(half, 0.5)}  at 0.5`);
    print(`${"  at the other half's best".padEnd(34)}${scores(half, other)}  at ${other.toFixed(4)}`);
  });
  if (process.argv.includes('--each')) {
    for (const one of series)
      print(`${one.name.padEnd(60)}${one.windows.length ? nabScore([one], threshold, standard).toFixed(1) : '-'}`);
  }
}

function readSeries(): Series[] {
  const windows = JSON.parse(readFileSync(join(folder, 'combined_windows.json'), 'utf8')) as Record<
    string,
    [string, string][]
  >;
  return Object.entries(windows)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, bounds]) => {
      const lines = gunzipSync(readFileSync(join(folder, 'data', `${name}.gz`)))
        .toString()
        .trim()
        .split(/\r?\n/)
        .slice(1);
      const rows = lines.map((line) => line.split(',') as [string, string]);
      const detect = createDetector();
      const detections = rows.map(([at, value]) => detect(Date.parse(`${at.replace(' ', 'T')}Z`), Number(value)));
      const instants = rows.map(([at]) => at);
      return {
        name,
        scores: detections.map(({ score }) => score),
        windows: bounds.map(([left, right]) => [
          instants.indexOf(left.slice(0, 19)),
          instants.indexOf(right.slice(0, 19)),
        ]),
      };
    });
}

/** The published detectors on the same series, each at the threshold it was published with. */
function published(): { name: string; line: string }[] {
  const file = join(folder, 'scoreboard_dev41.csv');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','))
    .filter(([, subset]) => subset === 'REST')
    .map(([name = '', , , , ...values]) => ({
      name,
      line: values
        .slice(0, 3)
        .map((value) => Number(value).toFixed(2).padStart(8))
        .join(''),
    }));
}

/** Times a thousand made series, of which every tenth has a week of double cost in its second year. */
function printSpeed(): void {
  const costs = Array.from({ length: MEASURED_SERIES }, (_, index) =>
    Array.from({ length: DAYS }, (_, day) => {
      const weekend = day % 7 < 2 ? 0.6 : 1;
      const broken = index % 10 === 0 && day >= 600 && day < 607 ? 2 : 1;
      return 100 * weekend * broken * (1 + 0.05 * Math.sin(index + day * 12.9898)) + day / 10;
    }),
  );
  timed('scored', () => {
    for (const series of costs) {
      const detect = createDetector();
      for (const [day, cost] of series.entries()) detect(day * DAY_MS, cost);
    }
  });
  const dates = Array.from({ length: DAYS }, (_, day) => new Date(day * DAY_MS).toISOString().slice(0, 10));
  const [dataFrom = '', dataThrough = ''] = [dates[0], dates.at(-1)];
  let incidents = 0;
  timed('searched for incidents', () => {
    for (const series of costs) {
      const days = series.map((cost, day) => ({ date: dates[day] ?? '', cost: cost.toFixed(2) }));
      incidents += detectIncidents({ days, dataFrom, dataThrough }).length;
    }
  });
  print(`  incidents found in ${MEASURED_SERIES}: ${incidents} (${MEASURED_SERIES / 10} planted)`);
}

const DAY_MS = 86_400_000;
const DAYS = 730;
const MEASURED_SERIES = 1_000;
const PROMISED_SERIES = 10_000;
const LIMIT_SECONDS = 60;
const CORES = 2;

/** Prints the time of the processor, which does not depend on what else the machine does. */
function timed(what: string, work: () => void): void {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  const seconds = ((user + system) / 1e6) * (PROMISED_SERIES / MEASURED_SERIES);
  print(
    `10,000 daily series of two years ${what}: ${seconds.toFixed(1)} s of processor, ` +
      `${((seconds / CORES / LIMIT_SECONDS) * 100).toFixed(0)} percent of the limit of ${LIMIT_SECONDS} s on ${CORES} cores`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (existsSync(folder)) printScores();
else process.stderr.write(`No benchmark data in ${folder}; name its folder: npm run bench:nab -- FOLDER\n`);
printSpeed();
