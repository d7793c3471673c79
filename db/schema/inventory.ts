import { sql } from 'drizzle-orm';
import { bigint, check, date, index, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';

export const accounts = describe(
  pgTable(
    'accounts',
    {
      accountId: text().primaryKey(),
      name: text(),
      kind: text({ enum: ['billing', 'sub'] }).notNull(),
      billingAccountId: text(),
      serviceProviderName: text(),
      state: text(),
      tags: jsonb().$type<Record<string, string>>().notNull().default({}),
      firstSeenDate: date(),
      lastSeenDate: date(),
      updatedAt: instant().notNull().defaultNow(),
    },
    (table) => [
      oneOf('accounts_kind', table.kind, ['billing', 'sub']),
      check('accounts_seen', sql`${table.firstSeenDate} <= ${table.lastSeenDate}`),
    ],
  ),
  'Accounts, subscriptions and projects, from the bill and from the cloud.',
  {
    accountId: "The provider's id, as in billing_account_id and sub_account_id of the bill.",
    name: 'Display name, the newest one seen.',
    kind: "'billing' for who pays (also when it has usage of its own), 'sub' for the accounts below it.",
    billingAccountId: 'Who pays for it.',
    serviceProviderName: "Whose account it is, for example 'AWS'.",
    state: "The provider's own state, for example 'ACTIVE' or 'SUSPENDED'; NULL when only the bill knows it.",
    tags: 'Tags of the account itself.',
    firstSeenDate: 'First day with a charge.',
    lastSeenDate: 'Last day with a charge.',
    updatedAt: 'When this row was last written.',
  },
);

export const resources = describe(
  pgTable(
    'resources',
    {
      resourceId: text().primaryKey(),
      name: text(),
      type: text(),
      serviceName: text(),
      serviceProviderName: text(),
      billingAccountId: text(),
      subAccountId: text(),
      regionId: text(),
      availabilityZone: text(),
      tags: jsonb().$type<Record<string, string>>().notNull().default({}),
      state: text(),
      configuration: jsonb().$type<Record<string, unknown>>(),
      createdAt: instant(),
      firstSeenDate: date(),
      lastSeenDate: date(),
      inventoriedAt: instant(),
      updatedAt: instant().notNull().defaultNow(),
      // Stored, not computed in an index: under a row policy only comparisons of plain columns may use one.
      idKey: text().generatedAlwaysAs(sql`lower(resource_id)`),
      tailKey: text().generatedAlwaysAs(sql`lower(substring(resource_id from '[^:/]+$'))`),
      nameKey: text().generatedAlwaysAs(sql`lower(name)`),
    },
    (table) => [
      check('resources_seen', sql`${table.firstSeenDate} <= ${table.lastSeenDate}`),
      index('resources_sub_account').on(table.subAccountId),
      index('resources_service').on(table.serviceName),
      // Hashed, so that a long name is no error.
      index('resources_id_key').using('hash', table.idKey),
      index('resources_tail_key').using('hash', table.tailKey),
      index('resources_name_key').using('hash', table.nameKey),
    ],
  ),
  'Everything that has been on the bill or in the inventory: machines, volumes, functions, addresses and so on.',
  {
    resourceId: 'The id as on the bill: an instance id, an ARN and so on.',
    name: 'Display name, the newest one seen. Written by people outside.',
    type: "Kind of resource, for example 'ec2:instance'.",
    serviceName: 'The service it belongs to, as on the bill.',
    serviceProviderName: "Whose service, for example 'AWS'.",
    billingAccountId: 'Who pays for it.',
    subAccountId: 'The account it is in.',
    regionId: 'Its region.',
    availabilityZone: 'Its zone.',
    tags: 'Its tags, the newest ones seen. Written by people outside.',
    state: "The provider's own state, for example 'running' or 'available'; NULL when only the bill knows it.",
    configuration: 'What the inventory says of it: size, type, attachments; NULL when only the bill knows it.',
    createdAt: 'When the provider says it was created.',
    firstSeenDate: 'First day with a charge; NULL for what never cost anything.',
    lastSeenDate: 'Last day with a charge.',
    inventoriedAt: 'When the inventory last saw it; NULL when it never did.',
    updatedAt: 'When this row was last written.',
    idKey: 'The id in lower case, to be looked up by.',
    tailKey: 'The end of the id, such as the last part of an ARN, in lower case.',
    nameKey: 'The name in lower case.',
  },
);

export const resourceChanges = describe(
  pgTable(
    'resource_changes',
    {
      changeId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      resourceId: text()
        .notNull()
        .references(() => resources.resourceId, { onDelete: 'cascade' }),
      observedAt: instant().notNull(),
      kind: text({ enum: ['created', 'changed', 'deleted'] }).notNull(),
      before: jsonb().$type<Record<string, unknown>>(),
      after: jsonb().$type<Record<string, unknown>>(),
    },
    (table) => [
      unique('resource_changes_once').on(table.resourceId, table.observedAt),
      oneOf('resource_changes_kind', table.kind, ['created', 'changed', 'deleted']),
      check(
        'resource_changes_states',
        sql`(${table.before} IS NULL) = (${table.kind} = 'created') AND (${table.after} IS NULL) = (${table.kind} = 'deleted')`,
      ),
      index('resource_changes_observed').on(table.observedAt),
    ],
  ),
  'What changed on a resource between two inventories.',
  {
    changeId: 'Number of the change.',
    resourceId: 'The resource.',
    observedAt: 'When the inventory saw the change; it happened since the inventory before.',
    kind: 'created, changed or deleted.',
    before: 'The changed fields as they were; NULL when created.',
    after: 'The changed fields as they are; NULL when deleted.',
  },
);
