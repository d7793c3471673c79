export interface BucketLimits {
  /** Requests that may come at once. */
  burst: number;
  perSecond: number;
}

/** Keys remembered at most; the one unused longest is forgotten first, so that many addresses cannot fill the memory. */
const KEYS_MAX = 10_000;

/**
 * A function that takes one token of a key and returns the whole seconds to wait: 0 when the request may pass.
 * @param clockMs a clock that never goes back, in milliseconds
 */
export function tokenBuckets(limits: BucketLimits, clockMs: () => number): (key: string) => number {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (key) => {
    const now = clockMs();
    const known = buckets.get(key) ?? { tokens: limits.burst, at: now };
    const tokens = Math.min(limits.burst, known.tokens + ((now - known.at) / 1000) * limits.perSecond);
    buckets.delete(key);
    buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    if (buckets.size > KEYS_MAX) buckets.delete(buckets.keys().next().value ?? '');
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / limits.perSecond);
  };
}
