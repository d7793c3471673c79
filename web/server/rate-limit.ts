import type { FastifyRequest } from 'fastify';
import { PennyError } from '../../errors.ts';
import { type BucketLimits, tokenBuckets } from './token-bucket.ts';

/** A page loads a handful of lists at a time; a script that pages through the log stays below this too. */
const API_LIMITS: BucketLimits = { burst: 200, perSecond: 20 };
/** A question may cost model money and database time: a person asks a few a minute, a script one a second. */
const ASK_LIMITS: BucketLimits = { burst: 60, perSecond: 1 };

/** A hook that lets an address send so many requests to the API. */
export const limitRequests = () => limit(API_LIMITS);

/** A hook that lets an address ask so many questions. */
export const limitAsking = () => limit(ASK_LIMITS);

function limit(limits: BucketLimits) {
  const take = tokenBuckets(limits, () => performance.now());
  return async function limitHook(request: FastifyRequest): Promise<void> {
    const retryAfterSeconds = take(request.ip);
    if (retryAfterSeconds === 0) return;
    throw new PennyError('rate_limited', `Too many requests; try again in ${retryAfterSeconds} s.`, {
      details: { retryAfterSeconds },
    });
  };
}
