import { sql } from 'drizzle-orm';
import { check, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { describe } from './describe.ts';

export const SERVICE_SECRETS = ['reader_password', 'ask_password', 'scope_key', 'role_suffix'] as const;

export const serviceSecrets = describe(
  pgTable(
    'service_secrets',
    {
      name: text({ enum: SERVICE_SECRETS }).primaryKey(),
      value: text().notNull(),
      createdAt: instant().notNull().defaultNow(),
    },
    (table) => [check('service_secrets_value', sql`length(${table.value}) >= 8`)],
  ),
  'What the replicas of the service share to reach this database as somebody with fewer rights. Only the owner of the database, who can do all of it anyway, may read it.',
  {
    name: 'What it is for.',
    value: 'The secret itself, drawn at random when the database was set up.',
    createdAt: 'When it was drawn.',
  },
);
