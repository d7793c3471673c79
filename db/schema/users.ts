import { sql } from 'drizzle-orm';
import { type AnyPgColumn, check, index, jsonb, pgTable, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { Principal } from '../principal.ts';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';

export const ROLES = ['viewer', 'engineer', 'approver', 'admin'] as const;
export const PLATFORMS = ['oidc', 'slack', 'teams', 'token'] as const;

// COALESCE, because a comparison with a missing key is NULL, which a CHECK lets pass.
const scopeShape = (scope: AnyPgColumn) => sql`${scope} IS NULL OR ${scope} = '"all"'
          OR coalesce(jsonb_typeof(${scope} -> 'subAccountIds') = 'array' AND jsonb_typeof(${scope} -> 'tags') = 'array', false)`;

export const users = describe(
  pgTable(
    'users',
    {
      userId: uuid().primaryKey().defaultRandom(),
      email: text().notNull(),
      name: text().notNull(),
      role: text({ enum: ROLES }).notNull(),
      scope: jsonb().$type<Principal['scope']>(),
      createdAt: instant().notNull().defaultNow(),
      disabledAt: instant(),
    },
    (table) => [
      uniqueIndex('users_email').on(sql`lower(${table.email})`),
      oneOf('users_role', table.role, ROLES),
      check('users_email_shape', sql`${table.email} ~ '^[^@[:space:]]+@[^@[:space:]]+$'`),
      check('users_scope_shape', scopeShape(table.scope)),
    ],
  ),
  'People who may use Penny.',
  {
    userId: 'Number of the person.',
    email: 'E-mail address; unique whatever its case.',
    name: 'Name to show.',
    role: 'viewer asks; engineer also proposes; approver also decides on what others propose; admin manages.',
    scope:
      'What the person may see: {"subAccountIds": [...], "tags": [{"key", "value"}]}, or "all". NULL: nothing. Administrators see everything.',
    createdAt: 'When the person was added.',
    disabledAt: 'Since when the person may no longer sign in; NULL while they may.',
  },
);

export const identities = describe(
  pgTable(
    'identities',
    {
      identityId: uuid().primaryKey().defaultRandom(),
      userId: uuid()
        .notNull()
        .references(() => users.userId),
      platform: text({ enum: PLATFORMS }).notNull(),
      tenant: text().notNull(),
      subject: text().notNull(),
      label: text(),
      role: text({ enum: ROLES }),
      scope: jsonb().$type<Principal['scope']>(),
      createdAt: instant().notNull().defaultNow(),
      lastUsedAt: instant(),
      expiresAt: instant(),
      revokedAt: instant(),
    },
    (table) => [
      unique('identities_subject').on(table.platform, table.tenant, table.subject),
      oneOf('identities_platform', table.platform, PLATFORMS),
      oneOf('identities_role', table.role, ROLES),
      check('identities_expiry', sql`${table.createdAt} < ${table.expiresAt}`),
      check('identities_scope_shape', scopeShape(table.scope)),
      check(
        'identities_token',
        sql`${table.platform} <> 'token' OR (${table.role} IS NOT NULL AND ${table.expiresAt} IS NOT NULL)`,
      ),
      // Administrators see everything, so one who sees less would be none.
      check('identities_narrowed_admin', sql`${table.role} <> 'admin' OR ${table.scope} IS NULL`),
      index('identities_user').on(table.userId),
    ],
  ),
  'By what a platform knows a person. One person may have several; each belongs to one person.',
  {
    identityId: 'Number of the identity.',
    userId: 'The person.',
    platform: 'oidc (web sign-in), slack, teams, or token (an API token).',
    tenant: "Where the subject is unique: the issuer, the Slack workspace, the Teams tenant; 'penny' for tokens.",
    subject: "The platform's own id of the person; for a token its hash, never the token.",
    label: 'What the person calls it, for tokens.',
    role: "The most it may do; whichever is less of it and the person's own role counts. NULL: as the person. A token has one.",
    scope: 'The most it may see; what both it and the person may see counts. NULL: as the person.',
    createdAt: 'When it was linked or made.',
    lastUsedAt: 'When it was last used.',
    expiresAt: 'When it stops working; NULL for never, which no token has.',
    revokedAt: 'When it was taken back; NULL while it is good.',
  },
);
