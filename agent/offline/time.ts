import { type PeriodContext, periodText, type ResolvedPeriod, resolvePeriod } from '../../tools/period.ts';
import type { Catalog } from './catalog.ts';
import type { CostInput } from './plan.ts';
import type { Slots } from './slots.ts';

export interface CallContext {
  catalog: Catalog;
  now: Date;
}

export const periodContext = ({ catalog, now }: CallContext): PeriodContext => ({
  now,
  dataThrough: catalog.dataThrough,
  dataFrom: catalog.dataFrom,
});

/**
 * The text that stands for a period in a tool's input: dates as 'YYYY-MM-DD..YYYY-MM-DD', a unit or a window by its own words
 * where they mean the same days again, so that what the words imply (a month to date, data that lies behind) stays known.
 */
export function periodInput(period: ResolvedPeriod, context: CallContext): string {
  if (period.kind === 'fixed' && /\d/.test(period.label)) return periodText(period);
  const again = understood(period.label, context).period;
  const same = again?.range.start === period.range.start && again.range.end === period.range.end;
  return same ? period.label : periodText(period);
}

/** A period as text with what it means, where it means anything. */
export interface ChosenPeriod {
  text: string;
  period?: ResolvedPeriod;
}

function understood(text: string, context: CallContext): ChosenPeriod {
  try {
    return { text, period: resolvePeriod(text, periodContext(context)) };
  } catch {
    // The tool says what is wrong with it; labels such as 'week 12' need not be readable.
    return { text };
  }
}

const DEFAULT_PERIOD = 'last 30 days';

/** Months shown where a question asks for months, quarters or years and names no period. */
const MONTHS_SHOWN: Partial<Record<string, number>> = { month: 6, quarter: 12 };

/** The period of a call: the one named, or one long enough to show what is asked. */
export function choosePeriod(slots: Slots, context: CallContext): ChosenPeriod {
  const named = slots.comparison?.current ?? slots.period?.period;
  const unit = slots.extreme?.unit ?? slots.unit ?? '';
  if (named) {
    // Months shown one by one are whole months; half of one at each end would read as a fall.
    const rolled = /^last (\d+) (months|quarters|years)$/.exec(named.label);
    if (rolled && (unit === 'month' || unit === 'quarter'))
      return understood(`last ${rolled[1]} full ${rolled[2]}`, context);
    return { text: periodInput(named, context), period: named };
  }
  if (slots.comparison?.before) return understood(`last ${slots.comparison.before}`, context);
  // A period that cannot be used still goes to the tool, which says what the data covers.
  const asked = slots.period?.text;
  if (asked) return { text: asked };
  const months = MONTHS_SHOWN[unit];
  const last = context.catalog.dataThrough;
  if (months !== undefined && last) return understood(`since ${monthsBefore(last, months - 1, context)}`, context);
  if (unit === 'week') return understood('last 12 weeks', context);
  if (unit === 'year') return understood('last 12 months', context);
  return understood(slots.flags.has('trend') ? 'last 90 days' : DEFAULT_PERIOD, context);
}

/** The first day of the month so many months earlier, but not before the data. */
function monthsBefore(day: string, months: number, { catalog }: CallContext): string {
  const [year = 0, month = 0] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 - months, 1)).toISOString().slice(0, 10);
  return catalog.dataFrom && first < catalog.dataFrom ? catalog.dataFrom : first;
}

function lengthOf(period: ResolvedPeriod | undefined): number {
  if (!period) return 30;
  return Math.round((Date.parse(period.range.end) - Date.parse(period.range.start)) / 86_400_000);
}

/** 'Were there any spikes' is answered by the days. */
export const asksSpikes = (slots: Slots): boolean =>
  slots.groups.length === 0 &&
  !slots.flags.has('why') &&
  slots.order === null &&
  slots.limit === null &&
  /\bspikes?\b/i.test(slots.reading.text);

/** Steps of a course over time: those named, or small enough to show a course and large enough to be read. */
export function chooseGranularity(
  slots: Slots,
  period: ResolvedPeriod | undefined,
): CostInput['granularity'] | undefined {
  const unit = slots.extreme?.unit ?? slots.unit;
  const days = lengthOf(period);
  if (slots.extreme?.unit === 'any') return days <= 62 ? 'day' : 'month';
  if (unit === 'year') return days > 366 ? 'quarter' : undefined;
  if (unit === 'day' && slots.flags.has('average') && !slots.extreme) return undefined;
  if (unit && unit !== 'any') return unit;
  if (asksSpikes(slots)) return 'day';
  if (!slots.flags.has('trend')) return undefined;
  return days <= 45 ? 'day' : days <= 190 ? 'week' : 'month';
}
