import type { ChargeColumn, Cost } from '../analytics/focus.ts';
import type { Config } from '../config.ts';

/** What a column of an export holds: `number` is summed, `price` is not, `map` is a set of keys and values, as MAP, STRUCT, a list of pairs or JSON text. */
export type SourceColumnKind = 'text' | 'number' | 'price' | 'time' | 'map';

/** A column of an export that the mapping of its source uses. */
export interface SourceColumn {
  kind: SourceColumnKind;
  /**
   * Where the file may have it, under canonical names, the first filled one counts; `product.region` is the key `region` of
   * the map column `product`. Unset: its own name.
   */
  from?: readonly string[];
  /** A file without the column is refused. */
  required?: true;
  /** A line that lacks the value is refused. */
  filled?: true;
  /** A value that can't be read counts as missing, because no sum hangs on it. */
  lenient?: true;
  /** The only values known how to count. Any other one stops the load. */
  values?: readonly string[];
}

/** A column that holds tags: a map of them or, when `key` is set, the values of one tag. */
export interface TagColumn {
  /** The column's name as in the file. */
  column: string;
  key?: string;
  /** SQL that makes the tag's key from the map's key, which it calls `k`. Unset: the key as it is. */
  keySql?: string;
  /** Left out for lines where the column named here holds tags: both hold the same ones in different spellings. */
  unless?: string;
}

/** A small table that the mapping looks things up in. Its first column is what it is looked up by. */
export interface LookupTable {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** The column of the source that the first column is matched with. */
  by: string;
}

/** One kind of billing export: how it is recognised and how its lines become FOCUS charges. */
export interface BillingSource {
  /** Recorded with every load, for example 'aws-cur-2'. */
  id: string;
  /** For people, for example 'AWS CUR 2.0'. */
  title: string;
  /** Returns the name by which the mapping knows a column, whatever the file's spelling. */
  canonical(column: string): string;
  /** Returns how a file with these columns would spell a column it lacks. Unset: by its canonical name. */
  spelled?(name: string, columns: readonly string[]): string;
  /** Returns the version of the format when columns of these canonical names are this source, else undefined. */
  recognise(columns: ReadonlySet<string>): { version: string | null } | undefined;
  /** The columns the mapping uses, by canonical name. */
  columns: Readonly<Record<string, SourceColumn>>;
  /**
   * The mapping: a SQL expression (DuckDB) over `columns` and `lookups` for each column of a charge. That of a summed one is
   * summed over the lines. An expression may name summed columns of the charge, if it holds of their sums over a day.
   */
  charge: Readonly<Record<ChargeColumn, string>>;
  /**
   * The money columns whose sums a load reports, by canonical name, with the cost they are stored as when the mapping takes
   * them as they are; null for those that are only read.
   */
  money: Readonly<Record<string, Cost | null>>;
  /** Returns which of the file's columns (as spelled there) hold tags. */
  tags(columns: readonly string[]): TagColumn[];
  /** Texts that mean "no value" in a CSV file of this source, besides the empty one. */
  nullTexts: readonly string[];
  lookups: Readonly<Record<string, LookupTable>>;
  /** The source whose lines these are, when its mapping was done where they lie. */
  summed?: BillingSource;
}

/** A delivery as its manifest describes it: which files belong together. */
export interface Manifest {
  /** The files, as the manifest spells their paths or URIs. */
  keys: string[];
  /** What delivers of the same export and billing period have in common; only the newest one of them is read. */
  series: string;
  /** Orders the deliveries of a series; null when the manifest doesn't say. */
  delivered: string | null;
  /** Version of the format, when the manifest says. */
  version: string | null;
}

/** An account as the cloud itself knows it. */
export interface CloudAccount {
  accountId: string;
  name: string | null;
  /** 'billing' for who pays, 'sub' for the accounts below it. */
  kind: 'billing' | 'sub';
  billingAccountId: string;
  serviceProviderName: string;
  /** The provider's own word, for example 'ACTIVE'. */
  state: string | null;
  tags: Record<string, string>;
}

/** A resource as an inventory finds it. `resourceId` is the id on the bill. */
export interface CloudResource {
  resourceId: string;
  resourceType: string;
  serviceName: string;
  serviceProviderName: string;
  name: string | null;
  accountId: string;
  billingAccountId: string;
  regionId: string | null;
  availabilityZone: string | null;
  state: string;
  /** ISO 8601. */
  createdAt: string | null;
  tags: Record<string, string>;
  configuration: Record<string, unknown>;
}

/** Kinds of resources in a region of an account. */
export interface InventoryPart {
  accountId: string;
  regionId: string;
  resourceTypes: readonly string[];
}

/** What an inventory could not read, and why. What is stored of it stays as it is. */
export interface InventoryGap extends InventoryPart {
  reason: string;
}

