/** The orders of a seasonal ARIMA model; without `season` the last three are left out. */
export interface ArimaOrder {
  p: number;
  d: number;
  q: number;
  season?: { P: number; D: number; Q: number; rows: number };
}

/**
 * Models that others keep, given by whoever starts the program, since loading them reads files. Each returns the forecast of the next
 * `horizon` rows, or `undefined` when the model cannot be fitted to the values. They block: run them in a worker.
 */
export interface Engines {
  /** A decomposition by loess into seasons and a trend, which exponential smoothing continues (Bandara, Hyndman and Bergmeir, 2021). */
  mstl(values: Float64Array, seasons: readonly number[], horizon: number): Float64Array | undefined;
  /** Prophet (Taylor and Letham, 2018), a trend that bends and smooth seasons, each given in rows. */
  prophet(values: Float64Array, seasons: readonly number[], horizon: number): Float64Array | undefined;
  arima(values: Float64Array, order: ArimaOrder, horizon: number): Float64Array | undefined;
}
