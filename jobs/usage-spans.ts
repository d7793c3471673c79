const HOUR_MS = 3_600_000;

/** How far back the first reading of a place goes. */
const FIRST_HOURS = 45 * 24;

/** Measurements may come late, and what is new stands in an inventory that may be six hours old: these last hours are read once more. */
const HOURS_AGAIN = 12;

/** An inventory takes at most so long: it may tell later than it says what it saw. */
const INVENTORY_HOURS = 3;

/** Returns the full hour that an instant lies in. */
export function hourOf(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / HOUR_MS) * HOUR_MS);
}

/**
 * Returns the first hour to read of a place up to `to`: some before the one it was read through, but none that the source keeps no
 * more (`keptHours`). Null: it was never read.
 */
export function hourToReadFrom(readThrough: Date | null, to: Date, keptHours: number): Date {
  const earliest = to.getTime() - keptHours * HOUR_MS;
  if (readThrough === null) return new Date(Math.max(earliest, to.getTime() - FIRST_HOURS * HOUR_MS));
  // A due time that is run again is older than what was read since.
  const last = Math.min(readThrough.getTime(), to.getTime());
  return new Date(Math.max(earliest, last - HOURS_AGAIN * HOUR_MS));
}

/**
 * Returns the first hour to read of a resource that an inventory saw only after its place was read through, as far back as a place that
 * was never read is; undefined when it was there then, so that nothing of it is missing.
 */
export function hourMissingFrom(
  { appearedAt, createdAt }: { appearedAt: Date | null; createdAt: string | null },
  readThrough: Date | null,
  to: Date,
  keptHours: number,
): Date | undefined {
  if (appearedAt === null || readThrough === null) return undefined;
  if (appearedAt.getTime() < readThrough.getTime() - INVENTORY_HOURS * HOUR_MS) return undefined;
  const first = hourToReadFrom(null, to, keptHours);
  if (createdAt === null) return first;
  return new Date(Math.max(first.getTime(), hourOf(new Date(createdAt)).getTime()));
}
