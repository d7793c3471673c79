/** How savings are measured. `version` is stored with each measurement; a change of any value raises it. */
export const SETTINGS = {
  version: '1',
  /** The newest days of a bill that may still change (nable waits one; AWS finalises usage within two). */
  unsettledDays: 2,
  /** Weeks before and after that are compared; whole ones, so that each weekday counts the same on both sides. */
  weeks: 4,
  /** Days after the change on which it is looked at again. */
  holdingDays: [30, 60, 90],
  /** The share of the measured saving below which a week counts as undone. */
  holdsFrom: 0.5,
  /** How far back a change may lie that an inventory noticed: one a week, and a day. */
  searchDays: 8,
  /** Hours of a month: 730, as AWS prices and recommendations count them. */
  monthDays: '30.4166666667',
} as const;
