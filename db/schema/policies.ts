import { sql } from 'drizzle-orm';
import { boolean, check, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';
import { users } from './users.ts';

export const POLICY_MODES = ['off', 'rehearse', 'propose', 'apply'] as const;

export const policies = describe(
  pgTable(
    'policies',
    {
      policyId: uuid().notNull().defaultRandom(),
      version: integer().notNull(),
      isCurrent: boolean().notNull(),
      name: text().notNull(),
      mode: text({ enum: POLICY_MODES }).notNull(),
      rule: jsonb().$type<Record<string, unknown>>().notNull(),
      limits: jsonb().$type<Record<string, unknown>>().notNull(),
      requiredApprovals: integer().notNull(),
      createdBy: uuid()
        .notNull()
        .references(() => users.userId),
      createdAt: instant().notNull().defaultNow(),
    },
    (table) => [
      primaryKey({ name: 'policies_pkey', columns: [table.policyId, table.version] }),
      uniqueIndex('policies_one_current').on(table.policyId).where(sql`${table.isCurrent}`),
      uniqueIndex('policies_name').on(sql`lower(${table.name})`).where(sql`${table.isCurrent}`),
      oneOf('policies_mode', table.mode, POLICY_MODES),
      check('policies_version', sql`${table.version} > 0`),
      check(
        'policies_approvals',
        sql`${table.requiredApprovals} >= 0 AND (${table.mode} = 'apply' OR ${table.requiredApprovals} > 0)`,
      ),
    ],
  ),
  'What may be proposed or done, for which scope, within which limits, and with how many approvals. A change makes a new version; what was done points to the version it rested on.',
  {
    policyId: 'The policy, the same over all versions.',
    version: 'Its version, from 1.',
    isCurrent: 'Whether this version is the one in force.',
    name: 'Its name.',
    mode: 'off, rehearse (only say what would be done), propose (people decide) or apply (within the limits, by itself).',
    rule: 'Which checks, actions, accounts, tags and hours it is about.',
    limits: 'The most it may do: money, number of changes, days of grace.',
    requiredApprovals: 'How many people must approve; none only where it applies by itself.',
    createdBy: 'Who made this version.',
    createdAt: 'When.',
  },
);
