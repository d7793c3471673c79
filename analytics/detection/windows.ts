/** The last `capacity` numbers and what was pushed before them, addressed from the newest: `back(0)`. */
export interface Ring {
  push(value: number): void;
  /** The number pushed `rows` before the newest; `undefined` when there was none or it is gone. */
  back(rows: number): number | undefined;
  size: number;
}

export function createRing(capacity: number): Ring {
  const values = new Float64Array(capacity);
  let pushed = 0;
  return {
    size: 0,
    push(value) {
      values[pushed % capacity] = value;
      pushed += 1;
      this.size = Math.min(pushed, capacity);
    },
    back(rows) {
      return rows < this.size ? values[(pushed - 1 - rows) % capacity] : undefined;
    },
  };
}

/**
 * Returns a function that takes signed deviations and gives the size of their mean over the last `rows` (one row counts
 * by its inverse hyperbolic sine, so no single one decides); `undefined` while fewer are known.
 */
export function createRollingMean(rows: number): (deviation: number | undefined) => number | undefined {
  const ring = createRing(rows);
  let sum = 0;
  return (deviation) => {
    if (deviation === undefined) return undefined;
    if (ring.size === rows) sum -= ring.back(rows - 1) ?? 0;
    const damped = Math.asinh(deviation);
    ring.push(damped);
    sum += damped;
    return ring.size === rows ? Math.abs(sum) / rows : undefined;
  };
}

/**
 * Returns a function that takes values and gives the distance between the mean of the last `short` and that of the `long`
 * before them; `undefined` until both are full.
 */
export function createShift(short: number, long: number): (value: number) => number | undefined {
  const ring = createRing(short + long);
  let recent = 0;
  let before = 0;
  return (value) => {
    const leaving = ring.back(short - 1);
    const oldest = ring.back(short + long - 1);
    ring.push(value);
    recent += value - (leaving ?? 0);
    before += (leaving ?? 0) - (oldest ?? 0);
    return oldest === undefined ? undefined : Math.abs(recent / short - before / long);
  };
}

const LONG_ROWS = 3_000;
const FLOOR = 1e-3;

/**
 * Returns a function that takes values and gives how many times calmer the last `rows` steps are than is usual: a flat line where
 * there was noise, a machine that hangs; `undefined` for the first ones.
 */
export function createCalm(rows: number): (value: number) => number | undefined {
  const ring = createRing(rows);
  let sum = 0;
  let usual = 0;
  let seen = 0;
  let last: number | undefined;
  return (value) => {
    const step = last === undefined ? 0 : Math.abs(value - last);
    last = value;
    if (ring.size === rows) sum -= ring.back(rows - 1) ?? 0;
    ring.push(step);
    sum = Math.max(0, sum + step);
    const mean = sum / rows;
    const before = usual;
    const gain = seen < 2 * rows ? 1 / Math.max(1, seen) : 1 / Math.min(seen, LONG_ROWS);
    usual = seen === 0 ? mean : usual + gain * (mean - usual);
    seen += 1;
    return seen > 2 * rows ? (before + FLOOR) / (mean + FLOOR) : undefined;
  };
}
