import { createHash } from 'node:crypto';

/**
 * Returns the conversation of one person in one thread: always the same for the same three. In a thread where several people ask, each goes on
 * with what they were told themselves, which may be more than the others may know.
 */
export function threadIdOf(tenant: string, conversationId: string, userId: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['teams', tenant, conversationId, userId]))
    .digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
