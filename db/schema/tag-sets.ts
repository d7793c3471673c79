import { sql } from 'drizzle-orm';
import { bigint, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { describe } from './describe.ts';

type Tags = Record<string, string>;

export const allocationSets = describe(
  pgTable('allocation_sets', {
    allocationSetId: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
    tags: jsonb().$type<Tags>().notNull(),
    // A unique index on the tags themselves would refuse long ones.
    contentHash: text().generatedAlwaysAs(sql`md5(tags::text)`).unique('allocation_sets_content_hash_unique'),
  }),
  'Every distinct combination of allocation tags (PENNY_ALLOCATION_TAGS) seen on the bill.',
  {
    allocationSetId: 'Number of the combination.',
    tags: 'The allocation tags, keys lower-cased: {"team": "checkout", "environment": "production"}.',
    contentHash: 'MD5 of the tags, kept by the database, which makes a combination unique.',
  },
);

export const tagSets = describe(
  pgTable('tag_sets', {
    tagSetId: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
    contentHash: text().notNull().unique('tag_sets_content_hash_unique'),
    tags: jsonb().$type<Tags>().notNull(),
    folded: jsonb().$type<Tags>().notNull(),
    allocation: jsonb().$type<Tags>().notNull(),
    allocationSetId: bigint({ mode: 'number' }).references(() => allocationSets.allocationSetId),
  }),
  'Every distinct combination of tags seen on the bill. The bill refers to it, so that tags are stored once.',
  {
    tagSetId: 'Number of the combination.',
    contentHash: 'Hash of the tags, which makes a combination unique.',
    tags: "The tags as in the file, without the vendor's prefixes for user tags; those of AWS itself keep 'aws:'.",
    folded: 'The same tags with lower-cased keys, for questions that do not mind the case.',
    allocation: 'Those of the folded tags that are allocation tags.',
    allocationSetId: 'The combination of allocation tags; NULL when there is none.',
  },
);
