/** What a baseline says of one row: what it expected from earlier rows, and how far off the row is, in usual deviations. */
export interface BaselineStep {
  expected: number;
  /** Signed; `undefined` while too little is known. */
  deviation: number | undefined;
  /** The same in deviations usual for its hour of the day: nights are calm and mornings are not. */
  ofHour: number | undefined;
}

const DAY_MS = 86_400_000;
/** Half-hours: fine enough for office hours, coarse enough to fill in a few days. Hourly and daily rows fill what they meet. */
const CLASSES_A_DAY = 48;
const CYCLES = [
  { lengthMs: DAY_MS, classes: 1, levelGain: 0.1 },
  { lengthMs: DAY_MS, classes: CLASSES_A_DAY, levelGain: 0.02 },
  { lengthMs: 7 * DAY_MS, classes: 7 * CLASSES_A_DAY, levelGain: 0.02 },
] as const;

/** A season is believed once its class was met this often and its error is this much smaller than that without. */
const LEAST_VISITS = 4;
const LEAST_GAIN = 0.95;
const FEWEST_ROWS = 11;

interface Candidate {
  level: number;
  seasonal: boolean;
  profile: Float64Array;
  visits: Uint32Array;
  error: number;
  lengthMs: number;
  levelGain: number;
}

/**
 * Returns a function that takes rows in time order and says what was expected of each from the rows before it. Three
 * forecasts run beside each other, a smoothed level and the level with a profile of the day or of the week, and the one with the
 * smaller recent error speaks (exponential smoothing with additive season, P. R. Winters, Management Science 6, 1960).
 * Updates are clipped at four usual deviations, so an outlier moves nothing much and a level shift is followed in some rows.
 */
export function createBaseline(): (atMs: number, value: number) => BaselineStep {
  const candidates: Candidate[] = CYCLES.map(({ lengthMs, classes, levelGain }) => ({
    level: 0,
    seasonal: classes > 1,
    profile: new Float64Array(classes),
    visits: new Uint32Array(classes),
    error: 0,
    lengthMs,
    levelGain,
  }));
  let rows = 0;
  let scale = 0;
  const hours = createHourScales();
  return (atMs, value) => {
    if (rows === 0) for (const candidate of candidates) candidate.level = value;
    const places = candidates.map((candidate) => placeOf(candidate, atMs));
    const expected = candidates.map(({ level, profile }, index) => level + (profile[places[index] ?? 0] ?? 0));
    const best = bestOf(candidates, places);
    const residual = value - (expected[best] ?? 0);
    const hour = Math.floor(((((atMs % DAY_MS) + DAY_MS) % DAY_MS) / DAY_MS) * 24);
    const hourScale = hours.scaleOf(hour, scale);
    const known = rows >= FEWEST_ROWS;
    const step = {
      expected: expected[best] ?? 0,
      deviation: known && scale > 0 ? residual / scale : undefined,
      ofHour: known && hourScale > 0 ? residual / hourScale : undefined,
    };
    const cap = scale > 0 ? 4 * scale : Math.abs(residual);
    scale = nextScale(scale, Math.abs(residual), cap, rows);
    hours.learn(hour, Math.min(Math.abs(residual), 8 * Math.max(hourScale, scale / 10)));
    candidates.forEach((candidate, index) => {
      learn(candidate, places[index] ?? 0, value - (expected[index] ?? 0), cap);
    });
    rows += 1;
    return step;
  };
}

function placeOf({ lengthMs, profile }: Candidate, atMs: number): number {
  const into = ((atMs % lengthMs) + lengthMs) % lengthMs;
  return Math.floor((into / lengthMs) * profile.length);
}

function bestOf(candidates: Candidate[], places: number[]): number {
  let best = 0;
  candidates.forEach(({ visits, error }, index) => {
    const known = (visits[places[index] ?? 0] ?? 0) >= LEAST_VISITS;
    if (known && error < (candidates[best]?.error ?? 0) * LEAST_GAIN) best = index;
  });
  return best;
}

/** The mean absolute residual, over all rows first and over some 200 later. */
function nextScale(scale: number, residual: number, cap: number, rows: number): number {
  if (rows < 5) return Math.max(scale, residual) + 1e-12;
  const gain = rows < 200 ? 1 / (rows + 1) : 0.005;
  return scale + gain * (Math.min(residual, 2 * cap) - scale) + 1e-12;
}

const LEAST_HOUR_ROWS = 10;
/** An hour's own scale counts half as much as that of all once it is known from so many rows. */
const HALF_TRUST_ROWS = 20;

/** The mean absolute residual of each hour of the day, mixed with that of all rows while it is known from few. */
function createHourScales() {
  const scales = new Float64Array(24);
  const rows = new Uint32Array(24);
  return {
    scaleOf(hour: number, ofAll: number): number {
      const count = rows[hour] ?? 0;
      if (count <= LEAST_HOUR_ROWS) return ofAll;
      const trust = count / (count + HALF_TRUST_ROWS);
      return ofAll * (1 - trust) + (scales[hour] ?? 0) * trust;
    },
    learn(hour: number, residual: number): void {
      const count = (rows[hour] ?? 0) + 1;
      rows[hour] = count;
      scales[hour] = (scales[hour] ?? 0) + Math.max(0.02, 1 / count) * (residual - (scales[hour] ?? 0));
    },
  };
}

function learn(candidate: Candidate, place: number, residual: number, cap: number): void {
  candidate.error += 0.003 * (Math.min(Math.abs(residual), 3 * cap) - candidate.error);
  const clipped = Math.max(-cap, Math.min(cap, residual));
  candidate.level += candidate.levelGain * clipped;
  if (!candidate.seasonal) return;
  const visits = (candidate.visits[place] ?? 0) + 1;
  candidate.visits[place] = visits;
  candidate.profile[place] = (candidate.profile[place] ?? 0) + Math.max(0.03, 1 / visits) * clipped;
}
