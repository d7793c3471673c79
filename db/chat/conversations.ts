import type { Db } from '../client.ts';
import type { ChatSurface } from './inbox.ts';

/** Returns the places that a chat platform was heard from, over the table `chat_conversations`. */
export function createConversations<Reference extends object>(db: Db, surface: ChatSurface, now: () => Date) {
  return {
    /** What was said last of a place counts. */
    async remember(tenant: string, conversation: string, reference: Reference): Promise<void> {
      await db.pool.query({
        name: 'chat_conversations.remember',
        text: `INSERT INTO chat_conversations (surface, tenant, conversation, reference, seen_at) VALUES ($1, $2, $3, $4, $5)
          ON CONFLICT (surface, tenant, conversation) DO UPDATE SET reference = excluded.reference, seen_at = excluded.seen_at`,
        values: [surface, tenant, conversation, JSON.stringify(reference), now()],
      });
    },
    async forget(tenant: string, conversation: string): Promise<void> {
      await db.pool.query('DELETE FROM chat_conversations WHERE surface = $1 AND tenant = $2 AND conversation = $3', [
        surface,
        tenant,
        conversation,
      ]);
    },
    async find(tenant: string, conversation: string): Promise<Reference | undefined> {
      const { rows } = await db.pool.query<{ reference: Reference }>(
        'SELECT reference FROM chat_conversations WHERE surface = $1 AND tenant = $2 AND conversation = $3',
        [surface, tenant, conversation],
      );
      return rows[0]?.reference;
    },
  };
}
