import { sql } from 'drizzle-orm';
import { bigint, check, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { describe } from './describe.ts';
import { users } from './users.ts';

export const auditLog = describe(
  pgTable(
    'audit_log',
    {
      entryId: bigint({ mode: 'number' }).primaryKey(),
      occurredAt: instant().notNull(),
      actorId: uuid().references(() => users.userId),
      actor: text().notNull(),
      surface: text().notNull(),
      event: text().notNull(),
      subjectType: text(),
      subjectId: text(),
      details: jsonb().$type<Record<string, unknown>>().notNull(),
      previousHash: text().notNull(),
      hash: text().notNull().unique(),
    },
    (table) => [
      check('audit_log_entry_id', sql`${table.entryId} > 0`),
      check('audit_log_subject', sql`(${table.subjectType} IS NULL) = (${table.subjectId} IS NULL)`),
      check('audit_log_hash', sql`${table.hash} ~ '^[0-9a-f]{64}$' AND ${table.previousHash} ~ '^[0-9a-f]{64}$'`),
      index('audit_log_subject_index').on(table.subjectType, table.subjectId),
      index('audit_log_occurred').on(table.occurredAt),
    ],
  ),
  'What happened, in order, each entry chained to the one before by hash. The database refuses changes and deletions.',
  {
    entryId: 'Position in the chain, from 1, without gaps.',
    occurredAt: 'When it happened.',
    actorId: 'The person; NULL for the service itself.',
    actor: 'Their e-mail address, or the name of the job.',
    surface: 'Where: web, api, cli, slack, teams, job.',
    event: "What happened, for example 'remediation.approved'.",
    subjectType: "What it happened to, for example 'remediation'; NULL for nothing in particular.",
    subjectId: 'Its number.',
    details: 'The facts of it, without secrets.',
    previousHash: 'Hash of the entry before; 64 zeros for the first.',
    hash: 'SHA-256 over this entry and the hash before it.',
  },
);
