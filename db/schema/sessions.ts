import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';
import { identities, users } from './users.ts';

export const SIGN_IN_METHODS = ['oidc', 'token', 'persona', 'link'] as const;

export const sessions = describe(
  pgTable(
    'sessions',
    {
      sessionId: uuid().primaryKey().defaultRandom(),
      userId: uuid()
        .notNull()
        .references(() => users.userId),
      identityId: uuid().references(() => identities.identityId),
      method: text({ enum: SIGN_IN_METHODS }).notNull(),
      hash: text().notNull(),
      previousHash: text(),
      rotatedAt: instant().notNull(),
      rotateAfter: instant().notNull(),
      createdAt: instant().notNull(),
      lastUsedAt: instant().notNull(),
      expiresAt: instant().notNull(),
      revokedAt: instant(),
    },
    (table) => [
      unique('sessions_hash').on(table.hash),
      unique('sessions_previous_hash').on(table.previousHash),
      oneOf('sessions_method', table.method, SIGN_IN_METHODS),
      check('sessions_expiry', sql`${table.createdAt} < ${table.expiresAt}`),
      check('sessions_identity', sql`(${table.identityId} IS NOT NULL) = (${table.method} IN ('oidc', 'token'))`),
      index('sessions_user').on(table.userId),
    ],
  ),
  'Browsers in which somebody has signed in.',
  {
    sessionId: 'Number of the session.',
    userId: 'Who signed in.',
    identityId: 'The identity it was made with, whose end ends it; NULL for personas and links.',
    method: 'How it was made: oidc, token (an API token was pasted), persona or link (a one-time link).',
    hash: 'SHA-256 of the secret in the cookie, never the secret.',
    previousHash: 'Hash of the secret before, which requests under way may still carry for a moment after the change.',
    rotatedAt: 'When the secret was last changed.',
    rotateAfter: 'From when on the next request gets a new secret.',
    createdAt: 'When the person signed in.',
    lastUsedAt: 'When it was last used, to the minute.',
    expiresAt: 'When the person has to sign in again, used or not.',
    revokedAt: 'When it was ended; NULL while it is good.',
  },
);

export const signInLinks = describe(
  pgTable('sign_in_links', {
    hash: text().primaryKey(),
    userId: uuid()
      .notNull()
      .references(() => users.userId),
    expiresAt: instant().notNull(),
  }),
  'Links printed in a terminal that sign one browser on the same machine in, once.',
  {
    hash: 'SHA-256 of the code in the link, never the code.',
    userId: 'Whom it signs in.',
    expiresAt: 'When it stops working.',
  },
);
