/**
 * Who asks and what they may see. Built from a verified identity, never from text or model arguments; every query and
 * tool takes one. `scope: 'all'` sees every sub-account and tag.
 */
export interface Principal {
  userId: string;
  email: string;
  name: string;
  role: Role;
  scope: Scope;
  /** The API token that they came with, directly or to sign in; such a one may not make further tokens. */
  tokenId?: string;
}

/** What a role may do, the next always what the one before may and more. */
export type Role = 'viewer' | 'engineer' | 'approver' | 'admin';

/** A union: what lies in one of the sub-accounts or carries one of the tag values. */
export type Scope = 'all' | { subAccountIds: string[]; tags: { key: string; value: string }[] };

/** The scope of somebody who was given none. */
export const NOTHING: Scope = { subAccountIds: [], tags: [] };

const RANK: Record<Role, number> = { viewer: 0, engineer: 1, approver: 2, admin: 3 };

/** Whether somebody of the role `role` may do what `least` may. */
export function mayActAs(role: Role, least: Role): boolean {
  return RANK[role] >= RANK[least];
}

/** The role of the two that may do less. */
export function lowerRole(one: Role, other: Role): Role {
  return mayActAs(one, other) ? other : one;
}

/**
 * What lies in both scopes for certain. An account of the one and a tag value of the other have charges in common that no scope can
 * name: those are left out, so the result is never more than either.
 */
export function commonScope(one: Scope, other: Scope): Scope {
  if (one === 'all') return other;
  if (other === 'all') return one;
  const accounts = new Set(other.subAccountIds);
  const tags = new Set(other.tags.map(tagId));
  return {
    subAccountIds: one.subAccountIds.filter((id) => accounts.has(id)),
    tags: one.tags.filter((tag) => tags.has(tagId(tag))),
  };
}

/** Tags are told apart as the row policies do: whatever their case. */
function tagId({ key, value }: { key: string; value: string }): string {
  return JSON.stringify([key.toLowerCase(), value.toLowerCase()]);
}
