import type { IncidentVerdict } from './incidents.ts';

/** Something that was said of an anomaly, or of a part of the bill beforehand. */
export interface Said {
  feedback: 'expected' | 'planned' | 'muted' | 'helpful' | 'wrong';
  /** What it holds for, by FOCUS names, `x_usage_type` and `tag:team`; a star stands for any text. */
  dimensions: Readonly<Record<string, string>>;
  /** First day of the anomaly it was said of; null for what was said beforehand. */
  startDate: string | null;
  /** Days `[fromDate, untilDate)`; without an end, for ever. */
  fromDate: string;
  untilDate: string | null;
  givenDate: string;
}

/** What of an anomaly decides whether somebody has said to expect it. */
export interface QuietQuestion {
  startDate: string;
  endDate: string;
  /** Those of its series, and those in which most of its change has one value. */
  dimensions: Readonly<Record<string, string>>;
  /** Whether the series itself has no dimensions. */
  isWhole: boolean;
  /** Usage types with their share of the change, in percent. */
  usageTypes: readonly { value: string; share: number }[];
  /** What was said of this very anomaly, the oldest first. */
  own: readonly Said[];
}

/** A usage type is what an anomaly is about from this share of its change on. */
const MOST_PERCENT = 50;

/**
 * Returns why nobody need be alerted to an anomaly, or null. What was said of it last counts; else what was planned or muted: planned holds
 * for what begins and ends within its days, muted for what is over, or was last seen, within them. What goes on longer is told after all.
 */
export function quietBecause(
  question: QuietQuestion,
  said: readonly Said[],
): Exclude<Said['feedback'], 'helpful'> | null {
  const last = question.own.at(-1);
  if (last?.feedback === 'expected' || last?.feedback === 'wrong') return last.feedback;
  for (const one of [...question.own, ...said]) {
    if (one.feedback !== 'planned' && one.feedback !== 'muted') continue;
    const isOwn = question.own.includes(one) && one.dimensions.x_usage_type === undefined;
    if (holdsDuring(one, question) && (isOwn || holdsFor(one, question))) return one.feedback;
  }
  return null;
}

function holdsDuring({ feedback, fromDate, untilDate }: Said, { startDate, endDate }: QuietQuestion): boolean {
  const begins = feedback === 'planned' ? startDate : endDate;
  return fromDate <= begins && (untilDate === null || endDate < untilDate);
}

function holdsFor(
  { feedback, startDate, dimensions }: Said,
  { dimensions: actual, isWhole, usageTypes }: QuietQuestion,
): boolean {
  const { x_usage_type: usageType, ...others } = dimensions;
  const fits = Object.entries(others).every(([name, wanted]) => {
    const value = actual[name];
    return value !== undefined && fitsPattern(wanted, value);
  });
  if (!fits) return false;
  // Whoever mutes the cost of the whole organisation has not muted everything in it; a plan for all of it is for everything.
  if (usageType === undefined)
    return Object.keys(others).length > 0 || isWhole || (feedback === 'planned' && startDate === null);
  const share = usageTypes
    .filter(({ value }) => fitsPattern(usageType, value))
    .reduce((sum, one) => sum + one.share, 0);
  return share >= MOST_PERCENT;
}

/** Whether a text is that of a pattern with stars for any text; case aside. */
export function fitsPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'is').test(text);
}

/** Returns the verdicts of what was said about one series: those that change its baseline. */
export function verdictsOf(said: readonly Said[]): IncidentVerdict[] {
  return said.flatMap(({ feedback, startDate, givenDate }): IncidentVerdict[] =>
    startDate !== null && (feedback === 'expected' || feedback === 'wrong')
      ? [{ startDate, verdict: feedback, date: givenDate }]
      : [],
  );
}
