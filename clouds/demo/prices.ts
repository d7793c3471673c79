import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packageRoot } from '../../config.ts';
import { PennyError } from '../../errors.ts';

/**
 * Public AWS list prices in USD as decimal text, read from `pricing/` (its README names origin and dates). A price that is
 * not there is a mistake in the plan and throws `not_found`.
 */
export interface Prices {
  /** Per hour, Linux, shared tenancy; `before: true` gives the price before AWS last lowered it, where the table has one. */
  ec2(region: string, type: string, options?: { before: boolean }): string;
  vcpus(type: string): number;
  memoryGib(type: string): number;
  /** A row of ebs-prices.csv by its item, such as `Storage General Purpose gp3 GB Mo`. */
  ebs(region: string, item: string): string;
  /** Per hour; a Multi-AZ deployment costs twice the Single-AZ price. */
  rds(region: string, type: string, engine: string): string;
  elasticache(region: string, type: string): string;
  fargate(region: string): { vcpuHour: string; gbHour: string };
  /** A row of other-services.csv; a region without its own row has the us-east-1 price. */
  other(service: string, item: string, region: string): string;
}

/** Reads the price tables: a few thousand rows, tens of milliseconds. */
export function readPrices(): Prices {
  const ec2 = new Map<string, string>();
  const earlier = new Map<string, string>();
  const sizes = new Map<string, { vcpus: number; memoryGib: number }>();
  for (const row of table('ec2-ondemand.csv.gz')) {
    if (row.os !== 'linux') continue;
    (row.is_latest === '1' ? ec2 : earlier).set(`${row.region}/${row.instance_type}`, row.usd_per_hour ?? '');
    sizes.set(row.instance_type ?? '', { vcpus: Number(row.vcpu), memoryGib: Number(row.memory_gib) });
  }
  const ebs = index('ebs-prices.csv', ['region', 'price_item'], 'usd');
  const rds = index('rds-ondemand.csv.gz', ['region', 'instance_type', 'engine'], 'usd_per_hour');
  const cache = index('elasticache-ondemand.csv.gz', ['region', 'instance_type', 'engine'], 'usd_per_hour');
  const vcpuHour = index('fargate.csv', ['region'], 'usd_per_vcpu_hour');
  const gbHour = index('fargate.csv', ['region'], 'usd_per_gb_hour');
  const other = index('other-services.csv', ['service', 'item', 'region'], 'usd');
  return {
    ec2: (region, type, options) => found(options?.before ? earlier : ec2, `${region}/${type}`),
    vcpus: (type) => found(sizes, type).vcpus,
    memoryGib: (type) => found(sizes, type).memoryGib,
    ebs: (region, item) => found(ebs, `${region}/${item}`),
    rds: (region, type, engine) => found(rds, `${region}/${type}/${engine}`),
    elasticache: (region, type) => found(cache, `${region}/${type}/Redis`),
    fargate: (region) => ({ vcpuHour: found(vcpuHour, region), gbHour: found(gbHour, region) }),
    other: (service, item, region) =>
      other.get(`${service}/${item}/${region}`) ?? found(other, `${service}/${item}/us-east-1`),
  };
}

function found<T>(prices: Map<string, T>, key: string): T {
  const price = prices.get(key);
  if (price === undefined) throw new PennyError('not_found', `The price tables hold no price for ${key}.`);
  return price;
}

function index(file: string, keys: string[], value: string): Map<string, string> {
  return new Map(table(file).map((row) => [keys.map((key) => row[key]).join('/'), row[value] ?? '']));
}

/** The rows of a table of `pricing/`, by column name. These tables quote nothing, so a comma always separates. */
function table(file: string): Record<string, string>[] {
  const raw = readFileSync(join(packageRoot, 'pricing', file));
  const text = (file.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8');
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const names = header.trimEnd().split(',');
  return lines.map((line) => {
    const cells = line.trimEnd().split(',');
    return Object.fromEntries(names.map((name, position) => [name, cells[position] ?? '']));
  });
}
