import type { DecimalText } from '../money.ts';

/** When a daily cost is a finding; see docs/anomalies.md for the sources of the figures. */
export interface CostDetectionSettings {
  /** The last days of the data, which the provider still completes, are not judged. AWS completes a day within 48 hours. */
  unsettledDays: number;
  /** Judged days a series needs first; three weeks hold each weekday three times. */
  leastHistoryDays: number;
  /** Unlikely: robust deviations from the expected cost. NudgeBee takes 3, nable 3.5 for "high"; residuals of cost have heavy tails. */
  leastDeviations: number;
  /** Relatively large: percent of the expected cost. NudgeBee and nable: 20. */
  leastPercent: number;
  /** Worth money: the excess over the days in a row that deviate, in the currency of the series. NudgeBee: 50. */
  leastImpact: DecimalText;
  /** A series that begins later than the data is a finding of its own kind from this cost on. OptimNow: 100. */
  leastNewCost: DecimalText;
  /** ... reached within so many days of its beginning. */
  newWithinDays: number;
  /** An incident closes after so many days in a row back at the expected cost, which is at most one deviation or half of `leastPercent` over it. NudgeBee: 2. */
  closeAfterDays: number;
  /** One that deviates again within so many days after its end goes on. NudgeBee: a cooldown of 3. */
  reopenWithinDays: number;
  /** A cost that has stayed for so many days is the new level: the incident closes and the baseline begins anew from it. */
  newLevelAfterDays: number;
  /** A slow rise is a finding from this many percent over its old course on, half of a day's, since it lasts and goes on. */
  leastDriftPercent: number;
  /** Whether a cost below what is expected is a finding too. */
  findDecreases: boolean;
}

export const COST_DETECTION_SETTINGS: CostDetectionSettings = {
  unsettledDays: 2,
  leastHistoryDays: 21,
  leastDeviations: 3.5,
  leastPercent: 20,
  leastImpact: '50',
  leastNewCost: '100',
  newWithinDays: 7,
  closeAfterDays: 2,
  reopenWithinDays: 3,
  newLevelAfterDays: 21,
  leastDriftPercent: 10,
  findDecreases: false,
};
