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

/** What of a version costs is support for an old one. */
const VERSIONS = new Set(['version', 'engineVersion']);

/** Returns what kind of change to the cost of a resource an inventory saw; null when it is none, or makes it larger. */
export function kindOfChange({ kind, before, after }: SeenChange): ChangeKind | null {
  if (kind === 'deleted') return 'removed';
  if (kind === 'created' || before === null || after === null) return null;
  const state = String(after.state ?? '');
  if (REMOVED.test(state)) return 'removed';
  if (STOPPED.test(state) && !STOPPED.test(String(before.state ?? ''))) return 'stopped';
  const [was, is] = [fieldsOf(before.configuration), fieldsOf(after.configuration)];
  // A count that is no longer told is none; of a size nothing is known then.
  const changed = Object.keys(was).filter((field) => (field in is || COUNTS.has(field)) && was[field] !== is[field]);
  if (
    growsOnly(
      changed.filter((field) => !VERSIONS.has(field)),
      was,
      is,
    )
  )
    return null;
  if (changed.some((field) => SIZES.has(field))) return 'resized';
  if (changed.some((field) => COUNTS.has(field))) return 'scaled';
  return changed.some((field) => VERSIONS.has(field)) ? 'upgraded' : null;
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

function growsOnly(changed: readonly string[], was: Record<string, unknown>, is: Record<string, unknown>): boolean {
  const steps = changed.flatMap((field) => {
    const step = Number(is[field] ?? 0) - Number(was[field]);
    return Number.isFinite(step) && step !== 0 ? [step] : [];
  });
  return steps.length > 0 && steps.every((step) => step > 0);
}

interface Verb {
  /** What the action itself is. */
  kind: ChangeKind;
  /** Which changes do what it asks for. Who removes what was to be stopped did more than asked. */
  doneBy: ChangeKind[];
}

const verbs = (names: string[], verb: Verb) => names.map((name) => [name, verb] as const);

const VERBS = new Map<string, Verb>([
  ...verbs(['terminate', 'delete', 'release', 'deregister'], { kind: 'removed', doneBy: ['removed'] }),
  ...verbs(['remove'], { kind: 'removed', doneBy: ['removed', 'scaled'] }),
  ...verbs(['stop'], { kind: 'stopped', doneBy: ['stopped', 'removed', 'scaled'] }),
  ...verbs(['schedule'], { kind: 'scheduled', doneBy: ['scheduled', 'stopped'] }),
  ...verbs(['scale'], { kind: 'scaled', doneBy: ['scaled', 'removed'] }),
  ...verbs(['upgrade'], { kind: 'upgraded', doneBy: ['upgraded', 'resized'] }),
  ...verbs(['resize', 'change', 'modify', 'lower', 'reduce', 'move', 'migrate', 'convert', 'set'], {
    kind: 'resized',
    doneBy: ['resized', 'scaled'],
  }),
]);

const verbOf = (action: string): Verb | undefined => VERBS.get(action.split(/[-_ ]/)[0] ?? '');

/** Returns what kind of change an action such as 'resize-instance' makes; undefined for one that changes no cost that is known of. */
export function kindOfAction(action: string): ChangeKind | undefined {
  return verbOf(action)?.kind;
}

/**
 * Returns as what a change counts that does what an action asks for, or undefined when it does something else. A machine that is
 * stopped where a schedule was asked for starts again, and is no regression.
 */
export function askedKind(action: string, seen: ChangeKind): ChangeKind | undefined {
  const verb = verbOf(action);
  if (verb === undefined || !verb.doneBy.includes(seen)) return undefined;
  return verb.kind === 'scheduled' ? 'scheduled' : seen;
}
