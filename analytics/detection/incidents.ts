import { addDecimals, compareDecimals, type DecimalText, subtractDecimals } from '../money.ts';
import { type CostBaseline, createCostBaseline } from './cost-baseline.ts';
import { COST_DETECTION_SETTINGS, type CostDetectionSettings } from './cost-settings.ts';
import { DAY_MS, dateAt } from './days.ts';

/** The cost of one series (an account, a service in a region, ...) on one day. A day without rows is absent, which is no zero. */
export interface CostDay {
  /** `YYYY-MM-DD`, UTC. */
  date: string;
  cost: DecimalText;
}

export interface CostSeries {
  /** In order of date, at most one a day, in one currency. */
  days: readonly CostDay[];
  /** The first and the last day that the data of the whole estate reach, by which one knows what is new and what is unsettled. */
  dataFrom: string;
  dataThrough: string;
  /** What people said of incidents of this series. */
  verdicts?: readonly IncidentVerdict[];
}

/** Somebody said on `date` that the incident around `startDate` is the level now (`expected`), or never was one (`wrong`). */
export interface IncidentVerdict {
  startDate: string;
  verdict: 'expected' | 'wrong';
  date: string;
}

/** A day of an incident: what it cost and what it was expected to, in cents. */
export interface IncidentDay extends CostDay {
  expectedCost: DecimalText;
}

/** One stretch of unexpected cost: the grain is an incident, not a day. */
export interface CostIncident {
  kind: 'increase' | 'decrease' | 'new' | 'drift';
  status: 'open' | 'closed';
  /** Why it is over: the cost came back, it stayed and is the level now, or somebody said so. */
  closedBecause: 'back_to_expected' | 'new_level' | 'verdict' | null;
  /** The settled day by which it was over; `null` while it is open. */
  closedDate: string | null;
  /** The first day that deviates, and the day by which it was unlikely, large and worth money together. */
  startDate: string;
  detectedDate: string;
  /** The last day that deviates. */
  endDate: string;
  /** How many days deviate. */
  days: number;
  /** Cost and expected cost of the days that deviate, and their difference: the cumulative impact; below 0 for a decrease. */
  cost: DecimalText;
  expectedCost: DecimalText;
  impact: DecimalText;
  /** The day with the greatest difference. */
  peakDate: string;
  peakCost: DecimalText;
  peakExpectedCost: DecimalText;
  /** How unlikely the peak is, in robust deviations, and how large, in percent of what was expected; `null` where nothing was. */
  peakDeviations: number | null;
  peakPercent: number | null;
  /** The days that deviate, in order. */
  byDay: IncidentDay[];
}

interface DatedDay extends CostDay {
  at: Date;
}

/** A day with what was expected of it. */
interface JudgedDay extends DatedDay {
  expected: number;
  /** Signed, in usual deviations and in percent of the expected cost; without any expected cost, infinitely many percent. */
  deviations: number;
  percent: number;
}

/** `expectedCost` is rounded to cents, which is what is shown and added up. */
interface DeviatingDay extends JudgedDay {
  expectedCost: DecimalText;
}

/** Days that deviate, which become an incident on the day they are worth money. */
interface Stretch {
  kind: CostIncident['kind'];
  days: DeviatingDay[];
  /** The days since that are back at the expected cost. */
  back: JudgedDay[];
  detectedDate: string | null;
  closedBecause: CostIncident['closedBecause'];
  closedDate: string | null;
  /** Whether somebody said that it never was an incident: then its days teach the baseline as others do. */
  isOrdinary: boolean;
}

/** What stood out is remembered from incidents no longer than this: an invoice or a batch, and no breakage. */
const MOST_RECURRING_DAYS = 2;

/**
 * Returns the incidents of one series, oldest first; of each day only it and earlier days are used, so a run on the next day finds the same
 * incidents, gone on. A finding is unlikely, relatively large and worth money, all three. While an incident runs its days teach the
 * baseline nothing: it is frozen, and the impact is counted against it. Throws a RangeError for days that are not in order.
 */
