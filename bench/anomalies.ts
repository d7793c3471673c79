import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toAnomalies } from '../analytics/detection/anomalies.ts';
import type { FoundIncident } from '../analytics/detection/grouping.ts';
import type { Said } from '../analytics/detection/quiet.ts';
import { generateEstate } from '../clouds/demo/generate.ts';
import type { EventTruth, Truth } from '../clouds/demo/truth-shape.ts';
import { readConfig } from '../config.ts';
import { readCostSeries } from '../db/anomalies/series.ts';
import type { Db } from '../db/client.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { describeFreshness, type Freshness } from '../db/queries/freshness.ts';
import { inTransaction } from '../db/transaction.ts';
import { ANOMALY_SETTINGS, incidentsOf } from '../jobs/detect-anomalies.ts';
import { findCause } from '../jobs/find-causes.ts';
import { ingestBilling } from '../jobs/load-bills.ts';
import { log } from '../log.ts';
import { isAbout, isNamedRight, listedReason, serviceNames, worthOn } from './anomaly-truth.ts';
import { type Alert, daysBetween, walk } from './anomaly-walk.ts';

/**
 * Prints how detection does on demo estates, whose truth is known: walking through the settled days one after another, which planted anomalies
 * are told, when, with which cause, and what else is told. Each seed is another company's year; no setting is chosen by them. Then how long
 * 10,000 daily series of two years take.
 *
 *   npm run bench:anomalies -- --seeds 7,11,23 --days 225
 *
 * `--speed` prints the time alone. `--home DIR --truth FILE` walks through an estate that `penny demo --out` has loaded already.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '7,11,23' },
    days: { type: 'string', default: '225' },
    months: { type: 'string', default: '14' },
    home: { type: 'string' },
    truth: { type: 'string' },
    speed: { type: 'boolean', default: false },
  },
});
log.level = 'error';
const AIMS = { found: 95, named: 90, falseAWeek: 1, seconds: 60 };
const NOW = new Date('2026-11-24T09:00:00Z');

const print = (line = ''): void => void process.stdout.write(`${line}\n`);

interface Score {
  planted: number;
  found: number;
  inTime: number;
  named: number;
  others: number;
  listed: number;
  weeks: number;
  campaignUntold: number;
  campaignTold: number;
}

async function printEstates(): Promise<void> {
  const scores: Score[] = [];
  if (values.home !== undefined && values.truth !== undefined) {
    scores.push(await inHome(values.home, async () => JSON.parse(readFileSync(values.truth ?? '', 'utf8')) as Truth));
  } else {
    for (const seed of values.seeds.split(',').map(Number)) scores.push(await withEstate(seed));
  }
  printSummary(scores);
}

async function withEstate(seed: number): Promise<Score> {
  const folder = mkdtempSync(join(tmpdir(), 'penny-bench-'));
  try {
    return await inHome(join(folder, 'home'), async (db, config) => {
      const options = { now: NOW, seed, months: Number(values.months), scale: 1 };
      const made = await generateEstate({ ...options, folder: join(folder, 'estate') });
      try {
        await ingestBilling({ paths: [made.billingFolder], origin: 'demo', config, db, log, now: NOW });
        return made.truth;
      } finally {
        made.close();
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type TestConfig = ReturnType<typeof readConfig>;

async function inHome(home: string, load: (db: Db, config: TestConfig) => Promise<Truth>): Promise<Score> {
  const config: TestConfig = { ...readConfig(), PENNY_HOME: home, PENNY_DATABASE_URL: undefined };
  const { db, url, close } = await openDatabase(config, log);
  try {
    await migrateDatabase(url);
    return await scoreOf(db, await load(db, config));
  } finally {
    await close();
  }
}

async function scoreOf(db: Db, truth: Truth): Promise<Score> {
  const freshness = await describeFreshness(db);
  const { from, through } = truth.estate;
  const found = await findAll(db, { dataFrom: from, dataThrough: through });
  const settled = dateBefore(through, ANOMALY_SETTINGS.unsettledDays);
  const days = daysBetween(dateBefore(settled, Number(values.days)), settled);
  const causeOf = causes(db, freshness);
  const alerts = await walk(found, days, causeOf);
  const names = serviceNames(truth);
  const planted = truth.anomalies.filter((one) => worthOn(one) > (days[0] ?? '') && worthOn(one) < settled);
  const told = planted.map((event) => ({ event, alert: alerts.find((alert) => isAbout(alert, event, names)) }));
  const others = alerts.filter((alert) => !told.some((one) => one.alert === alert));
  const campaigns = others.filter((alert) =>
    truth.plannedEvents.some((event) => listedReason(alert, truth, names) === event.id),
  );
  const planToldAlerts = await walk(found, days, causeOf, truth.plannedEvents.map(asPlanned));
  const stillTold = planToldAlerts.filter((alert) =>
    truth.plannedEvents.some((event) => listedReason(alert, truth, names) === event.id),
  );
  print(
    `Seed ${truth.estate.seed}: ${found.length} incidents in ${new Set(found.map(({ seriesKey }) => seriesKey)).size} series, ${alerts.length} alerts in ${days.length - 1} days\n`,
  );
  const results = told.map(({ event, alert }) => printPlanted(event, alert, names));
  print('\n  what else was told');
  const listed = others.map((alert) => printOther(alert, listedReason(alert, truth, names)));
  print();
  return {
    ...{ planted: told.length, found: results.filter(({ isFound }) => isFound).length },
    ...{
      inTime: results.filter(({ isInTime }) => isInTime).length,
      named: results.filter(({ isNamed }) => isNamed).length,
    },
    ...{ others: others.length, listed: listed.filter(Boolean).length, weeks: (days.length - 1) / 7 },
    ...{ campaignUntold: campaigns.length, campaignTold: stillTold.length },
  };
}

async function findAll(db: Db, about: { dataFrom: string; dataThrough: string }): Promise<FoundIncident[]> {
  const found: FoundIncident[] = [];
  await inTransaction(db, async (client) => {
    for await (const series of readCostSeries(client, { from: about.dataFrom, rollups: true }))
      found.push(...incidentsOf(series, about));
  });
  return found;
}

function causes(db: Db, freshness: Freshness) {
  const tagKeys = [...freshness.allocationKeys].sort();
  return (anomaly: Parameters<typeof findCause>[1]) => findCause(db, anomaly, freshness, anomaly.endDate, tagKeys);
}

/** As if somebody had said beforehand that these days are planned, for everything. */
const asPlanned = ({ from, to }: EventTruth): Said => ({
  ...{ feedback: 'planned', dimensions: {}, startDate: null, fromDate: from, untilDate: to, givenDate: from },
});

