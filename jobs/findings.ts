import type { AnyCheck, AnyCommitmentCheck, Recommend } from '../analytics/rightsizing/check.ts';
import { alternatives } from '../analytics/rightsizing/deduplicate.ts';
import type { Estimate } from '../analytics/rightsizing/estimate.ts';
import type { BillWindow } from '../analytics/rightsizing/evidence.ts';
import { daysBefore } from '../db/queries/freshness.ts';
import type { AliveRecommendation, Finding } from '../db/recommendations/store.ts';
import { isProtectedBy } from './apply-remediations.ts';

/** What a finding is about. */
export interface About {
  subject: string;
  resourceId: string | null;
  subAccountId: string | null;
  serviceName: string | null;
  regionId: string | null;
  tags: Readonly<Record<string, string>>;
}

/** A recommendation with what it rests on. */
export interface Judged {
  check: AnyCheck | AnyCommitmentCheck;
  kind: Finding['kind'];
  settings: Readonly<Record<string, number | string>>;
  about: About;
  /** The longest window of metrics looked at; 0 for none. */
  windowDays: number;
  bill: BillWindow;
  verdict: Recommend;
  estimate: Estimate;
}

export const keyOf = (checkId: string, subject: string): string => `${checkId}\n${subject}`;

/** Returns what to store of what was judged: of findings that claim the same charges all but one are marked as its alternatives. */
export function toFindings(
  judged: readonly Judged[],
  alive: readonly AliveRecommendation[],
  options: { now: Date; protectedTags: readonly string[] },
): Finding[] {
  const today = options.now.toISOString().slice(0, 10);
  const dismissed = new Set(
    alive
      .filter(
        ({ state, dismissedUntil }) => state === 'dismissed' && (dismissedUntil === null || dismissedUntil > today),
      )
      .map(({ checkId, subject }) => keyOf(checkId, subject)),
  );
  const given = alternatives(
    judged.map(({ check, about, verdict, estimate }) => {
      const key = keyOf(check.id, about.subject);
      const { currency, monthly, claims } = estimate;
      const { risk, effort } = verdict;
      return { key, currency, monthly, claims, risk, effort, isDismissed: dismissed.has(key) };
    }),
  );
  return judged.map((one) => {
    const [checkId, subject] = given.get(keyOf(one.check.id, one.about.subject))?.split('\n') ?? [];
    const alternativeTo = checkId === undefined || subject === undefined ? null : { checkId, subject };
    return toFinding(one, { ...options, alternativeTo });
  });
}

function toFinding(
  { check, kind, settings, about, windowDays, bill, verdict, estimate }: Judged,
  {
    now,
    protectedTags,
    alternativeTo,
  }: Pick<Finding, 'alternativeTo'> & { now: Date; protectedTags: readonly string[] },
): Finding {
  const { tags, ...subject } = about;
  const { action, title, measured, rule, notes, risk, effort } = verdict;
  const today = now.toISOString().slice(0, 10);
  const window = windowDays > 0 ? { start: daysBefore(today, windowDays), end: daysBefore(today, -1) } : bill;
  return {
    ...{ checkId: check.id, checkVersion: check.version, kind, title, action, settings, ...subject },
    evidence: { measured, rule, notes, bill, parts: estimate.parts },
    ...{ windowStart: window.start, windowEnd: window.end },
    billingCurrency: estimate.currency,
    estimatedMonthlySavings: estimate.monthly,
    listMonthlySavings: estimate.listMonthly,
    coveredMonthlySavings: estimate.coveredMonthly,
    basis: basisOf(estimate, bill),
    ...{ risk, effort },
    owner: tagOf(tags, OWNER_TAGS),
    environment: tagOf(tags, ENVIRONMENT_TAGS),
    isProtected: isProtectedBy(protectedTags, tags),
    alternativeTo,
  };
}

function basisOf({ parts, coveredMonthly }: Estimate, { start, end, days }: BillWindow): string {
  if (parts.length === 0) return 'It saves nothing by itself; the notes say what it is good for.';
  const prices = [...new Set(parts.flatMap((part) => part.prices.map(({ source, date }) => `${source} of ${date}`)))];
  const whys = [...new Set(parts.map(({ why }) => why))];
  return [
    `Charges of ${days} settled days, ${start} to ${daysBefore(end, 1)}, for a month of 730 hours: ${whys.join('; ')}.`,
    ...(prices.length === 0 ? [] : [`Sizes are compared at list prices (${prices.join(', ')}).`]),
    ...(coveredMonthly === '0'
      ? []
      : ['A commitment pays for a part; that part is saved only when something else uses the commitment then.']),
  ].join(' ');
}

const OWNER_TAGS = ['owner', 'team'];
const ENVIRONMENT_TAGS = ['environment', 'env', 'stage'];

/** Returns the value of the first of these tags that is there, whatever the case of its key. */
function tagOf(tags: Readonly<Record<string, string>>, keys: readonly string[]): string | null {
  for (const key of keys) {
    const found = Object.entries(tags).find(([name, value]) => name.toLowerCase() === key && value.trim() !== '');
    if (found !== undefined) return found[1];
  }
  return null;
}