export function detectIncidents(
  series: CostSeries,
  settings: CostDetectionSettings = COST_DETECTION_SETTINGS,
): CostIncident[] {
  const lastSettled = Date.parse(series.dataThrough) - settings.unsettledDays * DAY_MS;
  const days = settledDays(series.days, lastSettled);
  const incidents: Stretch[] = [];
  let baseline = createCostBaseline();
  let stretch = isNewcomer(series, days, settings) ? stretchOf('new') : undefined;
  const end = () => {
    if (stretch !== undefined) baseline = afterStretch(stretch, baseline);
    stretch = undefined;
  };
  for (const day of days) {
    if (stretch !== undefined && isSilent(stretch, day.at.getTime(), settings)) end();
    const judged = judge(day, stretch?.kind === 'new' ? undefined : baseline);
    stretch ??= began(judged, baseline, incidents.at(-1), settings);
    if (stretch === undefined) {
      baseline.learn(day.at, Number(day.cost));
      continue;
    }
    take(stretch, judged, settings);
    heed(stretch, day.date, series.verdicts);
    if (stretch.detectedDate !== null && incidents.at(-1) !== stretch) incidents.push(stretch);
    if (isOver(stretch, settings)) end();
  }
  if (stretch !== undefined && isSilent(stretch, lastSettled + DAY_MS, settings)) end();
  return incidents.map(summarised);
}

function settledDays(days: readonly CostDay[], lastSettled: number): DatedDay[] {
  const dated = days.map(({ date, cost }) => ({ date, cost, at: dateAt(date) }));
  dated.forEach(({ date, at }, index) => {
    const before = dated[index - 1];
    if (before !== undefined && !(before.at < at)) throw new RangeError(`The days are not in order at ${date}.`);
  });
  return dated.filter(({ at }) => at.getTime() <= lastSettled);
}

/** Whether the series begins so long after the data do that its beginning is news; then nothing was expected of it. */
function isNewcomer({ dataFrom }: CostSeries, days: readonly DatedDay[], settings: CostDetectionSettings): boolean {
  const [first] = days;
  return first !== undefined && first.at.getTime() - Date.parse(dataFrom) >= settings.leastHistoryDays * DAY_MS;
}

const stretchOf = (kind: Stretch['kind']): Stretch => ({
  kind,
  days: [],
  back: [],
  detectedDate: null,
  closedBecause: null,
  closedDate: null,
  isOrdinary: false,
});

function judge(day: DatedDay, baseline: CostBaseline | undefined): JudgedDay {
  const { expected, deviation } = baseline?.expect(day.at) ?? { expected: 0, deviation: 1 };
  const excess = Number(day.cost) - expected;
  return {
    date: day.date,
    cost: day.cost,
    at: day.at,
    expected,
    deviations: excess / deviation,
    percent: expected === 0 ? Math.sign(excess) * Number.POSITIVE_INFINITY : (100 * excess) / Math.abs(expected),
  };
}

/** The stretch that a day begins or takes up again; `undefined` for a day like others, and while too little is known. */
function began(
  day: JudgedDay,
  baseline: CostBaseline,
  last: Stretch | undefined,
  settings: CostDetectionSettings,
): Stretch | undefined {
  if (baseline.days < settings.leastHistoryDays) return undefined;
  const kind = day.deviations > 0 ? 'increase' : 'decrease';
  if (kind === 'decrease' && !settings.findDecreases) return undefined;
  if (!isStrange(day, settings)) return undefined;
  if (last?.kind !== kind || last.closedBecause !== 'back_to_expected') return stretchOf(kind);
  const ended = last.days.at(-1)?.at.getTime() ?? 0;
  if (day.at.getTime() - ended > settings.reopenWithinDays * DAY_MS) return stretchOf(kind);
  last.closedBecause = null;
  last.closedDate = null;
  return last;
}

/** Unlikely and relatively large. */
function isStrange({ deviations, percent }: JudgedDay, settings: CostDetectionSettings): boolean {
  return Math.abs(deviations) >= settings.leastDeviations && Math.abs(percent) >= settings.leastPercent;
}

function isBack({ deviations, percent }: JudgedDay, kind: Stretch['kind'], settings: CostDetectionSettings): boolean {
  const side = kind === 'decrease' ? -1 : 1;
  return side * deviations <= 1 || side * percent <= settings.leastPercent / 2;
}

/** Adds a day to a stretch, and sets whether it is a finding or over by now. */
function take(stretch: Stretch, day: JudgedDay, settings: CostDetectionSettings): void {
  if (stretch.kind !== 'new' && isBack(day, stretch.kind, settings)) {
    stretch.back.push(day);
    if (stretch.back.length >= settings.closeAfterDays) close(stretch, 'back_to_expected', day.date);
    return;
  }
  stretch.back = [];
  stretch.days.push({ ...day, expectedCost: String(Math.round(day.expected * 100) / 100) });
  if (stretch.detectedDate === null && isWorthMoney(stretch, settings)) stretch.detectedDate = day.date;
  if (stretch.days.length >= settings.newLevelAfterDays) close(stretch, 'new_level', day.date);
}

function close(stretch: Stretch, because: NonNullable<Stretch['closedBecause']>, date: string): void {
  stretch.closedBecause ??= because;
  stretch.closedDate ??= date;
}

