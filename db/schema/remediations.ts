import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { decimal, instant, isCurrency, oneOf } from './columns.ts';
import { conversations, SURFACES } from './conversations.ts';
import { describe } from './describe.ts';
import { resources } from './inventory.ts';
import { policies } from './policies.ts';
import { LEVELS, recommendations } from './recommendations.ts';
import { users } from './users.ts';

export const REMEDIATION_STATES = [
  'pending',
  'rejected',
  'expired',
  'approved',
  'applying',
  'applied',
  'verified',
  'failed',
  'undoing',
  'undone',
  'cancelled',
] as const;

export const remediations = describe(
  pgTable(
    'remediations',
    {
      remediationId: uuid().primaryKey().defaultRandom(),
      recommendationId: bigint({ mode: 'number' }).references(() => recommendations.recommendationId),
      resourceId: text()
        .notNull()
        .references(() => resources.resourceId),
      action: text().notNull(),
      parameters: jsonb().$type<Record<string, unknown>>().notNull(),
      parametersHash: text().notNull(),
      observedState: jsonb().$type<Record<string, unknown>>().notNull(),
      evidence: jsonb().$type<Record<string, unknown>>().notNull(),
      undoPlan: jsonb().$type<Record<string, unknown>>(),
      risk: text({ enum: LEVELS }).notNull(),
      billingCurrency: text().notNull(),
      estimatedMonthlySavings: decimal().notNull(),
      basis: text().notNull(),
      policyId: uuid(),
      policyVersion: integer(),
      requiredApprovals: integer().notNull(),
      requestedBy: uuid()
        .notNull()
        .references(() => users.userId),
      requestedAt: instant().notNull().defaultNow(),
      expiresAt: instant().notNull(),
      surface: text({ enum: SURFACES }).notNull(),
      conversationId: uuid().references(() => conversations.conversationId),
      state: text({ enum: REMEDIATION_STATES }).notNull().default('pending'),
      decidedAt: instant(),
      applyToken: uuid().notNull().unique('remediations_apply_token_unique').defaultRandom(),
      startedAt: instant(),
      appliedAt: instant(),
      verifiedAt: instant(),
      failedAt: instant(),
      failure: text(),
      outcome: jsonb().$type<Record<string, unknown>>(),
      undoneAt: instant(),
    },
    (table) => [
      unique('remediations_what_is_decided').on(table.remediationId, table.requestedBy, table.parametersHash),
      uniqueIndex('remediations_one_under_way')
        .on(table.resourceId, table.action)
        .where(sql`${table.state} IN ('pending', 'approved', 'applying', 'undoing')`),
      index('remediations_state').on(table.state, table.expiresAt),
      foreignKey({
        name: 'remediations_policy',
        columns: [table.policyId, table.policyVersion],
        foreignColumns: [policies.policyId, policies.version],
      }),
      oneOf('remediations_state_known', table.state, REMEDIATION_STATES),
      oneOf('remediations_risk', table.risk, LEVELS),
      oneOf('remediations_surface', table.surface, SURFACES),
      isCurrency('remediations_currency', table.billingCurrency),
      check('remediations_expiry', sql`${table.requestedAt} < ${table.expiresAt}`),
      check('remediations_policy_version', sql`(${table.policyId} IS NULL) = (${table.policyVersion} IS NULL)`),
      check(
        'remediations_approvals_needed',
        sql`${table.requiredApprovals} >= 0 AND (${table.requiredApprovals} > 0 OR ${table.policyId} IS NOT NULL)`,
      ),
      check(
        'remediations_decided',
        sql`CASE WHEN ${table.state} IN ('pending', 'expired', 'cancelled') THEN ${table.decidedAt} IS NULL ELSE ${table.decidedAt} IS NOT NULL END`,
      ),
      check(
        'remediations_started',
        sql`CASE WHEN ${table.state} IN ('pending', 'rejected', 'expired', 'cancelled', 'approved') THEN ${table.startedAt} IS NULL ELSE ${table.startedAt} IS NOT NULL END`,
      ),
      check(
        'remediations_applied',
        sql`${table.state} NOT IN ('applied', 'verified', 'undoing', 'undone') OR ${table.appliedAt} IS NOT NULL`,
      ),
      check('remediations_verified', sql`${table.state} <> 'verified' OR ${table.verifiedAt} IS NOT NULL`),
      check(
        'remediations_failed',
        sql`(${table.state} = 'failed') = (${table.failedAt} IS NOT NULL) AND (${table.failedAt} IS NULL) = (${table.failure} IS NULL)`,
      ),
      check('remediations_undone', sql`(${table.state} = 'undone') = (${table.undoneAt} IS NOT NULL)`),
    ],
  ),
  'Changes to the cloud that were proposed, and what became of them. A row is bound to exact parameters; an approval counts for these only.',
  {
    remediationId: 'Number of the remediation.',
    recommendationId: 'The recommendation it follows; NULL for none.',
    resourceId: 'What is changed.',
    action: "The action, for example 'stop-ec2-instance'.",
    parameters: 'Its parameters in canonical form.',
    parametersHash: 'Hash of action and parameters. Approvals name it, so the parameters cannot change under them.',
    observedState: 'The state of the resource the proposal rests on; checked again before applying.',
    evidence: 'Why: what was measured.',
    undoPlan: 'How to undo it; NULL when it cannot be undone.',
    risk: 'low, medium or high.',
    billingCurrency: 'Currency of the estimate.',
    estimatedMonthlySavings: 'What it would save in a month of 730 hours, net of commitments and discounts.',
    basis: 'How that was estimated.',
    policyId: 'The policy that allows it; NULL when people alone decide.',
    policyVersion: 'The version of that policy.',
    requiredApprovals: 'How many people must approve; none only under a policy.',
    requestedBy: 'Who proposed it.',
    requestedAt: 'When.',
    expiresAt: 'From when it can no longer be approved.',
    surface: 'Where it was proposed.',
    conversationId: 'In which thread.',
    state: 'pending, rejected, expired, approved, applying, applied, verified, failed, undoing, undone or cancelled.',
    decidedAt: 'When it was approved for good or rejected.',
    applyToken: 'Sent to the cloud with the change, so that a repeated call does it once.',
    startedAt: 'When applying began.',
    appliedAt: 'When the cloud had accepted the change.',
    verifiedAt: 'When the cloud showed the change as true.',
    failedAt: 'When it failed.',
    failure: 'How it failed and what to do next.',
    outcome: 'What the cloud answered and undoing needs, such as the id of a snapshot; NULL until applying began.',
    undoneAt: 'When it was undone.',
  },
);

