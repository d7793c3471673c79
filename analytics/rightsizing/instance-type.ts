import type { Evidence, Price, PriceBook } from './evidence.ts';

/** A type of EC2 instance, by its name. */
export interface InstanceType {
  /** For example 'm6gd.2xlarge'. */
  name: string;
  /** 'm6gd' */
  family: string;
  /** 'm': what it is made for. */
  series: string;
  generation: number;
  /** 'gd': processor and extras. */
  options: string;
  /** '2xlarge' */
  size: string;
}

/**
 * Returns the parts of a type's name; undefined when it is not named as types are. Source: Amazon EC2 Instance Types Guide,
 * "Instance type naming conventions".
 */
export function instanceType(name: string | undefined): InstanceType | undefined {
  const parts = /^([a-z]+?|u7i[a-z]*-\d+tb|hpc|inf|trn)(\d+)([a-z]*(?:-[a-z0-9]+)?)\.([a-z0-9-]+)$/.exec(name ?? '');
  if (parts === null || name === undefined) return undefined;
  const [, series = '', generation = '', options = '', size = ''] = parts;
  return { name, family: `${series}${generation}${options}`, series, generation: Number(generation), options, size };
}

/** Whether a type runs on Arm: its options begin with 'g' (Graviton), as those of the first generation, A1, need not. */
export function isArm({ series, options }: InstanceType): boolean {
  return series === 'a' || options.startsWith('g');
}

/** Whether it saves up CPU time for later: what a smaller one carries depends on how long. */
export function isBurstable({ series }: InstanceType): boolean {
  return series === 't';
}

/** Whether it has accelerators, whose use the CPU does not show. */
export function hasAccelerator({ series }: InstanceType): boolean {
  return ['g', 'gr', 'p', 'inf', 'trn', 'dl', 'vt', 'f'].includes(series);
}

/** A type with what it is made of and what an hour of it costs. */
export interface PricedType extends InstanceType {
  vcpus: number;
  memoryGib: number;
  price: Price;
}

const books = new WeakMap<PriceBook, Map<string, PricedType[]>>();

/** Returns the types that are sold in a region for an operating system ('linux'), the cheapest first. */
export function pricedTypes(prices: PriceBook, system: string): readonly PricedType[] {
  const bySystem = books.get(prices) ?? new Map<string, PricedType[]>();
  books.set(prices, bySystem);
  const known = bySystem.get(system);
  if (known !== undefined) return known;
  const types = prices.all
    .filter(({ product, pricingUnit }) => pricingUnit === 'Hrs' && product.endsWith(` ${system}`))
    .flatMap((price): PricedType[] => {
      const type = instanceType(price.product.slice(0, -system.length - 1));
      const vcpus = Number(price.attributes.vcpu);
      const memoryGib = Number.parseFloat(String(price.attributes.memory ?? '').replaceAll(',', ''));
      if (type === undefined || !(vcpus > 0) || !(memoryGib > 0)) return [];
      return [{ ...type, vcpus, memoryGib, price }];
    })
    .sort((one, other) => Number(one.price.listUnitPrice) - Number(other.price.listUnitPrice));
  bySystem.set(system, types);
  return types;
}

/** Returns the operating system as prices name it; undefined for one whose price is not told from others. */
export function systemOf({ resource }: Pick<Evidence, 'resource'>): string | undefined {
  const platform = String(resource.configuration?.platform ?? '').toLowerCase();
  if (platform === 'linux/unix' || platform === '') return 'linux';
  if (platform === 'windows') return 'windows';
  if (platform === 'red hat enterprise linux') return 'rhel';
  return platform === 'suse linux' ? 'suse' : undefined;
}

/** Megabits a second that a size of these kinds can always have; what it may have for a while is more. */
const BANDWIDTH: Record<'burstable' | 'five' | 'six' | 'seven', Readonly<Record<string, number>>> = {
  burstable: { nano: 32, micro: 64, small: 128, medium: 256, large: 512, xlarge: 1024, '2xlarge': 2048 },
  five: { medium: 500, large: 750, xlarge: 1250, '2xlarge': 2500, '4xlarge': 5000, '8xlarge': 10_000 },
  six: { medium: 390, large: 781, xlarge: 1562, '2xlarge': 3125, '4xlarge': 6250, '8xlarge': 12_500 },
  seven: { medium: 520, large: 937, xlarge: 1875, '2xlarge': 3750, '4xlarge': 7500, '8xlarge': 15_000 },
};
/** What the larger sizes have at least, and the smaller ones of older kinds. */
const LARGE = 12_000;
const UNTOLD = 100;

/**
 * Returns the megabits a second that a type has at least. Source: Amazon EC2 Instance Types Guide, "Network specifications", baseline
 * bandwidth of the plain families; those made for the network have more. For generations before the fifth AWS gives no number.
 */
export function baselineMbps(type: InstanceType): number {
  if (type.generation < (isBurstable(type) ? 3 : 5)) return UNTOLD;
  const table = BANDWIDTH[kindOf(type)];
  const half = type.options.endsWith('-flex') ? 0.5 : 1;
  const known = table[type.size];
  if (known !== undefined) return known * half;
  return /^(9|1\d|2\d|3\d|4\d)xlarge$|^metal/.test(type.size) ? LARGE : UNTOLD;
}

function kindOf(type: InstanceType): keyof typeof BANDWIDTH {
  if (isBurstable(type)) return 'burstable';
  if (type.generation <= 5 || (type.generation === 6 && isArm(type))) return 'five';
  return type.generation <= 7 && !isArm(type) ? 'six' : 'seven';
}

/** Operations a second on EBS that a size can always have, at the least of the plain families from the fifth generation on. */
const EBS_OPERATIONS: Readonly<Record<string, number>> = {
  ...{ medium: 2500, large: 3600, xlarge: 6000, '2xlarge': 10_000, '4xlarge': 18_750, '8xlarge': 30_000 },
};

/**
 * Returns the operations a second on EBS that a type has at least; undefined where it is not known. Source: Amazon EBS User Guide,
 * "EBS-optimized instance types", baseline IOPS.
 */
export function baselineEbsOperations(type: InstanceType): number | undefined {
  if (type.generation < 5 || isBurstable(type)) return undefined;
  return EBS_OPERATIONS[type.size] ?? (/^\d\dxlarge$|^metal/.test(type.size) ? EBS_OPERATIONS['8xlarge'] : undefined);
}
