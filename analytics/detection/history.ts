/** The last rows of a series, oldest first, in typed arrays that never grow beyond twice the capacity. */
export interface History {
  /** The values in `[0, length)`; the newest is at `length - 1`. */
  values: Float64Array;
  instantsMs: Float64Array;
  length: number;
  /** How many rows were dropped from the front, so that `dropped + index` counts rows of the whole series. */
  dropped: number;
}

/** Returns an empty history that always holds at least the last `capacity` rows. */
export function createHistory(capacity: number): History & { push(atMs: number, value: number): void } {
  const first = Math.min(1_024, 2 * capacity);
  return {
    values: new Float64Array(first),
    instantsMs: new Float64Array(first),
    length: 0,
    dropped: 0,
    push(atMs, value) {
      if (this.length === this.values.length) {
        if (this.length < 2 * capacity) grow(this, Math.min(2 * capacity, 2 * this.length));
        else drop(this, this.length - capacity);
      }
      this.values[this.length] = value;
      this.instantsMs[this.length] = atMs;
      this.length += 1;
    },
  };
}

function grow(history: History, size: number): void {
  const values = new Float64Array(size);
  const instantsMs = new Float64Array(size);
  values.set(history.values);
  instantsMs.set(history.instantsMs);
  Object.assign(history, { values, instantsMs });
}

function drop(history: History, count: number): void {
  history.values.copyWithin(0, count, history.length);
  history.instantsMs.copyWithin(0, count, history.length);
  history.length -= count;
  history.dropped += count;
}
