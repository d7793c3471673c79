import type { Account, ApplicationName } from './organisation.ts';

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
