import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';
import { CHANNEL_SURFACES } from './notifications.ts';

export const chatEvents = describe(
  pgTable(
    'chat_events',
    {
      surface: text({ enum: CHANNEL_SURFACES }).notNull(),
      tenant: text().notNull(),
      eventId: text().notNull(),
      body: jsonb().$type<Record<string, unknown>>(),
      receivedAt: instant().notNull().defaultNow(),
      notBefore: instant().notNull().defaultNow(),
      attempts: integer().notNull().default(0),
      lastError: text(),
      handledAt: instant(),
      abandonedAt: instant(),
    },
    (table) => [
      primaryKey({ name: 'chat_events_pkey', columns: [table.surface, table.tenant, table.eventId] }),
      oneOf('chat_events_surface', table.surface, CHANNEL_SURFACES),
      check('chat_events_attempts', sql`${table.attempts} >= 0`),
      check('chat_events_one_end', sql`num_nonnulls(${table.handledAt}, ${table.abandonedAt}) <= 1`),
      check('chat_events_body', sql`(${table.body} IS NULL) = (${table.handledAt} IS NOT NULL)`),
      index('chat_events_due')
        .on(table.surface, table.notBefore)
        .where(sql`${table.handledAt} IS NULL AND ${table.abandonedAt} IS NULL`),
      index('chat_events_received').on(table.receivedAt),
    ],
  ),
  'What chat platforms have told Penny, written down before they are told that it arrived: their repeats are seen as such, and a crash loses nothing.',
  {
    surface: 'slack or teams.',
    tenant: 'The workspace or tenant.',
    eventId: "The platform's own id of the event: a second one with the same id is a repeat.",
    body: 'The event as it came; NULL once it was handled.',
    receivedAt: 'When it came first.',
    notBefore:
      'When it may be handled, or tried again; whoever handles it moves this on, so that nobody else takes it.',
    attempts: 'How often handling was begun.',
    lastError: 'What went wrong last.',
    handledAt: 'When it was handled; NULL until then.',
    abandonedAt: 'When handling was given up.',
  },
);