function printPlanted(event: EventTruth, alert: Alert | undefined, names: ReadonlyMap<string, string>) {
  const worth = worthOn(event);
  const isInTime = alert !== undefined && alert.judgedThrough <= dateBefore(worth, -1);
  const isNamed = alert !== undefined && isNamedRight(alert, event, names);
  const told =
    alert === undefined
      ? 'not told'
      : `told by ${alert.judgedThrough}${isInTime ? '' : ' (late)'}, cause ${isNamed ? 'right' : 'not named in full'}`;
  print(`  ${event.id.padEnd(24)} ${event.from}, ${event.impact.padStart(8)}, worth 50 by ${worth}: ${told}`);
  return { isFound: alert !== undefined, isInTime, isNamed };
}

function printOther({ anomaly, judgedThrough, leads, causes: found }: Alert, reason: string | undefined): boolean {
  const [cause] = found.map((one) => one.cause);
  const about = Object.values(anomaly.dimensions).join(', ') || 'the whole organisation';
  const many = leads.length > 1 ? `, ${leads.length} together` : '';
  const parts = cause?.components[0];
  const why =
    reason ??
    `${parts?.component ?? 'unknown'}${cause?.newResources ? `, ${cause.newResources} resources first billed then` : ''}`;
  print(
    `  ${reason === undefined ? ' ' : '='} ${judgedThrough} ${anomaly.kind} ${anomaly.direction} ${about}${many}: ${why}`,
  );
  return reason !== undefined;
}

