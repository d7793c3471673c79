import type { Evidence, ResourceChange } from './evidence.ts';

/** Since when a resource is as it is, as far as anybody has watched. */
export interface Since {
  /** ISO 8601. */
  at: string;
  /** 'exact': it became so then. 'watched': it was so already when watching began, and may have been for longer. */
  kind: 'exact' | 'watched';
}

/**
 * Returns since when the state and these fields of the configuration are what they are; undefined when no inventory ever saw it.
 * What was made while inventories watched is so since it was made.
 */
export function unchangedSince({ history, resource }: Evidence, fields: readonly string[]): Since | undefined {
  const last = history.changes.filter((change) => touches(change, fields)).at(-1);
  if (last !== undefined) {
    const made = last.kind === 'created' && resource.createdAt !== null ? resource.createdAt : last.observedAt;
    return { at: made, kind: 'exact' };
  }
  if (resource.createdAt !== null && history.observedSince !== null && resource.createdAt >= history.observedSince) {
    return { at: resource.createdAt, kind: 'exact' };
  }
  return history.observedSince === null ? undefined : { at: history.observedSince, kind: 'watched' };
}

function touches({ kind, before, after }: ResourceChange, fields: readonly string[]): boolean {
  if (kind === 'created') return true;
  if (before !== null && 'state' in before) return true;
  const [was, is] = [configurationOf(before), configurationOf(after)];
  return fields.some((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]));
}

function configurationOf(state: Readonly<Record<string, unknown>> | null): Record<string, unknown> {
  const configuration = state?.configuration;
  return typeof configuration === 'object' && configuration !== null ? (configuration as Record<string, unknown>) : {};
}

/** Returns the whole days from an instant to `now`. */
export function daysSince(at: string, now: Date): number {
  return Math.floor((now.getTime() - Date.parse(at)) / 86_400_000);
}
