import { z } from 'zod';
import { identify } from '../agent/identify.ts';
import { createPeople, type People } from '../agent/identity/people.ts';
import type { Actor } from '../agent/identity/users.ts';
import type { Db } from '../db/client.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import type { Scope } from '../db/principal.ts';
import { PennyError } from '../errors.ts';
import type { CliContext } from './context.ts';

/** What a command that manages people works with. Whoever holds the database is an administrator. */
export interface Desk {
  db: Db;
  people: People;
  actor: Actor;
}

/** Opens the database for `work` and closes it afterwards. */
export async function withPeople({ config, log, now }: CliContext, work: (desk: Desk) => Promise<void>): Promise<void> {
  const database = await openDatabase(config, log);
  try {
    await migrateDatabase(database.url);
    const { db } = database;
    const people = createPeople({ config, db, now });
    const principal = await identify(db, { platform: 'local' });
    await work({ db, people, actor: { principal, surface: 'cli' } });
  } finally {
    await database.close();
  }
}

/** @throws PennyError `usage` when it is no e-mail address */
export function checkedEmail(text: string): string {
  if (z.email().safeParse(text).success) return text;
  throw new PennyError('usage', `${text} is no e-mail address.`);
}

/** What to say of `--scope`, which may be repeated. */
export const SCOPE_HELP = 'what is seen: all, none, account:ID or tag:KEY=VALUE; may be repeated, and adds up';

/** Collects the values of an option that may be repeated. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

/**
 * The scope of the values of `--scope`; undefined when there are none.
 * @throws PennyError `usage`
 */
export function readScope(values: string[] | undefined): Scope | undefined {
  if (values === undefined) return undefined;
  if (values.includes('all')) return 'all';
  const scope: Exclude<Scope, 'all'> = { subAccountIds: [], tags: [] };
  for (const value of values) {
    const account = /^account:(.+)$/.exec(value)?.[1];
    const [, key, tag] = /^tag:([^=]+)=(.+)$/.exec(value) ?? [];
    if (account !== undefined) scope.subAccountIds.push(account);
    else if (key !== undefined && tag !== undefined) scope.tags.push({ key, value: tag });
    else if (value !== 'none') throw new PennyError('usage', `--scope takes ${SCOPE_HELP.replace(/^.*?: /, '')}.`);
  }
  return scope;
}

/** A scope as `--scope` would take it. */
export function showScope(scope: Scope): string {
  if (scope === 'all') return 'all';
  const parts = [
    ...scope.subAccountIds.map((id) => `account:${id}`),
    ...scope.tags.map(({ key, value }) => `tag:${key}=${value}`),
  ];
  return parts.join(' ') || 'none';
}
