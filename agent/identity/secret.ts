import { createHash, randomBytes } from 'node:crypto';

/** 32 random bytes as 43 characters that may stand in an address or a header. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * What is kept of a secret. A plain hash does: 32 random bytes cannot be guessed, and finding a row by it tells nobody anything
 * by the time it takes.
 */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
