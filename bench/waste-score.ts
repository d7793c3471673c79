import type { Truth } from '../clouds/demo/truth-shape.ts';
import type { Recommendation } from '../db/queries/recommendations.ts';

/** How far recommendations hit what is planted in an estate. Amounts are USD of a month of 730 hours; what is compared is rough enough for floats. */
export interface WasteScore {
  planted: number;
  /** Of `planted`: a recommendation of the check that is planted for, on the resource. */
  found: number;
  recommended: number;
  /** Of `recommended`: about a resource, or by a check, that nothing is planted for. */
  wrong: number;
  /** Of `recommended`: on what is planted, but more than the plan would save, such as a size smaller still. */
  beyond: number;
  decoys: string[];
  spend: number;
  byCheck: Map<string, CheckScore>;
}

export interface CheckScore {
  planted: number;
  found: number;
  wrong: number;
}

const MONTH_HOURS = 730;

/**
 * Scores the recommendations about use against the truth of the demo estate. One that gives way to a larger one counts as found,
 * for the larger one takes its charges along, and not as recommended.
 */
export function scoreWaste(truth: Truth, recommendations: readonly Recommendation[]): WasteScore {
  const usage = recommendations.filter(({ kind }) => kind === 'usage');
  const counted = usage.filter(({ alternativeTo }) => alternativeTo === null);
  const scale = scaleOf(truth.wasteMonth);
  const found = new Map(usage.map((one) => [keyOf(one.checkId, one.subject), Number(one.estimatedMonthlySavings)]));
  const planted = new Map(
    truth.waste.map((one) => [keyOf(one.check, one.resourceId), Number(one.expectedSaving) * scale]),
  );
  const byCheck = new Map<string, CheckScore>();
  const of = (check: string): CheckScore => {
    const known = byCheck.get(check) ?? { planted: 0, found: 0, wrong: 0 };
    byCheck.set(check, known);
    return known;
  };
  for (const { check, resourceId } of truth.waste) {
    const expected = planted.get(keyOf(check, resourceId)) ?? 0;
    of(check).planted += expected;
    of(check).found += Math.min(expected, found.get(keyOf(check, resourceId)) ?? 0);
  }
  let beyond = 0;
  for (const { checkId, subject, estimatedMonthlySavings } of counted) {
    const expected = planted.get(keyOf(checkId, subject));
    if (expected === undefined) of(checkId).wrong += Number(estimatedMonthlySavings);
    else beyond += Math.max(0, Number(estimatedMonthlySavings) - expected);
  }
  const decoys = new Set(truth.decoys.map(({ check, resourceId }) => keyOf(check, resourceId)));
  const month = truth.totals.find(({ month: id }) => id === truth.wasteMonth);
  const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
  return {
    planted: sum(planted.values()),
    found: sum([...byCheck.values()].map((one) => one.found)),
    recommended: sum(counted.map(({ estimatedMonthlySavings }) => Number(estimatedMonthlySavings))),
    wrong: sum([...byCheck.values()].map((one) => one.wrong)),
    beyond,
    decoys: counted
      .filter(({ checkId, subject }) => decoys.has(keyOf(checkId, subject)))
      .map(({ checkId, subject }) => `${checkId} ${subject}`),
    spend: Number(month?.amortized ?? 0) * scale,
    byCheck,
  };
}

const keyOf = (check: string, resourceId: string): string => `${check} ${resourceId}`;

/** From a calendar month to one of 730 hours. */
function scaleOf(month: string): number {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return MONTH_HOURS / (24 * new Date(Date.UTC(year, number, 0)).getUTCDate());
}
