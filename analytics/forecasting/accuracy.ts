/**
 * Returns the symmetric mean absolute percentage error, 0 to 200, as the M4 competition defines it; a step at which both are 0 counts as 0.
 */
export function smape(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  let sum = 0;
  for (let step = 0; step < actual.length; step++) {
    const [is, was] = [actual[step] as number, forecast[step] as number];
    const size = Math.abs(is) + Math.abs(was);
    if (size > 0) sum += (200 * Math.abs(is - was)) / size;
  }
  return sum / actual.length;
}

/** Returns the mean absolute error of the seasonal naive forecast inside of the history, by which MASE is scaled; 0 where it is constant. */
export function naiveError(history: ArrayLike<number>, season: number): number {
  const lag = history.length > season ? season : 1;
  let sum = 0;
  for (let at = lag; at < history.length; at++) {
    sum += Math.abs((history[at] as number) - (history[at - lag] as number));
  }
  return history.length > lag ? sum / (history.length - lag) : 0;
}

/** Returns the mean absolute error in units of `naiveError(history, season)` (Hyndman and Koehler, 2006); `NaN` where that is 0. */
export function mase(
  actual: ArrayLike<number>,
  forecast: ArrayLike<number>,
  history: ArrayLike<number>,
  season: number,
): number {
  const scale = naiveError(history, season);
  let sum = 0;
  for (let step = 0; step < actual.length; step++) {
    sum += Math.abs((actual[step] as number) - (forecast[step] as number));
  }
  const error = sum / actual.length;
  if (scale > 0) return error / scale;
  return error === 0 ? 0 : Number.NaN;
}