/** Whether anything may be changed in the clouds at all. */
export const stopSwitches = describe(
  pgTable(
    'stop_switches',
    {
      name: text({ enum: ['remediations'] }).primaryKey(),
      stoppedAt: instant().notNull(),
      stoppedBy: uuid()
        .notNull()
        .references(() => users.userId),
      reason: text().notNull(),
    },
    (table) => [oneOf('stop_switches_name', table.name, ['remediations'])],
  ),
  'What was stopped for everybody. A row stops it; without one it runs.',
  {
    name: 'What is stopped: remediations (nothing is applied or undone).',
    stoppedAt: 'Since when.',
    stoppedBy: 'Who stopped it.',
    reason: 'Why, in their words.',
  },
);

export const approvals = describe(
  pgTable(
    'approvals',
    {
      approvalId: uuid().primaryKey().defaultRandom(),
      remediationId: uuid().notNull(),
      requestedBy: uuid().notNull(),
      parametersHash: text().notNull(),
      decidedBy: uuid()
        .notNull()
        .references(() => users.userId),
      decision: text({ enum: ['approve', 'reject'] }).notNull(),
      reason: text(),
      surface: text({ enum: SURFACES }).notNull(),
      decidedAt: instant().notNull().defaultNow(),
    },
    (table) => [
      unique('approvals_one_each').on(table.remediationId, table.decidedBy),
      foreignKey({
        name: 'approvals_what_is_decided',
        columns: [table.remediationId, table.requestedBy, table.parametersHash],
        foreignColumns: [remediations.remediationId, remediations.requestedBy, remediations.parametersHash],
      }),
      oneOf('approvals_decision', table.decision, ['approve', 'reject']),
      oneOf('approvals_surface', table.surface, SURFACES),
      check('approvals_four_eyes', sql`${table.decidedBy} <> ${table.requestedBy}`),
      check('approvals_reason', sql`${table.decision} = 'approve' OR ${table.reason} IS NOT NULL`),
    ],
  ),
  'Decisions on remediations. One a person; never by the person who proposed; always about exact parameters.',
  {
    approvalId: 'Number of the decision.',
    remediationId: 'The remediation.',
    requestedBy: 'Who proposed it; kept here so that the database itself refuses their own approval.',
    parametersHash: 'Hash of what was decided on; it must be that of the remediation.',
    decidedBy: 'Who decided.',
    decision: 'approve or reject.',
    reason: 'Why; a rejection needs one.',
    surface: 'Where it was decided.',
    decidedAt: 'When.',
  },
);
