import { jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';
import { CHANNEL_SURFACES } from './notifications.ts';

export const chatConversations = describe(
  pgTable(
    'chat_conversations',
    {
      surface: text({ enum: CHANNEL_SURFACES }).notNull(),
      tenant: text().notNull(),
      conversation: text().notNull(),
      reference: jsonb().$type<Record<string, unknown>>().notNull(),
      seenAt: instant().notNull().defaultNow(),
    },
    (table) => [
      primaryKey({ name: 'chat_conversations_pkey', columns: [table.surface, table.tenant, table.conversation] }),
      oneOf('chat_conversations_surface', table.surface, CHANNEL_SURFACES),
    ],
  ),
  'Where a chat platform lets Penny write by itself: channels, groups and chats with one person that it was heard in.',
  {
    surface: 'slack or teams; only teams needs more than the name of a channel.',
    tenant: 'The workspace or tenant.',
    conversation: "The platform's own id of the channel, group or chat.",
    reference: 'What the platform needs to be told to have a message written there.',
    seenAt: 'When it was last heard from.',
  },
);
