import type { Calendar } from './calendar.ts';
import type { Campaign, Curve } from './curves.ts';
import { type Account, type ApplicationName, type Organisation, tagsFor, type Unit } from './organisation.ts';
import type { Prices } from './prices.ts';
import type { Random } from './random.ts';

/** One price of one thing AWS sells: everything a bill line says that does not depend on the resource or the day. */
export interface Sku {
  /** AWS product code, such as AmazonEC2. */
  product: string;
  usageType: string;
  operation: string;
  description: string;
  unit: string;
  /** USD a unit, decimal text. */
  price: string;
  /** The unit is a month of something: a day's line has a 28th to a 31st of the quantity. */
  monthly?: true;
  family: string;
  /** Where it differs from the product code: data transfer is sold by AWSDataTransfer. */
  serviceCode?: string;
  region: string;
  instanceType?: string;
  /** Further entries of the CUR's `product` map. */
  attributes?: Record<string, string>;
  /** Discount a Compute Savings Plan gives, 0.27 is 27 %. Absent: not eligible. */
  computeDiscount?: number;
  /** Discount an EC2 Instance Savings Plan of this instance family gives. */
  familyDiscount?: number;
}

/**
 * A quantity of one SKU for one resource, a day (or a month, for monthly SKUs), as it is on a weekday at the end of the
 * estate. Becomes at least one bill line a day from `fromDay` to before `toDay`. A stream of quantity 0 is a place for
 * charges that are computed otherwise: fees, tax, credits, and the pods' shares of their nodes.
 */
export interface Stream {
  id: number;
  account: number;
  region: string;
  zone: string | null;
  resourceId: string | null;
  sku: number;
  tags: number | null;
  fromDay: number;
  toDay: number;
  quantity: number;
  curve: number;
  noise: number;
  /** Position of the reservation that covers this usage. */
  reservation: number | null;
}

/** Who runs a resource and where. */
export interface Owner {
  account: Account;
  application: ApplicationName;
  region: string;
}

/** A resource as the inventory shows it. `id` is what the bill and the metrics call it. */
export interface Resource extends Owner {
  id: string;
  /** The type as AWS Resource Explorer names it, such as ec2:instance. */
  type: string;
  name: string;
  zone: string | null;
  tags: number;
  state: string;
  configuration: Record<string, unknown>;
  /** What was configured otherwise before a day. */
  earlier: { before: number; configuration: Record<string, unknown> }[];
  fromDay: number;
  toDay: number;
}

/** An hourly metric of a resource. Values of one hour: avg, max and p95 over `samples` samples. */
export interface Series {
  resourceId: string;
  metric: string;
  /** Mean of the busy hours, before shape and noise. */
  mean: number;
  /** Name of the 168-hour shape it follows. */
  shape: string;
  noise: number;
  /** Largest sample as a multiple of the hour's average. */
  peak: number;
  /** No sample is above this, such as 100 percent. */
  cap: number;
  decimals: number;
  samples: number;
  /** When set, the day's billed quantity of that stream is spread over its hours, and `mean` scales it. */
  stream: number | null;
  fromDay: number;
  toDay: number;
}

/** Planted waste: what is wrong, which charges it makes, and which part of them would go away. */
export interface Waste {
  check: string;
  resourceId: string;
  owner: Owner;
  streams: number[];
  savedShare: number;
  reason: string;
  /** What shows it: metric names, or the state in the inventory. */
  evidence: { metrics: string[] } | { inventory: string };
  target?: string;
}

/** Looks like waste at first sight and is not. */
export interface Decoy {
  check: string;
  resourceId: string;
  reason: string;
}

/** A planted anomaly or known event that multiplies streams; `born` streams exist only because of it. */
export interface PlantedEvent {
  id: string;
  kind: 'anomaly' | 'planned';
  shape: string;
  fromDay: number;
  toDay: number;
  dimensions: Record<string, string>;
  reason: string;
  effects: { stream: number; factor: (daysSince: number) => number }[];
  born: number[];
}

/** A lasting change of price, usage or commitment; measured on the charges of these streams, or on what a plan covers. */
export interface Change {
  id: string;
  kind: 'price' | 'usage' | 'commitment';
  day: number;
  dimensions: Record<string, string>;
  reason: string;
  streams: number[];
  /** Position of the Savings Plan that began or ended. */
  plan?: number;
}

/** Something that was cleaned up: the charges it touched, measured before and after. */
export interface Remediation {
  action: string;
  day: number;
  owner: Owner;
  resourceIds: string[];
  streams: number[];
  reason: string;
  revertedDay?: number;
}

export interface SavingsPlan {
  arn: string;
  type: 'ComputeSavingsPlans' | 'EC2InstanceSavingsPlans';
  family: string | null;
  region: string | null;
  /** USD an hour, decimal text. */
  hourly: string;
  fromDay: number;
  toDay: number;
  feeStream: number;
}

export interface Reservation {
  arn: string;
  count: number;
  /** USD per reserved unit: recurring an hour, and once at purchase. */
  hourly: string;
  upfront: string;
  fromDay: number;
  toDay: number;
  termHours: number;
  feeStream: number;
  upfrontStream: number | null;
}

/** A charge whose amount the plan fixes, as fees, credits and refunds are. */
export interface FixedCharge {
  stream: number;
  day: number;
  /** Last day the charge is for, exclusive. */
  endDay: number;
  amount: string;
  type: 'Fee' | 'Credit' | 'Refund';
}

