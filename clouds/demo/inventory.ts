import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Estate } from './estate.ts';
import { USAGE_DAYS } from './usage.ts';

/**
 * Writes what an inventory of the estate shows at its end, one JSON document a line: what there is, and what was deleted in
 * the last weeks, with state, tags and configuration. `resourceId` is the id on the bill.
 */
export async function writeInventory(estate: Estate, file: string): Promise<void> {
  const { calendar } = estate;
  const out = createWriteStream(file);
  // What was there before the estate begins was not all created on one day.
  const born = (fromDay: number, index: number) => (fromDay > 0 ? fromDay : fromDay - 20 - ((index * 37) % 900));
  for (const [index, one] of estate.resources.entries()) {
    const gone = one.toDay < calendar.days;
    if (one.toDay < calendar.days - USAGE_DAYS || one.toDay <= 0) continue;
    const line = {
      resourceId: one.id,
      resourceType: one.type,
      name: one.name,
      accountId: one.account.id,
      region: one.region,
      availabilityZone: one.zone,
      state: one.state,
      createdAt: `${calendar.date(born(one.fromDay, index))}T00:00:00Z`,
      deletedAt: gone ? `${calendar.date(one.toDay)}T00:00:00Z` : null,
      tags: estate.tagSets[one.tags] ?? {},
      configuration: one.configuration,
    };
    if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}
