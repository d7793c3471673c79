import { join } from 'node:path';
import {
  DescribeRegionsCommand,
  EC2Client,
  type InstanceTypeInfo,
  paginateDescribeInstanceTypes,
} from '@aws-sdk/client-ec2';
import type { CloudInventory, CloudResource, CloudRun, InventoryGap, InventoryPart } from '../../contract.ts';
import { eachOf } from '../../pool.ts';
import { openSpool, type Spool } from '../../spool.ts';
import type { Aws } from '../clients.ts';
import { gapReason } from '../errors.ts';
import type { AwsPlace } from '../place.ts';
import { listOf, readOrganization } from './accounts.ts';
import { type FoundResource, type InventoryKind, inGroups, type Region } from './kind.ts';
import { INVENTORY_KINDS } from './kinds.ts';

/** Regions read at the same time. AWS limits calls by account and region, so they don't slow one another down. */
const AT_ONCE = 6;

const ALL_TYPES = INVENTORY_KINDS.flatMap(({ resourceTypes }) => resourceTypes);

/**
 * Returns what the accounts hold in their regions. What can't be read, because it was denied or AWS took no more calls, is
 * told as a gap; the rest is read all the same.
 * @throws PennyError `cloud_denied`, `cloud_unavailable` when not even the accounts can be read; `cloud_budget`
 */
export async function readInventory(aws: Aws, { folder, signal, onProgress }: CloudRun): Promise<CloudInventory> {
  const { billingAccountId, accounts } = await readOrganization(aws);
  const reading: Reading = {
    aws,
    billingAccountId,
    spool: openSpool(join(folder, 'inventory.jsonl')),
    complete: [],
    gaps: [],
    types: new Map(),
  };
  try {
    const wanted = listOf(aws.settings.PENNY_AWS_ACCOUNTS);
    const only = await aws.onlyAccount();
    const open = accounts.filter(
      ({ accountId, state }) =>
        (state === null || state === 'ACTIVE') &&
        (wanted.length === 0 || wanted.includes(accountId)) &&
        (only === null || only === accountId),
    );
    const regions: { accountId: string; regionId: string }[] = [];
    await eachOf(
      open,
      AT_ONCE,
      async ({ accountId }) => void regions.push(...(await regionsOf(reading, accountId))),
      signal,
    );
    let done = 0;
    await eachOf(
      regions,
      AT_ONCE,
      async (one) => {
        await readRegion(reading, one, signal);
        onProgress?.(++done, regions.length);
      },
      signal,
    );
    const { spool, complete, gaps } = reading;
    return { billingAccountId, accounts, resources: await spool.read(), complete, gaps, close: () => spool.remove() };
  } catch (error) {
    reading.spool.remove();
    throw error;
  }
}

interface Reading {
  aws: Aws;
  billingAccountId: string;
  spool: Spool<CloudResource>;
  complete: InventoryPart[];
  gaps: InventoryGap[];
  types: Map<string, InstanceTypeInfo>;
}

async function regionsOf(
  { aws, gaps }: Reading,
  accountId: string,
): Promise<{ accountId: string; regionId: string }[]> {
  const named = listOf(aws.settings.PENNY_AWS_REGIONS);
  if (named.length > 0) return named.map((regionId) => ({ accountId, regionId }));
  const place = aws.place({ accountId, region: aws.settings.AWS_REGION });
  try {
    const { Regions } = await place.client(EC2Client).send(new DescribeRegionsCommand({ AllRegions: false }));
    return (Regions ?? []).flatMap(({ RegionName }) =>
      RegionName === undefined ? [] : [{ accountId, regionId: RegionName }],
    );
  } catch (error) {
    gaps.push({ accountId, regionId: place.region, resourceTypes: ALL_TYPES, reason: gapReason(error) });
    return [];
  } finally {
    place.close();
  }
}

async function readRegion(
  reading: Reading,
  { accountId, regionId }: { accountId: string; regionId: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  const place = reading.aws.place({ accountId, region: regionId });
  const region: Region = {
    accountId,
    regionId,
    place,
    instanceTypes: (names) => typesOf(place, reading.types, names),
  };
  try {
    for (const kind of INVENTORY_KINDS) {
      signal?.throwIfAborted();
      await readKind(reading, region, kind);
    }
  } finally {
    place.close();
  }
}

async function readKind(reading: Reading, region: Region, kind: InventoryKind): Promise<void> {
  const { accountId, regionId } = region;
  const part = { accountId, regionId, resourceTypes: kind.resourceTypes };
  try {
    for await (const found of kind.read(region))
      await reading.spool.add(resourceOf(found, region, reading.billingAccountId));
    reading.complete.push(part);
  } catch (error) {
    reading.gaps.push({ ...part, reason: gapReason(error) });
  }
}

function resourceOf(found: FoundResource, { accountId, regionId }: Region, billingAccountId: string): CloudResource {
  const { createdAt, availabilityZone = null, ...rest } = found;
  return {
    ...rest,
    availabilityZone,
    serviceProviderName: 'AWS',
    accountId,
    billingAccountId,
    regionId,
    createdAt: createdAt?.toISOString() ?? null,
  };
}

/**
 * Asks for the types that are not known yet. One that AWS does not know, such as a class that only databases have, stays unknown: named
 * in a filter it does no harm.
 */
async function typesOf(
  place: AwsPlace,
  known: Map<string, InstanceTypeInfo>,
  names: readonly string[],
): Promise<ReadonlyMap<string, InstanceTypeInfo>> {
  const missing = [...new Set(names)].filter((name) => !known.has(name));
  for (const Values of inGroups(missing, 100)) {
    const asked = { Filters: [{ Name: 'instance-type', Values }] };
    for await (const { InstanceTypes } of paginateDescribeInstanceTypes({ client: place.client(EC2Client) }, asked)) {
      for (const type of InstanceTypes ?? []) if (type.InstanceType !== undefined) known.set(type.InstanceType, type);
    }
  }
  return known;
}
