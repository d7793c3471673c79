import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  check,
  date,
  doublePrecision,
  index,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { decimal, instant, isCurrency, oneOf } from './columns.ts';
import { describe } from './describe.ts';
import { users } from './users.ts';

export const ANOMALY_KINDS = ['cost', 'drift', 'new', 'several', 'usage'] as const;
export const ANOMALY_ROLES = ['lead', 'view'] as const;
export const ANOMALY_ENDS = ['back_to_expected', 'new_level', 'verdict', 'restated'] as const;
export const ANOMALY_FEEDBACK = ['expected', 'planned', 'muted', 'helpful', 'wrong'] as const;

/** A day of an anomaly, amounts as decimal text. */
export interface AnomalyDay {
  date: string;
  cost: string;
  expectedCost: string;
}

export const anomalies = describe(
  pgTable(
    'anomalies',
    {
      anomalyId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      parentId: bigint({ mode: 'number' }).references((): AnyPgColumn => anomalies.anomalyId),
      role: text({ enum: ANOMALY_ROLES }).notNull().default('lead'),
      kind: text({ enum: ANOMALY_KINDS }).notNull(),
      seriesKey: text().notNull(),
      dimensions: jsonb().$type<Record<string, string>>().notNull(),
      metric: text().notNull(),
      billingCurrency: text(),
      direction: text({ enum: ['up', 'down'] }).notNull(),
      startDate: date().notNull(),
      endDate: date().notNull(),
      detectedDate: date().notNull().default(sql`CURRENT_DATE`),
      state: text({ enum: ['open', 'closed'] }).notNull(),
      closedBecause: text({ enum: ANOMALY_ENDS }),
      quietBecause: text({ enum: ANOMALY_FEEDBACK }),
      actual: decimal().notNull(),
      expected: decimal().notNull(),
      impact: decimal().notNull(),
      score: doublePrecision().notNull(),
      days: jsonb().$type<AnomalyDay[]>().notNull().default([]),
      baseline: jsonb().$type<Record<string, unknown>>().notNull(),
      cause: jsonb().$type<Record<string, unknown>>(),
      detector: text().notNull(),
      detectorVersion: text().notNull(),
      settings: jsonb().$type<Record<string, unknown>>().notNull(),
      detectedAt: instant().notNull().defaultNow(),
      updatedAt: instant().notNull().defaultNow(),
      closedAt: instant(),
      feedback: text({ enum: ANOMALY_FEEDBACK }),
      feedbackReason: text(),
      feedbackBy: uuid().references(() => users.userId),
      feedbackAt: instant(),
      mutedUntil: date(),
    },
    (table) => [
      unique('anomalies_once').on(table.seriesKey, table.metric, table.kind, table.direction, table.startDate),
      uniqueIndex('anomalies_open')
        .on(table.seriesKey, table.metric, table.kind)
        .where(sql`${table.state} = 'open' AND ${table.kind} <> 'several'`),
      index('anomalies_started').on(table.startDate),
      index('anomalies_parent').on(table.parentId),
      oneOf('anomalies_kind', table.kind, ANOMALY_KINDS),
      oneOf('anomalies_role', table.role, ANOMALY_ROLES),
      oneOf('anomalies_closed_because', table.closedBecause, ANOMALY_ENDS),
      oneOf('anomalies_quiet_because', table.quietBecause, ANOMALY_FEEDBACK),
      oneOf('anomalies_direction', table.direction, ['up', 'down']),
      oneOf('anomalies_state', table.state, ['open', 'closed']),
      oneOf('anomalies_feedback', table.feedback, ANOMALY_FEEDBACK),
      isCurrency('anomalies_currency', table.billingCurrency),
      check('anomalies_period', sql`${table.startDate} < ${table.endDate}`),
      check('anomalies_score', sql`${table.score} BETWEEN 0 AND 1`),
      check('anomalies_closed', sql`(${table.closedAt} IS NOT NULL) = (${table.state} = 'closed')`),
      check('anomalies_no_own_parent', sql`${table.parentId} <> ${table.anomalyId}`),
      check('anomalies_money', sql`${table.kind} = 'usage' OR ${table.billingCurrency} IS NOT NULL`),
      check(
        'anomalies_feedback_given',
        sql`num_nulls(${table.feedback}, ${table.feedbackBy}, ${table.feedbackAt}) IN (0, 3) AND (${table.feedback} IS NOT NULL OR (${table.feedbackReason} IS NULL AND ${table.mutedUntil} IS NULL))`,
      ),
    ],
  ),
  'Incidents of unexpected cost or usage. One incident is one row from its first to its last day; parts of a larger one point to it.',
  {
    anomalyId: 'Number of the anomaly.',
    parentId:
      'Of a view, the anomaly whose cost it shows; of a lead, the bundle of anomalies that began together; NULL when it stands alone.',
    role: 'lead (tells a problem) or view (the same cost, seen in another series).',
    kind: 'cost (left its course), drift (rose slowly), new (a service, region or the like appeared), several (some that began together) or usage (a usage series left its course).',
    seriesKey: 'The series, as a text made of its dimensions.',
    dimensions: 'What the series is of: {"service_name": "...", "sub_account_id": "..."}.',
    metric: "What was watched, for example 'effective_cost'.",
    billingCurrency: 'Currency of actual, expected and impact; NULL for usage.',
    direction: 'up or down.',
    startDate: 'First day of the incident (UTC).',
    endDate: 'Day after its last day so far (UTC).',
    detectedDate: 'The settled day by which it was unlikely, large and worth money.',
    state: 'open or closed.',
    closedBecause:
      'back_to_expected, new_level (it stayed), verdict (somebody called it expected) or restated (the bill was corrected, and it is none).',
    quietBecause:
      'Why nobody is alerted: what people said of it, of its series or of what drives it; NULL for an alert.',
    actual: 'What the days of the incident came to.',
    expected: 'What the frozen baseline expected of them.',
    impact: 'actual minus expected.',
    score: 'How unlikely its most unlikely day was, 0 to 1.',
    days: 'The days that deviate: [{"date", "cost", "expectedCost"}]; the expected costs are the frozen baseline.',
    baseline: 'What the baseline said of the most unlikely day: its cost, expected cost, deviations and percent.',
    cause: 'What drove it: resources, usage types, price against usage, changes of that day; NULL until known.',
    detector: 'The detector that found it.',
    detectorVersion: "The detector's version.",
    settings: 'The settings it ran with.',
    detectedAt: 'When it was found.',
    updatedAt: 'When it was last brought up to date.',
    closedAt: 'When it was over; NULL while open.',
    feedback: 'What somebody said of it: expected, planned, muted, helpful or wrong.',
    feedbackReason: 'Why, in their words.',
    feedbackBy: 'Who said so.',
    feedbackAt: 'When.',
    mutedUntil: 'Until which day its series stays quiet.',
  },
);

