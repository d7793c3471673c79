import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  time,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';
import { users } from './users.ts';

export const CHANNEL_SURFACES = ['slack', 'teams'] as const;
export const TOPICS = ['anomalies', 'digest', 'budgets', 'approvals', 'savings'] as const;
export const FREQUENCIES = ['at once', 'daily', 'weekly'] as const;

export const subscriptions = describe(
  pgTable(
    'subscriptions',
    {
      subscriptionId: uuid().primaryKey().defaultRandom(),
      surface: text({ enum: CHANNEL_SURFACES }).notNull(),
      tenant: text().notNull(),
      destination: text().notNull(),
      conversationReference: jsonb().$type<Record<string, unknown>>(),
      topic: text({ enum: TOPICS }).notNull(),
      dimensions: jsonb().$type<Record<string, string>>().notNull().default({}),
      frequency: text({ enum: FREQUENCIES }).notNull(),
      timeZone: text().notNull().default('UTC'),
      quietFrom: time(),
      quietUntil: time(),
      createdBy: uuid()
        .notNull()
        .references(() => users.userId),
      createdAt: instant().notNull().defaultNow(),
      pausedUntil: instant(),
      endedAt: instant(),
    },
    (table) => [
      unique('subscriptions_once').on(table.surface, table.tenant, table.destination, table.topic, table.dimensions),
      oneOf('subscriptions_surface', table.surface, CHANNEL_SURFACES),
      oneOf('subscriptions_topic', table.topic, TOPICS),
      oneOf('subscriptions_frequency', table.frequency, FREQUENCIES),
      check('subscriptions_quiet', sql`(${table.quietFrom} IS NULL) = (${table.quietUntil} IS NULL)`),
    ],
  ),
  'Which channel or person is told what, and when.',
  {
    subscriptionId: 'Number of the subscription.',
    surface: 'slack or teams.',
    tenant: 'The workspace or tenant.',
    destination: 'The channel or person.',
    conversationReference: 'What Teams needs to write there by itself; NULL for Slack.',
    topic: 'anomalies, digest, budgets, approvals or savings.',
    dimensions: 'About whose cost; {} for everything.',
    frequency: 'at once, daily or weekly.',
    timeZone: 'Time zone of the hours, as in the IANA list.',
    quietFrom: 'From which hour on nothing is sent.',
    quietUntil: 'Until which hour.',
    createdBy: 'Who subscribed.',
    createdAt: 'When.',
    pausedUntil: 'Until when it is quiet.',
    endedAt: 'When it was ended.',
  },
);

export const outbox = describe(
  pgTable(
    'outbox',
    {
      messageId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      deduplicationKey: text().notNull().unique('outbox_deduplication_key_unique'),
      surface: text({ enum: CHANNEL_SURFACES }).notNull(),
      tenant: text().notNull(),
      destination: text().notNull(),
      kind: text().notNull(),
      payload: jsonb().$type<Record<string, unknown>>().notNull(),
      updates: bigint({ mode: 'number' }).references((): AnyPgColumn => outbox.messageId),
      createdAt: instant().notNull().defaultNow(),
      notBefore: instant().notNull().defaultNow(),
      attempts: integer().notNull().default(0),
      lastError: text(),
      sentAt: instant(),
      externalId: text(),
      abandonedAt: instant(),
    },
    (table) => [
      index('outbox_due').on(table.notBefore).where(sql`${table.sentAt} IS NULL AND ${table.abandonedAt} IS NULL`),
      oneOf('outbox_surface', table.surface, CHANNEL_SURFACES),
      check('outbox_attempts', sql`${table.attempts} >= 0`),
      check('outbox_one_end', sql`num_nonnulls(${table.sentAt}, ${table.abandonedAt}) <= 1`),
      check('outbox_external_id', sql`${table.externalId} IS NULL OR ${table.sentAt} IS NOT NULL`),
    ],
  ),
  'Messages to people, written with what they report and sent by the bots, so that a crash loses none and repeats none.',
  {
    messageId: 'Number of the message.',
    deduplicationKey: 'What makes it this message: a second one with the same key is not written.',
    surface: 'slack or teams.',
    tenant: 'The workspace or tenant.',
    destination: 'The channel, thread or person.',
    kind: "What it is, for example 'anomaly' or 'approval'.",
    payload: 'What the bot renders.',
    updates: 'The earlier message it replaces in place; NULL for a new one.',
    createdAt: 'When it was written.',
    notBefore: 'When it may be sent, or tried again.',
    attempts: 'How often sending was tried.',
    lastError: 'What went wrong last.',
    sentAt: 'When it was sent; NULL until then.',
    externalId: "The platform's own id of the message sent.",
    abandonedAt: 'When sending was given up.',
  },
);