/** What a cloud holds, as read at one time. */
export interface CloudInventory {
  billingAccountId: string;
  accounts: CloudAccount[];
  resources: AsyncIterable<CloudResource>;
  /** Read to the end: what of these is not among `resources` exists no longer. */
  complete: InventoryPart[];
  gaps: InventoryGap[];
  /** Lets go of the files behind `resources`. */
  close(): void;
}

/** What a run of a job gives a cloud. */
export interface CloudRun {
  /** A folder for files of this run. */
  folder: string;
  signal?: AbortSignal;
  /** Called as parts are done, for people who wait. */
  onProgress?(done: number, total: number): void;
}

/** The files of one billing month, of all exports that were named: they are loaded together, so that none replaces another. */
export interface ExportGroup {
  /** 'YYYY-MM'; null for files whose names don't say. */
  month: string | null;
  /** Each data file with what tells its contents from earlier ones, such as 's3://bucket/key#etag'. */
  uris: string[];
  /** Of all files. */
  bytes: number;
  /**
   * Copies the files into a folder, where each lies below it as its URI names it, and returns what to load: the manifests,
   * or the files where there is none.
   * @throws PennyError `conflict` when a file was replaced since it was listed, `cloud_denied`, `cloud_unavailable`
   */
  fetch(folder: string, signal?: AbortSignal): Promise<string[]>;
}

/** What a cloud itself says a month cost an account; the parts of an account's month add up to it. */
export interface BillTotal {
  /** First day of the month. */
  month: string;
  accountId: string;
  currency: string;
  /** The cost it is comparable with. */
  metric: 'billed_cost' | 'effective_cost';
  part: 'charges' | 'tax' | 'credits' | 'refunds' | 'support';
  /** Decimal text; several of the same part add up. */
  amount: string;
}

/** An engine that sums an export to days where it lies. It speaks the dialect `trino` (warehouse/dialects.ts). */
export interface Warehouse {
  /** For people, for example 'Trino'. */
  title: string;
  /** The catalog and the schema of a table that is named without them; none: tables are named in full. */
  within: readonly string[];
  /**
   * Returns the rows of a small result, all values as text.
   * @throws PennyError `warehouse_failed`, `warehouse_unavailable`, and those of the cloud it belongs to
   */
  rows(sql: string, signal: AbortSignal): Promise<(string | null)[][]>;
  /**
   * Yields a result of any size as the text of a CSV file, head line first, where NULL is nothing between two commas and all else stands
   * in quotes; when it ends it returns how many bytes the engine read. A statement that was begun with the same `token`, by a process that
   * died, is taken up instead of being begun again, where the engine can do so. An abort ends it at the engine.
   */
  csv(
    sql: string,
    options: { signal: AbortSignal; token?: string },
  ): AsyncGenerator<string | Uint8Array, { bytesRead: number | null }>;
}

/** A cloud as one run of a job sees it. */
export interface OpenCloud {
  /**
   * Returns the newest deliveries of the billing exports at `uris`, the oldest month first, and what was left out.
   * `since` ('YYYY-MM') leaves earlier months out.
   * @throws PennyError `not_found`, `file_unreadable`, `invalid_input`, `cloud_denied`, `cloud_unavailable`, `cloud_budget`
   */
  findExports(
    uris: readonly string[],
    options?: { since?: string },
  ): Promise<{ groups: ExportGroup[]; notes: string[] }>;
  /** Returns what the accounts hold. */
  readInventory(run: CloudRun): Promise<CloudInventory>;
  /** How many hours the cloud keeps what it measured, hour by hour. */
  usageKeptHours: number;
  /** Returns what the metrics of the resources of `regions` were in the hours before `to`, a full hour. */
  readUsage(run: CloudRun, asked: { regions: readonly MeasuredRegion[]; to: Date }): Promise<CloudUsage>;
  /**
   * Returns the list prices of what the checks know how to price, in these regions. One that comes with several amounts is
   * left out. Published lists are read anew only when they are newer than `known`, the day of the list that is stored, by service code
   * and region with a space between.
   * @throws PennyError `value_invalid`, `cloud_denied`, `cloud_unavailable`, `cloud_budget`
   */
  readPrices(
    run: CloudRun,
    asked: { regions: readonly string[]; known: ReadonlyMap<string, string> },
  ): Promise<CloudPrice[]>;
  /** Returns the list prices that ship with Penny: old, and dated. */
  shippedPrices(): CloudPrice[];
  /**
   * Returns what the cloud itself says these months (first days) cost, each account by itself; undefined when it may not be asked:
   * asking costs money.
   * @throws PennyError `cloud_denied`, `cloud_unavailable`, `cloud_budget`
   */
  readBillTotals(months: readonly string[]): Promise<BillTotal[] | undefined>;
  /**
   * Returns the account that pays for all others.
   * @throws PennyError `cloud_denied`, `cloud_unavailable`, `cloud_budget`
   */
  billingAccount(): Promise<string>;
  /** Returns how often the run has called each operation. */
  calls(): Record<string, number>;
}