export const anomalyFeedback = describe(
  pgTable(
    'anomaly_feedback',
    {
      feedbackId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      feedback: text({ enum: ANOMALY_FEEDBACK }).notNull(),
      anomalyId: bigint({ mode: 'number' }).references(() => anomalies.anomalyId, { onDelete: 'set null' }),
      dimensions: jsonb().$type<Record<string, string>>().notNull(),
      startDate: date(),
      fromDate: date().notNull(),
      untilDate: date(),
      reason: text(),
      givenBy: uuid()
        .notNull()
        .references(() => users.userId),
      givenAt: instant().notNull(),
      endedAt: instant(),
      endedBy: uuid().references(() => users.userId),
    },
    (table) => [
      index('anomaly_feedback_anomaly').on(table.anomalyId),
      oneOf('anomaly_feedback_kind', table.feedback, ANOMALY_FEEDBACK),
      check('anomaly_feedback_period', sql`${table.fromDate} < ${table.untilDate}`),
      check('anomaly_feedback_planned', sql`${table.feedback} <> 'planned' OR ${table.untilDate} IS NOT NULL`),
      check('anomaly_feedback_ended', sql`num_nulls(${table.endedAt}, ${table.endedBy}) IN (0, 2)`),
    ],
  ),
  'What people said of anomalies, and what they said to expect. It is used by each later run; nothing is deleted.',
  {
    feedbackId: 'Number of the entry.',
    feedback: 'expected, planned, muted, helpful or wrong.',
    anomalyId: 'The anomaly it was said of; NULL for what was planned or muted beforehand.',
    dimensions:
      'What it holds for: {"service_name": "...", "x_usage_type": "*DataTransfer*"}; a star stands for any text. Empty: everything.',
    startDate: 'First day of the anomaly it was said of.',
    fromDate: 'The day from which it holds (UTC).',
    untilDate: 'The day after its last; NULL for ever.',
    reason: 'Why, in their words.',
    givenBy: 'Who said so.',
    givenAt: 'When.',
    endedAt: 'When somebody took it back; NULL while it holds.',
    endedBy: 'Who took it back.',
  },
);
