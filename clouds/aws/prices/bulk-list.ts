import { createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import { PennyError } from '../../../errors.ts';
import type { CloudPrice, CloudRun } from '../../contract.ts';
import { splitRecord } from '../../staging/csv-header.ts';
import { type Engine, openEngine, query } from '../../staging/engine.ts';
import { identifier, literal } from '../../staging/sql.ts';
import { type Entry, KEPT, type Origin, priceOf, questions, withoutDoubts } from './entries.ts';
import { PRODUCTS, type PricedProducts } from './products.ts';

/** What is read of the bulk list. */
export interface BulkAsked {
  regions: readonly string[];
  /** The day of the list that is known, by 'AmazonEC2 eu-west-1'; one that is not newer is not fetched. */
  known: ReadonlyMap<string, string>;
}

/**
 * Returns the same prices as `readPrices`, from the files that AWS publishes for everybody: one of a service and region, of up to some
 * hundred megabytes, is fetched at a time, goes through DuckDB and is gone before the next one comes. No permission is needed.
 * Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
 * @throws PennyError `cloud_unavailable`, `value_invalid`
 */
export async function readBulkList(base: string, run: CloudRun, { regions, known }: BulkAsked): Promise<CloudPrice[]> {
  const { signal, folder, onProgress } = run;
  const services = [...new Set(PRODUCTS.map(({ serviceCode }) => serviceCode))];
  const { offers } = await fetchJson(base, '/offers/v1.0/aws/index.json', OFFERS, signal);
  const prices: CloudPrice[] = [];
  for (const [done, serviceCode] of services.entries()) {
    const url = offers[serviceCode]?.currentRegionIndexUrl;
    const files = url === undefined ? {} : (await fetchJson(base, url, REGIONS, signal)).regions;
    for (const [index, regionId] of regions.entries()) {
      onProgress?.(done * regions.length + index, services.length * regions.length);
      const file = files[regionId]?.currentVersionUrl.replace(/\.json$/, '.csv');
      if (file === undefined || isKnown(file, known.get(`${serviceCode} ${regionId}`))) continue;
      prices.push(...(await readOffer(new URL(file, base), folder, { serviceCode, regionId }, signal)));
    }
  }
  return prices;
}

const OFFERS = z.object({ offers: z.record(z.string(), z.object({ currentRegionIndexUrl: z.string().optional() })) });
const REGIONS = z.object({ regions: z.record(z.string(), z.object({ currentVersionUrl: z.string() })) });

/** A version is the time of its publication, as in /AmazonEC2/20261120180444/eu-west-1/index.csv. */
function isKnown(file: string, day: string | undefined): boolean {
  const [, year, month, date] = /\/(\d{4})(\d\d)(\d\d)\d{6}\//.exec(file) ?? [];
  return day !== undefined && date !== undefined && day >= `${year}-${month}-${date}`;
}

async function fetchJson<Shape extends z.ZodType>(
  base: string,
  path: string,
  shape: Shape,
  signal: AbortSignal | undefined,
): Promise<z.infer<Shape>> {
  const url = new URL(path, base);
  const response = await fetchList(url, signal);
  try {
    return shape.parse(await response.json());
  } catch (cause) {
    signal?.throwIfAborted();
    throw new PennyError('value_invalid', `${url} is not the index of prices that is known.`, { cause });
  }
}

async function fetchList(url: URL, signal: AbortSignal | undefined): Promise<Response> {
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new PennyError('cloud_unavailable', `The price list does not answer at ${url.origin}.`, { cause });
  });
  if (response.ok && response.body !== null) return response;
  throw new PennyError('cloud_unavailable', `The price list answered ${response.status} for ${url}.`);
}

async function readOffer(
  url: URL,
  folder: string,
  offered: { serviceCode: string; regionId: string },
  signal: AbortSignal | undefined,
): Promise<CloudPrice[]> {
  const path = join(folder, 'offer.csv');
  try {
    await download(url, path, signal);
    return await withEngine(folder, signal, (engine) => pricesOf(engine, path, url, offered));
  } finally {
    await rm(path, { force: true });
  }
}

