import { createHash } from 'node:crypto';

/** What is to be done, exactly. */
export interface ExactAction {
  /** For example 'stop-ec2-instance'. */
  action: string;
  parameters: Readonly<Record<string, unknown>>;
}

/**
 * Returns the SHA-256, in hex, of an action and its parameters, whatever the order of their keys. Approvals name it, and it is computed again
 * before a decision and before anything is applied.
 * @throws TypeError for what JSON cannot hold
 */
export function hashOfAction({ action, parameters }: ExactAction): string {
  return createHash('sha256').update(canonicalJson({ action, parameters })).digest('hex');
}

/** Returns the one JSON text of a value: keys in order, no spaces (as RFC 8785 for the values used here). Equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
  }
  throw new TypeError(`A parameter of the type ${typeof value} cannot be written down.`);
}
