const DAY_MS = 86_400_000;

/**
 * When a chance is news. Evidence is the natural logarithm of a row's chance, negated; from `line` on it is an anomaly. Chances of false
 * alerts add up over a long series, so beyond `settledRows` the line rises with `strictness` times the logarithm of the rows. One incident
 * is told once: after an anomaly a series is quiet for `quietDays` and that share of its age, and for `quietRows` at least.
 * Chosen on the series of the Numenta Anomaly Benchmark; see docs/anomalies.md.
 */
const SETTINGS = {
  line: 3.779,
  strictness: 0.64,
  settledRows: 2_900,
  quietDays: 0.4,
  quietRows: 10,
  quietShareOfAge: 0.025,
};

/** How much of a score is left while a series is quiet. */
const QUIET_FACTOR = 0.1;

/** Returns a function that turns the evidence of each row of a series into its score, 0.5 at the line. */
export function createQuiet(): (atMs: number, evidence: number) => number {
  let rows = 0;
  let beganMs = 0;
  let quietUntilRow = 0;
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  return (atMs, evidence) => {
    if (rows === 0) beganMs = atMs;
    rows += 1;
    const line = SETTINGS.line + Math.max(0, SETTINGS.strictness * Math.log(rows / SETTINGS.settledRows));
    const score = 1 / (1 + Math.exp(line - evidence));
    if (atMs < quietUntilMs || rows < quietUntilRow) return score * QUIET_FACTOR;
    if (evidence >= line) {
      quietUntilRow = rows + SETTINGS.quietRows;
      quietUntilMs = atMs + SETTINGS.quietDays * DAY_MS + SETTINGS.quietShareOfAge * (atMs - beganMs);
    }
    return score;
  };
}
