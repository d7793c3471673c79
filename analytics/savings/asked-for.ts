import type { ChangeKind } from './levers.ts';

/** A change as an inventory saw it: the fields that differ, before and after. */
export interface SeenChange {
  kind: 'created' | 'changed' | 'deleted';
  before: Readonly<Record<string, unknown>> | null;
  after: Readonly<Record<string, unknown>> | null;
}

const REMOVED = /^(terminated|shutting-down|deleted|deleting|released)$/i;
const STOPPED = /^(stopped|stopping)$/i;

/** Fields of a configuration that say how large something is, and those that say how many of it there are. */
const SIZES = new Set([
  ...[
    'instanceType',
    'instanceClass',
    'nodeType',
    'cacheNodeType',
    'volumeType',
    'storageTier',
    'iops',
    'throughputMibPerSecond',
  ],
  ...[
    'memoryMib',
    'cpuUnits',
    'taskVcpus',
    'taskMemoryGib',
    'ephemeralStorageMib',
    'architecture',
    'allocatedStorageGib',
  ],
]);
const COUNTS = new Set([
  ...[
    'nodes',
    'instances',
    'replicas',
    'desiredTasks',
    'desiredNodes',
    'desiredCapacity',
    'minSize',
    'maxSize',
    'sizeGib',
  ],
  ...['provisionedConcurrency', 'readCapacityUnits', 'writeCapacityUnits', 'multiAz', 'retentionInDays'],
]);

/** Returns what kind of change to the cost of a resource an inventory saw; null when it is none, or makes it larger. */
export function kindOfChange({ kind, before, after }: SeenChange): ChangeKind | null {
  if (kind === 'deleted') return 'removed';
  if (kind === 'created' || before === null || after === null) return null;
  const state = String(after.state ?? '');
  if (REMOVED.test(state)) return 'removed';
  if (STOPPED.test(state) && !STOPPED.test(String(before.state ?? ''))) return 'stopped';
  const [was, is] = [fieldsOf(before.configuration), fieldsOf(after.configuration)];
  const changed = Object.keys(was).filter((field) => field in is && was[field] !== is[field]);
  if (growsOnly(changed, was, is)) return null;
  if (changed.some((field) => SIZES.has(field))) return 'resized';
  return changed.some((field) => COUNTS.has(field)) ? 'scaled' : null;
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

function growsOnly(changed: readonly string[], was: Record<string, unknown>, is: Record<string, unknown>): boolean {
  const steps = changed.flatMap((field) => {
    const step = Number(is[field]) - Number(was[field]);
    return Number.isFinite(step) && step !== 0 ? [step] : [];
  });
  return steps.length > 0 && steps.every((step) => step > 0);
}

/** Which changes do what an action asks for, by the first word of its name. Who removes what was to be stopped did more than asked. */
const DONE_BY: Record<string, ChangeKind[]> = {
  ...Object.fromEntries(
    ['terminate', 'delete', 'release', 'remove', 'deregister', 'snapshot', 'archive'].map((verb) => [
      verb,
      ['removed'] as ChangeKind[],
    ]),
  ),
  stop: ['stopped', 'removed'],
  schedule: ['scheduled', 'stopped'],
  scale: ['scaled', 'removed'],
  ...Object.fromEntries(
    ['resize', 'change', 'modify', 'lower', 'reduce', 'move', 'migrate', 'convert', 'upgrade', 'set'].map((verb) => [
      verb,
      ['resized', 'scaled'] as ChangeKind[],
    ]),
  ),
};

/** Returns whether a change of this kind does what an action such as 'resize-instance' asks for. */
export function isAskedFor(action: string, kind: ChangeKind): boolean {
  return DONE_BY[action.split(/[-_ ]/)[0] ?? '']?.includes(kind) === true;
}
