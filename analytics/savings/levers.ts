/** What was done to a resource, as far as it matters to what it costs. */
export const CHANGE_KINDS = ['removed', 'stopped', 'scheduled', 'scaled', 'resized', 'upgraded'] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Which of a resource's charges a change touches, and which quantity says how much the resource was used. */
export interface Lever {
  /** In words, for who reads the measurement. */
  name: string;
  touches(usageType: string | null): boolean;
  /** The usage types whose quantity the change itself leaves alone; undefined when there is none on the bill. */
  drives?(usageType: string | null): boolean;
}

/**
 * Charges whose price a resize changes while their quantity, or that of others, says what was used. Usage types as they stand on
 * the bill behind a region's prefix: AWS CUR User Guide, "line_item_usage_type"; the first row with a charge of the resource counts.
 */
const RESIZED: { name: string; touches: RegExp; drives?: RegExp; scaledToo?: RegExp }[] = [
  {
    name: 'instance hours',
    touches: /(^|-)(BoxUsage|SpotUsage|DedicatedUsage|HostUsage|HeavyUsage|EBSOptimized|CPUCredits)/,
    drives: /(^|-)(BoxUsage|SpotUsage|DedicatedUsage|HostUsage|HeavyUsage)/,
    // Fewer machines have fewer disks.
    scaledToo: /(^|-)EBS:Volume/,
  },
  {
    name: 'database instance hours',
    touches: /(^|-)(InstanceUsage|Multi-AZUsage|InstanceUsageIOOptimized|Multi-AZUsageIOOptimized)/,
    drives: /(^|-)(InstanceUsage|Multi-AZUsage)/,
  },
  { name: 'volume size', touches: /(^|-)EBS:Volume/, drives: /(^|-)EBS:VolumeUsage/ },
  { name: 'requests', touches: /(^|-)Lambda-(GB-Second|Provisioned)/, drives: /(^|-)(Lambda-)?Requests?(-ARM)?$/ },
  // Of these the number is a part of the size, so that no quantity says what was used.
  { name: 'task hours', touches: /(^|-)Fargate-/ },
  { name: 'node hours', touches: /(^|-)(Node(Usage)?:|ESInstance:|Kafka\.)/ },
];

const ALL: Lever = { name: 'all charges', touches: () => true };

/** Returns the lever of a change on a resource that has charges of these usage types. What is removed or stopped touches all. */
export function leverOf(kind: ChangeKind, usageTypes: readonly (string | null)[]): Lever {
  if (kind !== 'resized' && kind !== 'scaled') return ALL;
  const matches = (pattern: RegExp) => (usageType: string | null) => usageType !== null && pattern.test(usageType);
  const found = RESIZED.find(({ touches }) => usageTypes.some(matches(touches)));
  if (found === undefined) return ALL;
  const { name, touches, drives, scaledToo } = found;
  if (kind === 'resized') return { name, touches: matches(touches), ...(drives ? { drives: matches(drives) } : {}) };
  const [own, more] = [matches(touches), scaledToo === undefined ? () => false : matches(scaledToo)];
  return { name, touches: (usageType) => own(usageType) || more(usageType) };
}
