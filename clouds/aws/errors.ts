import { PennyError } from '../../errors.ts';

const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'LimitExceededException',
  'SlowDown',
  'PriorRequestNotComplete',
  'BandwidthLimitExceeded',
]);

const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'UnauthorizedException',
  'AuthorizationError',
  'OptInRequired',
  'SubscriptionRequiredException',
]);

const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired']);

const NO_CREDENTIALS = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'AuthFailure',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
]);

/** Returns the name by which AWS, or the SDK, calls an error. */
export function nameOf(error: unknown): string {
  const code = Reflect.get(Object(error), 'Code') ?? Reflect.get(Object(error), 'name');
  return typeof code === 'string' ? code : 'Error';
}

/** Returns whether the credentials an error speaks of were good but are no longer. */
export function isExpired(error: unknown): boolean {
  return EXPIRED.has(nameOf(error));
}

/**
 * Returns what went wrong at AWS as Penny tells it: what was asked, where, and what a person can do. An answer that is none of
 * these troubles, such as that a thing is not there, is returned as it is.
 */
export function awsError(
  error: unknown,
  asked: { operation: string; accountId: string | null; region: string },
): unknown {
  if (error instanceof PennyError) return error;
  const { operation, accountId, region } = asked;
  const name = nameOf(error);
  const where = `${operation} in ${accountId === null ? '' : `account ${accountId}, `}${region}`;
  const details = { operation, accountId, region, reason: name };
  const fail = (code: 'cloud_denied' | 'cloud_unavailable', message: string) =>
    new PennyError(code, message, { details, cause: error });
  if (EXPIRED.has(name))
    return fail('cloud_denied', `The credentials expired at ${where}. Renew them, then run it again.`);
  if (NO_CREDENTIALS.has(name))
    return fail('cloud_denied', `There are no valid credentials for ${where} (${name}). See docs/aws.md.`);
  if (DENIED.has(name))
    return fail(
      'cloud_denied',
      `AWS denied ${where} (${name}). Give the role the policy that docs/aws.md names for it.`,
    );
  if (THROTTLED.has(name))
    return fail('cloud_unavailable', `AWS took no more calls of ${where} (${name}), also after waiting.`);
  if (isOutage(error)) return fail('cloud_unavailable', `AWS did not answer ${where} (${name}).`);
  return error;
}

/**
 * Whether AWS failed, could not be reached or gave what can't be read, as the page of a proxy; codes in capitals are those of
 * the system, such as ECONNREFUSED.
 */
function isOutage(error: unknown): boolean {
  const { $fault, $metadata, code, name } = Object(error);
  if ($fault === 'client') return false;
  return (
    $metadata?.httpStatusCode !== undefined ||
    name === 'TimeoutError' ||
    (typeof code === 'string' && /^E[A-Z_]+$/.test(code))
  );
}

/**
 * Returns why a part could not be read, when that is a trouble of this part alone; throws the error again when it is one of the
 * whole run, or of the program.
 */
export function gapReason(error: unknown): string {
  if (error instanceof PennyError && ['cloud_denied', 'cloud_unavailable'].includes(error.code)) return error.message;
  if (Object(error).$fault === 'client') return `AWS refused the question (${nameOf(error)}).`;
  throw error;
}
