import { createQuiet } from './alerting.ts';
import { type BaselineStep, createBaseline } from './baseline.ts';
import { createHistory } from './history.ts';
import { createNearest, createSameTimeOfDay, LOOK_BACK_ROWS } from './neighbours.ts';
import { createScale } from './scale.ts';
import { createTail } from './tail.ts';
import { createCalm, createRollingMean, createShift } from './windows.ts';

/** What a detector says of one row, from that row and earlier ones alone. */
export interface Detection {
  /** What the row was expected to be, in the unit of its values. */
  expected: number;
  /** 0..1; 0.5 and more is an anomaly. Rows of an incident that was just told score low: the score is news, not strangeness. */
  score: number;
  anomaly: boolean;
}

/** Takes the rows of one series in the order they come; never looks at a clock. `atMs` is the row's instant. */
export type Detector = (atMs: number, value: number) => Detection;

/** The score from which a row is an anomaly. */
export const ANOMALY_SCORE = 0.5;

const LONGEST_WINDOW_ROWS = 48;

/**
 * Returns a detector for one series. Every kind of evidence says how large something is (a residual, a shift, the distance to what was
 * there before), its own past turns that into a chance, and the harmonic mean of the chances, which allows for evidence that depends on
 * each other, is the chance of the row (D. J. Wilson, "The harmonic mean p-value", PNAS 116, 2019).
 */
export function createDetector(): Detector {
  const baseline = createBaseline();
  const scale = createScale();
  const evidence = createEvidence();
  const tails = WEIGHT.map(() => createTail());
  const quiet = createQuiet();
  return (atMs, value) => {
    const step = baseline(atMs, value);
    const sizes = evidence(atMs, scale(value), step);
    let odds = 0;
    for (let index = 0; index < tails.length; index++) {
      odds += (WEIGHT[index] ?? 0) * Math.exp(tails[index]?.(sizes[index]) ?? 0);
    }
    const score = quiet(atMs, Math.log(odds / TOTAL_WEIGHT));
    return { expected: step.expected, score, anomaly: score >= ANOMALY_SCORE };
  };
}

/**
 * How much each kind of evidence counts, in the order in which `createEvidence` gives them. The three that look at the deviation
 * from the baseline say much the same and share a weight; the windows of 48 rows stand for two kinds of shape each.
 */
const WEIGHTS = {
  deviation: 0.5,
  mean6: 0.5,
  mean24: 0.5,
  sameTime: 1,
  shift24: 1,
  shift96: 1,
  calm48: 2,
  nearest4: 1,
  nearest48: 2,
};
const WEIGHT = Object.values(WEIGHTS);
const TOTAL_WEIGHT = WEIGHT.reduce((sum, weight) => sum + weight, 0);

/** The kinds of evidence, each a size of at least 0 or `undefined` for none. Windows are in rows. */
function createEvidence() {
  const history = createHistory(LOOK_BACK_ROWS + LONGEST_WINDOW_ROWS + 1);
  const mean6 = createRollingMean(6);
  const mean24 = createRollingMean(24);
  const sameTimeOfDay = createSameTimeOfDay(history);
  const sameTime = createRollingMean(12);
  const shift24 = createShift(24, 96);
  const shift96 = createShift(96, 288);
  const calm48 = createCalm(48);
  const nearest4 = createNearest(4, history);
  const nearest48 = createNearest(LONGEST_WINDOW_ROWS, history);
  return (atMs: number, scaled: number, { deviation, ofHour }: BaselineStep): (number | undefined)[] => {
    history.push(atMs, scaled);
    return [
      ofHour,
      mean6(deviation),
      mean24(deviation),
      sameTime(sameTimeOfDay()),
      shift24(scaled),
      shift96(scaled),
      calm48(scaled),
      nearest4(),
      nearest48(),
    ];
  };
}