/** Takes in what somebody has said, from the day they said it on: the level is expected and the incident over, or its days are ordinary. */
function heed(stretch: Stretch, date: string, verdicts: readonly IncidentVerdict[] = []): void {
  const [first, last] = [stretch.days[0]?.date, stretch.days.at(-1)?.date];
  if (stretch.detectedDate === null || first === undefined || last === undefined) return;
  const said = verdicts.find((one) => one.date <= date && first <= one.startDate && one.startDate <= last);
  if (said === undefined) return;
  if (said.verdict === 'wrong') stretch.isOrdinary = true;
  else close(stretch, 'verdict', date);
}

function isWorthMoney({ kind, days }: Stretch, settings: CostDetectionSettings): boolean {
  const impact = impactOf(days);
  if (kind === 'increase') return compareDecimals(impact, settings.leastImpact) >= 0;
  if (kind === 'decrease') return compareDecimals(subtractDecimals('0', impact), settings.leastImpact) >= 0;
  return days.length <= settings.newWithinDays && compareDecimals(impact, settings.leastNewCost) >= 0;
}

/** A stretch that is no finding yet is over with the first day back; a new series, when it has cost little for long enough. */
function isOver(stretch: Stretch, settings: CostDetectionSettings): boolean {
  if (stretch.closedBecause !== null) return true;
  if (stretch.detectedDate !== null) return false;
  return stretch.kind === 'new' ? stretch.days.length >= settings.newWithinDays : stretch.back.length > 0;
}

/** Closes a stretch whose series has had no rows for more than `closeAfterDays`: what cost too much is gone. */
function isSilent(stretch: Stretch, beforeMs: number, settings: CostDetectionSettings): boolean {
  const last = stretch.back.at(-1) ?? stretch.days.at(-1);
  if (last === undefined) return false;
  const silentDays = (beforeMs - last.at.getTime()) / DAY_MS - 1;
  if (silentDays < settings.closeAfterDays) return false;
  close(stretch, 'back_to_expected', dateAfter(last.at, settings.closeAfterDays));
  return true;
}

const dateAfter = (at: Date, days: number): string => new Date(at.getTime() + days * DAY_MS).toISOString().slice(0, 10);

/** What the baseline learns when a stretch is over: a new level from its days alone, nothing from those of an incident, all else. */
function afterStretch(stretch: Stretch, baseline: CostBaseline): CostBaseline {
  const { days, back, detectedDate, closedBecause, kind } = stretch;
  if (closedBecause === 'new_level') return taught(createCostBaseline(), days);
  if (detectedDate === null || kind === 'new' || stretch.isOrdinary) return taught(taught(baseline, days), back);
  if (closedBecause === 'verdict') baseline.shift(days.map(excessOf));
  if (closedBecause === 'verdict') return taught(taught(baseline, days), back);
  if (days.length <= MOST_RECURRING_DAYS) {
    for (const day of days) baseline.remember(day.at, excessOf(day));
  }
  stretch.back = [];
  return taught(baseline, back);
}

function taught(baseline: CostBaseline, days: readonly DatedDay[]): CostBaseline {
  for (const { at, cost } of days) baseline.learn(at, Number(cost));
  return baseline;
}

const impactOf = (days: readonly IncidentDay[]): DecimalText =>
  subtractDecimals(addDecimals(...days.map(({ cost }) => cost)), addDecimals(...days.map((day) => day.expectedCost)));

const excessOf = ({ cost, expectedCost }: IncidentDay): number => Number(subtractDecimals(cost, expectedCost));

function summarised({ kind, days, detectedDate, closedBecause, closedDate }: Stretch): CostIncident {
  const peak = days.reduce((peak, day) => (Math.abs(excessOf(day)) > Math.abs(excessOf(peak)) ? day : peak));
  return {
    kind,
    status: closedBecause === null ? 'open' : 'closed',
    closedBecause,
    closedDate,
    startDate: days[0]?.date ?? peak.date,
    detectedDate: detectedDate ?? peak.date,
    endDate: days.at(-1)?.date ?? peak.date,
    days: days.length,
    cost: addDecimals(...days.map(({ cost }) => cost)),
    expectedCost: addDecimals(...days.map(({ expectedCost }) => expectedCost)),
    impact: impactOf(days),
    peakDate: peak.date,
    peakCost: peak.cost,
    peakExpectedCost: peak.expectedCost,
    peakDeviations: kind === 'new' ? null : Math.round(peak.deviations * 10) / 10,
    peakPercent: Number.isFinite(peak.percent) ? Math.round(peak.percent * 10) / 10 : null,
    byDay: days.map(({ date, cost, expectedCost }) => ({ date, cost, expectedCost })),
  };
}