/** A cloud Penny reads. */
export interface Cloud {
  id: string;
  /** For people. */
  title: string;
  /** How URIs of its store begin, such as 's3://'. */
  scheme: string;
  /** Returns what has to be set before its accounts are read on a clock; undefined when that is so. */
  missing(config: Config): string | undefined;
  /** Returns the cloud for one run; what is asked of it ends with `signal`, and throws its reason. */
  open(config: Config, signal?: AbortSignal): Promise<OpenCloud>;
  /** Returns the engine of the cloud that sums exports in its store; undefined when none is set up. */
  openWarehouse(config: Config): Promise<Warehouse | undefined>;
}

/** A resource whose use is asked for, as the inventory has it. */
export interface MeasuredResource {
  resourceId: string;
  resourceType: string;
  accountId: string;
  regionId: string;
  name: string | null;
  /** ISO 8601; null when the cloud does not say. */
  createdAt: string | null;
  configuration: Record<string, unknown>;
  /** From which full hour on its use is asked for, where that is earlier than for its region: it is new among the resources. */
  from?: Date;
}

/** A region of an account, the resources in it whose use is asked for, and from which full hour on. */
export interface MeasuredRegion {
  accountId: string;
  regionId: string;
  from: Date;
  resources: readonly MeasuredResource[];
}

/** What one metric of a resource was in one hour. */
export interface UsageHour {
  resourceId: string;
  metric: string;
  /** Start of the hour, ISO 8601 in UTC. */
  hour: string;
  avg: number;
  max: number;
  /** Null where the source gives none. */
  p95: number | null;
  sampleCount: number;
}

/** What was measured. An hour that is not among `hours` was not measured, which is not the same as not used. */
export interface CloudUsage {
  /** A resource, metric and hour stands in it once. */
  hours: AsyncIterable<UsageHour>;
  /** Regions that were read to the end. */
  complete: { accountId: string; regionId: string }[];
  /** Regions whose measurements could not all be read. */
  gaps: { accountId: string; regionId: string; reason: string }[];
  /** Lets go of the files behind `hours`. */
  close(): void;
}

/** A Kubernetes cluster as the inventory has it. */
export interface KnownCluster {
  resourceId: string;
  name: string;
  /** Of the cluster, and of what runs in it. */
  serviceName: string;
  serviceProviderName: string;
  accountId: string;
  billingAccountId: string;
  regionId: string;
  /** The type of what runs in it. */
  workloadType: string;
}

/** A cluster that reports and can't be told whose it is, by the name it reports under. */
export interface ClusterGap {
  cluster: string;
  reason: string;
}

/** Clusters by the names they report under. */
export type ReportingClusters = ReadonlyMap<string, KnownCluster>;

/** The monitoring of Kubernetes clusters as one run of a job sees it. */
export interface OpenWorkloads {
  /**
   * Returns which of the known clusters report now.
   * @throws PennyError `cloud_denied`, `cloud_unavailable`
   */
  findClusters(known: readonly KnownCluster[]): Promise<{ clusters: ReportingClusters; gaps: ClusterGap[] }>;
  /**
   * Returns what has run in these clusters in the last week: a resource for each container of each workload.
   * @throws PennyError `cloud_denied`, `cloud_unavailable`, also when the answer was not complete
   */
  readWorkloads(clusters: ReportingClusters): Promise<CloudResource[]>;
  /**
   * Returns how the workloads, and the nodes they run on, were used in the hours from `from` to before `to`, both full hours. Trouble on
   * the way ends the reading early; what was read is there all the same.
   */
  readUsage(
    run: CloudRun,
    asked: { clusters: ReportingClusters; workloads: readonly CloudResource[]; from: Date; to: Date },
  ): Promise<WorkloadUsage>;
}

/** What was measured. */
export interface WorkloadUsage {
  /** A resource, metric and hour stands in it once. */
  hours: AsyncIterable<UsageHour>;
  /** All hours before it were read to the end. */
  readThrough: Date;
  /** Why it is not `to`; null when it is. */
  reason: string | null;
  /** Lets go of the files behind `hours`. */
  close(): void;
}

/** A list price and since when it is true. */
export interface CloudPrice {
  serviceProviderName: string;
  serviceCode: string;
  /** What is sold, for example 'm5.large linux' or 'gp3 storage'. */
  product: string;
  regionId: string;
  /** What one price buys, for example 'Hrs' or 'GB-Mo'. */
  pricingUnit: string;
  pricingCurrency: string;
  /** Decimal text. */
  listUnitPrice: string;
  skuId: string | null;
  attributes: Record<string, string>;
  /** 'YYYY-MM-DD', as far as the source tells. */
  validFrom: string;
  /** Asked of the cloud, out of the list it publishes for everybody, or out of the dated tables that ship with Penny. */
  source: 'api' | 'bulk list' | 'snapshot';
  sourceDate: string;
  sourceUrl: string | null;
}