function printSummary(scores: readonly Score[]): void {
  const sum = (key: keyof Score) => scores.reduce((total, score) => total + score[key], 0);
  const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} percent`;
  const planted = sum('planted');
  print(`${scores.length} estates, ${planted} planted anomalies, ${sum('weeks').toFixed(0)} weeks`);
  print(`  told at all                          ${sum('found')} (${percent(sum('found'), planted)})`);
  print(
    `  within a settled day of being worth 50 ${sum('inTime')} (${percent(sum('inTime'), planted)}; aim ${AIMS.found})`,
  );
  print(
    `  cause named in full, of those told   ${sum('named')} (${percent(sum('named'), sum('found'))}; aim ${AIMS.named})`,
  );
  print(`  other alerts a week                  ${(sum('others') / sum('weeks')).toFixed(2)} (aim ${AIMS.falseAWeek})`);
  print(`    of them changes the truth lists    ${(sum('listed') / sum('weeks')).toFixed(2)}`);
  print(
    `  alerts to the planned campaign       ${sum('campaignUntold')}, and ${sum('campaignTold')} when it was said beforehand\n`,
  );
}

const SERIES = 10_000;
const DAYS = 730;
const DAY_MS = 86_400_000;

/** 10,000 series: weekly season, growth, noise of 2 to 30 percent; one in five with a spike, a step or a slow rise. */
function printSpeed(): void {
  const first = Date.parse('2024-11-01');
  const dates = Array.from({ length: DAYS }, (_, day) => new Date(first + day * DAY_MS).toISOString().slice(0, 10));
  const about = { dataFrom: dates[0] ?? '', dataThrough: dates.at(-1) ?? '' };
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const made = Array.from({ length: SERIES }, (_, index) => {
    const [level, growth, noise, at] = [
      10 + 990 * random(),
      0.001 * random(),
      0.02 + 0.28 * random() ** 3,
      60 + Math.floor(600 * random()),
    ];
    const days = dates.map((date, day) => {
      const usual =
        level * (day % 7 < 5 ? 1 : 0.7) * (1 + growth * day) * (1 + noise * (random() + random() + random() - 1.5));
      const more =
        index % 5 > 0 || day < at
          ? 0
          : index % 15 === 0
            ? day < at + 2
              ? 3
              : 0
            : index % 15 === 5
              ? 0.5
              : 0.01 * (day - at);
      return { date, cost: (usual + level * more).toFixed(2) };
    });
    const dimensions = { sub_account_id: String(index % 400), service_name: String(Math.floor(index / 400)) };
    return { key: String(index), dimensions, currency: 'USD', days };
  });
  const began = process.cpuUsage();
  const clock = performance.now();
  const found = made.flatMap((series) => incidentsOf(series, about));
  const detected = process.cpuUsage(began);
  const anomalies = toAnomalies(found, new Map());
  const all = process.cpuUsage(began);
  const cpu = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1e6;
  const leads = anomalies.filter(({ role, parentId }) => role === 'lead' && parentId === null).length;
  print(
    `${SERIES} daily series of ${DAYS} days: detected in ${cpu(detected).toFixed(1)} s, grouped in ${(cpu(all) - cpu(detected)).toFixed(1)} s of one core`,
  );
  print(
    `  ${((performance.now() - clock) / 1000).toFixed(1)} s on the clock (aim ${AIMS.seconds}); ${found.length} incidents, ${leads} anomalies`,
  );
}

function dateBefore(date: string, days: number): string {
  return new Date(Date.parse(date) - days * DAY_MS).toISOString().slice(0, 10);
}

if (!values.speed) await printEstates();
printSpeed();
