import type { History } from './history.ts';

/** A window that many rows long is compared with every earlier one that begins at most this many rows before. */
export const LOOK_BACK_ROWS = 4_000;
/** A series of two years of days takes no more room than it needs. */
const SHORT_SERIES_ROWS = 1_024;

/**
 * Returns a function to call after each row was pushed onto `history`: the distance (root mean square) between the last `width`
 * rows and their nearest neighbour among earlier windows that do not overlap them; `undefined` before there are two. This is the left
 * matrix profile (C.-C. M. Yeh and others, "Matrix Profile I", ICDM 2016; the discord of E. Keogh and others, "HOT SAX",
 * ICDM 2005), not normalised, since the level matters. One running sum per lag makes it three operations per lag and row.
 */
export function createNearest(width: number, history: History): () => number | undefined {
  let sums = new Float64Array(SHORT_SERIES_ROWS);
  return () => {
    const { values, length } = history;
    const newest = length - 1;
    const furthest = Math.min(LOOK_BACK_ROWS, newest);
    if (furthest === SHORT_SERIES_ROWS && sums.length === SHORT_SERIES_ROWS) {
      const grown = new Float64Array(LOOK_BACK_ROWS + 1);
      grown.set(sums);
      sums = grown;
    }
    const value = values[newest] ?? 0;
    const gone = values[newest - width] ?? 0;
    let nearest = Number.POSITIVE_INFINITY;
    for (let lag = 1; lag <= furthest; lag++) {
      const difference = value - (values[newest - lag] as number);
      let sum = (sums[lag] as number) + difference * difference;
      if (newest - lag >= width) {
        const old = gone - (values[newest - lag - width] as number);
        sum -= old * old;
      }
      sums[lag] = sum;
      if (lag >= width && newest - lag >= width - 1 && sum < nearest) nearest = sum;
    }
    if (history.dropped + newest < 2 * width || nearest === Number.POSITIVE_INFINITY) return undefined;
    return Math.sqrt(Math.max(0, nearest) / width);
  };
}

const DAY_MS = 86_400_000;
const DAYS = 4;
const TOLERANCE_MS = 1_800_000;
const FEWEST_ROWS = 2;

/**
 * Returns a function to call after each row was pushed onto `history`: how far the newest value is from the nearest one of the
 * same time of day, half an hour more or less, on the four days before; `undefined` where fewer than two rows were then.
 */
export function createSameTimeOfDay(history: History): () => number | undefined {
  const starts = new Float64Array(DAYS);
  return () => {
    const { values, instantsMs, length, dropped } = history;
    const newest = length - 1;
    const at = instantsMs[newest] ?? 0;
    const value = values[newest] ?? 0;
    let nearest = Number.POSITIVE_INFINITY;
    let rows = 0;
    for (let day = 1; day <= DAYS; day++) {
      const target = at - day * DAY_MS;
      let index = Math.max(0, (starts[day - 1] ?? 0) - dropped);
      while (index < newest && (instantsMs[index] ?? 0) < target - TOLERANCE_MS) index++;
      starts[day - 1] = dropped + index;
      for (; index < newest && (instantsMs[index] ?? 0) <= target + TOLERANCE_MS; index++) {
        nearest = Math.min(nearest, Math.abs(value - (values[index] ?? 0)));
        rows += 1;
      }
    }
    return rows >= FEWEST_ROWS ? nearest : undefined;
  };
}
