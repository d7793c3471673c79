import { Readable } from 'node:stream';
import type { CloudRun, CloudUsage, OpenCloud, UsageHour } from '../clouds/contract.ts';
import type { Db } from '../db/client.ts';
import { listInventoried, storeUsage, USAGE_COLUMNS } from '../db/usage.ts';

/** How much was measured, and where that was not possible. */
export interface LoadedUsage {
  rows: number;
  gaps: CloudUsage['gaps'];
}

/**
 * Reads how the resources of a billing account were used in the hours from `from` to before `to`, and stores it in place of what
 * is known of these hours. The resources are those of the inventory.
 * @throws PennyError what `readUsage` throws, `database_unavailable`
 */
export async function loadUsage({
  cloud,
  db,
  billingAccountId,
  from,
  to,
  ...run
}: CloudRun & {
  cloud: Pick<OpenCloud, 'readUsage'>;
  db: Db;
  billingAccountId: string;
  from: Date;
  to: Date;
}): Promise<LoadedUsage> {
  const resources = await listInventoried(db, billingAccountId);
  const usage = await cloud.readUsage(run, { resources, from, to });
  try {
    const months = monthsBetween(from, to).map((month) => ({
      month,
      feed: {
        columns: USAGE_COLUMNS,
        read: <Result>(consume: (rows: Readable) => Promise<Result>) =>
          consume(Readable.from(csvOf(usage.hours, month))),
      },
    }));
    return { rows: await storeUsage(db, months), gaps: usage.gaps };
  } finally {
    usage.close();
  }
}

function monthsBetween(from: Date, to: Date): string[] {
  const months: string[] = [];
  for (let month = from.getUTCMonth(); Date.UTC(from.getUTCFullYear(), month) < to.getTime(); month++)
    months.push(new Date(Date.UTC(from.getUTCFullYear(), month)).toISOString().slice(0, 7));
  return months;
}

async function* csvOf(hours: AsyncIterable<UsageHour>, month: string): AsyncGenerator<string> {
  for await (const { resourceId, metric, hour, avg, max, p95, sampleCount } of hours) {
    if (!hour.startsWith(month)) continue;
    yield `"${resourceId.replaceAll('"', '""')}",${metric},${hour},${avg},${max},${p95 ?? ''},${sampleCount}\n`;
  }
}
