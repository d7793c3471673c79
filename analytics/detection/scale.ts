const MOST_ROWS = 4_000;
/** A median of normal noise's absolute deviations is 1/1.4826 of its standard deviation. */
const MAD_TO_DEVIATION = 1.4826;

/**
 * Returns a function that gives each value as its distance from the median of the last 4,000 in robust deviations, damped
 * by the inverse hyperbolic sine: linear near the median, logarithmic far off, so that spikes of any size stay comparable. Median and
 * deviation are taken anew with every row at first, later with every 4th, 64th, and 256th.
 */
export function createScale(): (value: number) => number {
  let recent = new Float64Array(512);
  let length = 0;
  let rows = 0;
  let center = 0;
  let deviation = 1;
  return (value) => {
    if (length === 2 * MOST_ROWS) {
      recent.copyWithin(0, MOST_ROWS, length);
      length = MOST_ROWS;
    } else if (length === recent.length) {
      const grown = new Float64Array(Math.min(2 * MOST_ROWS, 2 * length));
      grown.set(recent);
      recent = grown;
    }
    recent[length++] = value;
    if (rows < 16 || rows % (rows < 64 ? 4 : rows < 2_000 ? 64 : 256) === 0) {
      [center, deviation] = centerOf(recent.slice(Math.max(0, length - MOST_ROWS), length));
    }
    rows += 1;
    return Math.asinh((value - center) / deviation);
  };
}

/** Median and robust deviation; where most values are equal, the mean deviation; where all are, a hundredth of the value. */
function centerOf(values: Float64Array): [number, number] {
  const middle = values.length >> 1;
  const center = values.sort()[middle] ?? 0;
  const distances = values.map((value) => Math.abs(value - center)).sort();
  const robust = (distances[middle] ?? 0) * MAD_TO_DEVIATION;
  if (robust > 0) return [center, robust];
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  return [center, mean || Math.abs(center) / 100 || 1e-9];
}
