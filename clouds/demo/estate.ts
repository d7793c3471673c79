import type { Calendar } from './calendar.ts';
import type { Campaign, Curve } from './curves.ts';
import type {
  Change,
  Decoy,
  FixedCharge,
  Owner,
  PlantedEvent,
  PodShare,
  Remediation,
  Reservation,
  Resource,
  SavingsPlan,
  Series,
  Sku,
  Stream,
  TaxRule,
  Waste,
} from './nouns.ts';
import { type Organisation, tagsFor, type Unit } from './organisation.ts';
import type { Prices } from './prices.ts';
import type { Random } from './random.ts';

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
