import { sql } from 'drizzle-orm';
import { bigint, check, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';

export const AUDIT_SURFACES = ['web', 'api', 'cli', 'slack', 'teams', 'job', 'eval'] as const;

/** What an entry says. */
const facts = () => ({
  occurredAt: instant().notNull(),
  actorId: uuid(),
  actor: text().notNull(),
  surface: text({ enum: AUDIT_SURFACES }).notNull(),
  event: text().notNull(),
  subjectType: text(),
  subjectId: text(),
  details: jsonb().$type<Record<string, unknown>>().notNull(),
});

export const auditPending = describe(
  pgTable(
    'audit_pending',
    {
      pendingId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      ...facts(),
    },
    (table) => [
      oneOf('audit_pending_surface', table.surface, AUDIT_SURFACES),
      check('audit_pending_subject', sql`(${table.subjectType} IS NULL) = (${table.subjectId} IS NULL)`),
    ],
  ),
  'What happened and waits, for milliseconds, to be chained into audit_log. An entry is written in the transaction of what it tells, so neither is there without the other.',
  {
    pendingId: 'Order of arrival.',
    occurredAt: 'As in audit_log.',
    actorId: 'As in audit_log.',
    actor: 'As in audit_log.',
    surface: 'As in audit_log.',
    event: 'As in audit_log.',
    subjectType: 'As in audit_log.',
    subjectId: 'As in audit_log.',
    details: 'As in audit_log.',
  },
);

export const auditLog = describe(
  pgTable(
    'audit_log',
    {
      entryId: bigint({ mode: 'number' }).primaryKey(),
      ...facts(),
      previousHash: text().notNull(),
      hash: text().notNull().unique(),
    },
    (table) => [
      oneOf('audit_log_surface', table.surface, AUDIT_SURFACES),
      check('audit_log_entry_id', sql`${table.entryId} > 0`),
      check('audit_log_subject', sql`(${table.subjectType} IS NULL) = (${table.subjectId} IS NULL)`),
      check('audit_log_hash', sql`${table.hash} ~ '^[0-9a-f]{64}$' AND ${table.previousHash} ~ '^[0-9a-f]{64}$'`),
      index('audit_log_subject_index').on(table.subjectType, table.subjectId),
      index('audit_log_occurred').on(table.occurredAt),
    ],
  ),
  'What happened, in order, each entry chained to the one before by hash. The database numbers and chains them itself, and refuses changes and deletions.',
  {
    entryId: 'Position in the chain, from 1, without gaps.',
    occurredAt: 'When it happened.',
    actorId: 'The person; NULL for the service itself.',
    actor: 'Their e-mail address, or the name of the job.',
    surface: 'Where: web, api, cli, slack, teams, job, eval.',
    event: "What happened, for example 'remediation.approved'.",
    subjectType: "What it happened to, for example 'remediation'; NULL for nothing in particular.",
    subjectId: 'Its number.',
    details: 'The facts of it, without secrets.',
    previousHash: 'Hash of the entry before; 64 zeros for the first.',
    hash: 'SHA-256 in hex over the JSON array of every other column, in this order.',
  },
);
