const DAY_MS = 86_400_000;

/** How the rows of a series follow each other, and where each stands. */
export interface Grid {
  /** The place of each row given, the first is 0; places without a row are gaps. */
  places: number[];
  /** How many places there are from the first row to the last. */
  length: number;
  /** The instant, or count, of a place, also of those to come. */
  at(place: number): number;
  /** Lengths of the seasons that rows so far apart may have, the shortest first; empty where nothing is known. */
  seasons: number[];
}

/** How many places without a row a series may have for each with one. */
const MOST_GAPS = 20;

/**
 * Returns the grid of rows that are in order and distinct: whole months (also quarters and years) where all fall on the same day of a month
 * or on its last, weekdays where five of seven days have rows, else steps of the most frequent distance. `isCount`: they are 1, 2, 3 and no
 * instants. Throws a RangeError where so few places have rows that there is no spacing.
 */
export function gridOf(instants: readonly number[], isCount: boolean): Grid {
  const grid = isCount
    ? stepsOf(instants, [])
    : (monthsOf(instants) ?? weekdaysOf(instants) ?? stepsOf(instants, SEASONS));
  if (grid.length > MOST_GAPS * instants.length + 1_000) {
    throw new RangeError('The timestamps are too irregular to tell how far apart rows are.');
  }
  return grid;
}

/** Milliseconds between rows, and the seasons that such rows may have: the day, the week, the year. */
const SEASONS: readonly (readonly [everyMs: number, seasons: readonly number[]])[] = [
  [300_000, [288]],
  [900_000, [96, 672]],
  [1_800_000, [48, 336]],
  [3_600_000, [24, 168]],
  [DAY_MS, [7, 365]],
  [7 * DAY_MS, [52]],
];

function stepsOf(instants: readonly number[], seasons: typeof SEASONS): Grid {
  const first = instants[0] ?? 0;
  const every =
    mostFrequent(instants.slice(1).map((instant, at) => instant - (instants[at] as number))) ??
    (seasons.length ? DAY_MS : 1);
  const places = instants.map((instant) => Math.round((instant - first) / every));
  return {
    places,
    length: (places.at(-1) ?? 0) + 1,
    at: (place) => first + place * every,
    seasons: [...(seasons.find(([ms]) => ms === every)?.[1] ?? [])],
  };
}

function monthsOf(instants: readonly number[]): Grid | undefined {
  const dates = instants.map((instant) => new Date(instant));
  const [first] = dates;
  if (first === undefined || dates.length < 2) return undefined;
  const timeMs = (instants[0] as number) % DAY_MS;
  const day = Math.max(...dates.map((date) => date.getUTCDate()));
  const fits = dates.every(
    (date) =>
      date.getTime() % DAY_MS === timeMs &&
      date.getUTCDate() === Math.min(day, daysIn(date.getUTCFullYear(), date.getUTCMonth())),
  );
  const months = dates.map((date) => date.getUTCFullYear() * 12 + date.getUTCMonth());
  const gaps = months.slice(1).map((month, at) => month - (months[at] as number));
  if (!fits || gaps.some((gap) => gap < 1)) return undefined;
  const start = months[0] as number;
  const every = gaps.reduce(commonDivisor);
  const places = months.map((month) => (month - start) / every);
  return {
    places,
    length: (places.at(-1) as number) + 1,
    at(place) {
      const month = start + place * every;
      const [year, ofYear] = [Math.floor(month / 12), month % 12];
      return Date.UTC(year, ofYear, Math.min(day, daysIn(year, ofYear))) + timeMs;
    },
    seasons: 12 % every === 0 && every < 12 ? [12 / every] : [],
  };
}

/** Days without Saturdays and Sundays, where three weeks show that these never have rows. */
function weekdaysOf(instants: readonly number[]): Grid | undefined {
  const first = instants[0] ?? 0;
  const timeMs = first % DAY_MS;
  const days = instants.map((instant) => Math.floor(instant / DAY_MS));
  const isWeekday = instants.every((instant, at) => instant % DAY_MS === timeMs && weekdayOf(days[at] as number) < 5);
  const gaps = days.slice(1).map((day, at) => day - (days[at] as number));
  if (!isWeekday || days.length < 15 || mostFrequent(gaps) !== 1) return undefined;
  const placeOf = (day: number) => Math.floor((day + MONDAY) / 7) * 5 + weekdayOf(day);
  const start = placeOf(days[0] as number);
  const places = days.map((day) => placeOf(day) - start);
  return {
    places,
    length: (places.at(-1) as number) + 1,
    at: (place) => (Math.floor((start + place) / 5) * 7 + ((start + place) % 5) - MONDAY) * DAY_MS + timeMs,
    seasons: [5],
  };
}

/** 1970-01-01 was a Thursday. */
const MONDAY = 3;
/** 0 for Monday. */
const weekdayOf = (day: number) => (((day + MONDAY) % 7) + 7) % 7;

const daysIn = (year: number, month: number) => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();

const commonDivisor = (one: number, other: number): number => (other === 0 ? one : commonDivisor(other, one % other));

/** The smallest of the most frequent numbers. */
function mostFrequent(numbers: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].sort(([one, often], [other, oftenToo]) => oftenToo - often || one - other)[0]?.[0];
}