async function download(url: URL, path: string, signal: AbortSignal | undefined): Promise<void> {
  const { body } = await fetchList(url, signal);
  try {
    await pipeline(Readable.fromWeb(body as ReadableStream), createWriteStream(path, { mode: 0o600 }), { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new PennyError('cloud_unavailable', `${url} broke off while it was read.`, { cause });
  }
}

async function withEngine<Result>(
  folder: string,
  signal: AbortSignal | undefined,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const engine = await openEngine(folder);
  const stop = () => engine.interrupt();
  signal?.addEventListener('abort', stop);
  try {
    return await work(engine);
  } finally {
    signal?.removeEventListener('abort', stop);
    engine.close();
  }
}

/** The columns of a price, as the file calls them. */
const TERM = [
  'SKU',
  'OfferTermCode',
  'TermType',
  'EffectiveDate',
  'StartingRange',
  'PricePerUnit',
  'Currency',
] as const;
/** The attributes that rules ask for or name products by, as the Query API calls them. */
const ATTRIBUTES = [
  ...new Set([...PRODUCTS.flatMap(({ filters }) => Object.keys(filters)), ...KEPT]),
  ...['instanceType', 'volumeApiName', 'regionCode'],
];

/** The Query API's 'preInstalledSw' is 'Pre Installed S/W' in the file. */
const plain = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();

async function pricesOf(
  engine: Engine,
  path: string,
  url: URL,
  { serviceCode, regionId }: { serviceCode: string; regionId: string },
): Promise<CloudPrice[]> {
  const { lines, published, columns } = await headOf(path, url);
  const attributes = ATTRIBUTES.map((name) => {
    const column = columns.find((one) => plain(one) === plain(name));
    return `${column === undefined ? 'NULL' : `nullif(${identifier(column)}, '')`} AS ${identifier(name)}`;
  });
  // Most of a file are reservations.
  await engine.connection.run(`CREATE TABLE offer AS SELECT ${TERM.map(identifier).join(', ')}, ${attributes.join(', ')}
    FROM read_csv(${literal(path)}, skip = ${lines}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')
    WHERE "TermType" = 'OnDemand'`);
  const origin = { source: 'bulk list', sourceDate: published.slice(0, 10), sourceUrl: url.href } as const;
  const prices: CloudPrice[] = [];
  for (const rules of questions().filter(([first]) => first?.serviceCode === serviceCode))
    prices.push(...withoutDoubts(await answer(engine, rules, regionId, origin)));
  return prices;
}

/** Lines that can be before the one with the names of the columns. */
const HEAD_LINES = 20;

/** Returns how many lines stand above the names of the columns, what they say of the publication, and the names. */
async function headOf(path: string, url: URL): Promise<{ lines: number; published: string; columns: string[] }> {
  const file = await open(path);
  let lines = 0;
  let published: string | undefined;
  try {
    for await (const line of file.readLines()) {
      const fields = splitRecord(line, ',');
      if (fields[0] === 'Publication Date') published = fields[1];
      if (fields[0] === 'SKU' && published !== undefined && TERM.every((name) => fields.includes(name)))
        return { lines, published: z.iso.datetime().parse(published), columns: fields };
      if (++lines > HEAD_LINES) break;
    }
  } finally {
    await file.close();
  }
  throw new PennyError('value_invalid', `${url} does not begin as a file of prices does.`);
}

const ROW = z.object({
  sku: z.string(),
  effective: z.iso.date(),
  tiers: z.array(z.object({ begin: z.string().nullable(), amount: z.string(), currency: z.string() })),
  attributes: z.record(z.string(), z.string().nullable()),
});

/** Returns the prices of the products that the rules ask for, which all ask the same. */
async function answer(
  engine: Engine,
  rules: readonly PricedProducts[],
  regionId: string,
  origin: Origin,
): Promise<CloudPrice[]> {
  const asked = { ...rules[0]?.filters, regionCode: regionId };
  const conditions = Object.entries(asked).map(([name, value]) => `${identifier(name)} = ${literal(value)}`);
  const attributes = ATTRIBUTES.map((name) => `${identifier(name)} := any_value(${identifier(name)})`);
  const rows = await query(
    engine,
    `SELECT "SKU" AS sku, max("EffectiveDate") AS effective, struct_pack(${attributes.join(', ')}) AS attributes,
       list(struct_pack("begin" := "StartingRange", amount := "PricePerUnit", currency := "Currency")) AS tiers
     FROM offer WHERE ${conditions.join(' AND ')} GROUP BY "SKU", "OfferTermCode"`,
    ROW,
  );
  return rows.flatMap((row) => rules.flatMap((rule) => priceOf(toEntry(row), rule, regionId, origin) ?? []));
}

function toEntry({ sku, effective, tiers, attributes }: z.infer<typeof ROW>): Entry {
  const known = Object.entries(attributes).filter((pair): pair is [string, string] => pair[1] !== null);
  return {
    sku,
    attributes: Object.fromEntries(known),
    effectiveDate: effective,
    tiers: tiers.map(({ begin, amount, currency }) => ({
      beginRange: begin ?? undefined,
      amounts: { [currency]: amount },
    })),
  };
}
