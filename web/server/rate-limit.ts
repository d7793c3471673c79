import type { FastifyRequest } from 'fastify';
import { type BucketLimits, tokenBuckets } from '../../agent/token-bucket.ts';
import { PennyError } from '../../errors.ts';

/** A page loads a handful of lists at a time; a script that pages through the log stays below this too. */
const API_LIMITS: BucketLimits = { burst: 200, perSecond: 50 };
/** Many people may share an address. What is tried is long and random, so this is about load and a log full of refusals. */
const SIGN_IN_LIMITS: BucketLimits = { burst: 60, perSecond: 1 };

/** A hook that lets a person send so many requests, wherever they come from. */
export const limitPerson = () => limit(API_LIMITS, ({ principal }) => principal.userId);

/** A hook that lets an address sign in, or fail to, so many times. */
export const limitSignIn = () => limit(SIGN_IN_LIMITS, ({ ip }) => ip);

function limit(limits: BucketLimits, keyOf: (request: FastifyRequest) => string) {
  const take = tokenBuckets(limits, () => performance.now());
  return async function limitHook(request: FastifyRequest): Promise<void> {
    const retryAfterSeconds = take(keyOf(request));
    if (retryAfterSeconds === 0) return;
    throw new PennyError('rate_limited', `Too many requests; try again in ${retryAfterSeconds} s.`, {
      details: { retryAfterSeconds },
    });
  };
}