/** A pod's share of its node, for split cost allocation. Requests are vCPU or GB; usage is a part of the request. */
export interface PodShare {
  stream: number;
  nodeStreams: number[];
  nodeInstance: string;
  resource: 'vcpu' | 'memory';
  request: number;
  usedPart: number;
  nodeVcpus: number;
  nodeMemory: number;
}

/** A rate of tax on what an account pays for a product. */
export interface TaxRule {
  stream: number;
  account: number;
  product: string;
  rate: string;
}

/** The plan under construction: parts add resources, streams and series to it, and say what they planted. */
export class Estate {
  readonly calendar: Calendar;
  readonly prices: Prices;
  readonly organisation: Organisation;
  readonly skus: Sku[] = [];
  readonly tagSets: Record<string, string>[] = [];
  readonly curves: Curve[] = [];
  readonly streams: Stream[] = [];
  readonly resources: Resource[] = [];
  readonly series: Series[] = [];
  readonly waste: Waste[] = [];
  readonly decoys: Decoy[] = [];
  readonly events: PlantedEvent[] = [];
  readonly changes: Change[] = [];
  readonly remediations: Remediation[] = [];
  readonly campaigns: Campaign[] = [];
  /** What the visitors of each day have in common, around 1. */
  readonly mood: number[] = [];
  readonly savingsPlans: SavingsPlan[] = [];
  readonly reservations: Reservation[] = [];
  readonly fixedCharges: FixedCharge[] = [];
  readonly pods: PodShare[] = [];
  readonly taxes: TaxRule[] = [];
  /** The stream of the support fee, which is a part of everything else. */
  supportStream = -1;
  /** Resources that report no metrics although their kind does. */
  readonly silent: string[] = [];
  #skuIndex = new Map<string, number>();
  #tagIndex = new Map<string, number>();
  #curveIndex = new Map<string, number>();

  constructor(calendar: Calendar, prices: Prices, organisation: Organisation) {
    this.calendar = calendar;
    this.prices = prices;
    this.organisation = organisation;
  }

  /** The position of this SKU, adding it when it is new. */
  sku(sku: Sku): number {
    return position(this.#skuIndex, this.skus, [sku.product, sku.usageType, sku.operation, sku.price].join('|'), sku);
  }

  tagSet(tags: Record<string, string>): number {
    return position(this.#tagIndex, this.tagSets, JSON.stringify(tags), tags);
  }

  curve(curve: Curve): number {
    return position(this.#curveIndex, this.curves, JSON.stringify(curve), curve);
  }

  /**
   * Adds a resource to the inventory, with tags as its owner's people set them.
   * Days before the estate begins are cut off; a resource that ends before it never shows.
   */
  resource(
    spec: Pick<Resource, 'id' | 'type' | 'name'> &
      Owner &
      Partial<Pick<Resource, 'zone' | 'state' | 'configuration' | 'earlier' | 'fromDay' | 'toDay'>>,
    rng: Random,
    extraTags: Record<string, string> = {},
  ): Resource {
    const tags = tagsFor(spec.account.role, spec.application, spec.name, rng);
    const resource = {
      zone: null,
      state: 'available',
      configuration: {},
      earlier: [],
      fromDay: 0,
      toDay: this.calendar.days,
      ...spec,
      tags: this.tagSet({ ...tags, ...extraTags }),
    };
    this.resources.push(resource);
    return resource;
  }

  /** Adds a charge for a resource, or for an owner without one, and returns its number. */
  charge(
    site: Resource | Owner,
    sku: number,
    quantity: number,
    options: { curve?: Curve; noise?: number; from?: number; to?: number; reservation?: number } = {},
  ): number {
    const resource = 'id' in site ? site : null;
    const id = this.streams.length;
    this.streams.push({
      id,
      account: site.account.index,
      region: site.region,
      zone: resource?.zone ?? null,
      resourceId: resource?.id ?? null,
      sku,
      tags: resource?.tags ?? null,
      fromDay: Math.max(0, options.from ?? resource?.fromDay ?? 0),
      toDay: Math.min(this.calendar.days, options.to ?? resource?.toDay ?? this.calendar.days),
      quantity,
      curve: this.curve(options.curve ?? {}),
      noise: options.noise ?? 0.06,
      reservation: options.reservation ?? null,
    });
    return id;
  }

  /** A charge for each hour something runs; without noise, since hours are what they are. */
  hourly(
    site: Resource,
    sku: number,
    options: { curve?: Curve; from?: number; to?: number; reservation?: number } = {},
  ) {
    return this.charge(site, sku, 24, { ...options, noise: 0 });
  }

  /** Adds an hourly metric; `mean` is what busy hours show. */
  metric(resource: Resource, metric: string, mean: number, options: Partial<Series> = {}): void {
    this.series.push({
      resourceId: resource.id,
      metric,
      mean,
      shape: 'flat',
      noise: 0.15,
      peak: 1.6,
      cap: 1e15,
      decimals: 3,
      samples: 12,
      stream: null,
      fromDay: resource.fromDay,
      toDay: resource.toDay,
      ...options,
    });
  }
}

/** What a part of the plan gets: the estate, the business unit it furnishes, and its own source of numbers. */
export type Part = (estate: Estate, unit: Unit, rng: Random) => void;

function position<T>(index: Map<string, number>, list: T[], key: string, value: T): number {
  const known = index.get(key);
  if (known !== undefined) return known;
  index.set(key, list.length);
  list.push(value);
  return list.length - 1;
}
