/** Returns up to `count` of the known names that are nearest to one that is unknown; none when all are far. */
export function nearest(name: string, known: Iterable<string>, count = 3): string[] {
  const wanted = name.slice(0, 64).toLowerCase();
  const near: { candidate: string; distance: number }[] = [];
  for (const candidate of known) {
    const limit = Math.max(2, Math.min(candidate.length, wanted.length) / 3);
    const distance = beginsAlike(wanted, candidate) ? 1 : distanceOf(wanted, candidate, limit);
    if (distance <= limit) near.push({ candidate, distance });
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** Returns a name as it can stand in a message: on one line and no longer than 60 characters. */
export function quoted(name: string): string {
  const clean = name.replace(/[^\P{C}]/gu, '?');
  return `"${clean.length > 60 ? `${clean.slice(0, 60)}...` : clean}"`;
}

const beginsAlike = (a: string, b: string): boolean =>
  a.length > 2 && b.length > 2 && (a.startsWith(b) || b.startsWith(a));

/** Insertions, deletions and replacements between two words; more than `limit` where their lengths alone tell. */
function distanceOf(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Number.POSITIVE_INFINITY;
  const row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0] ?? 0;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      diagonal = row[j] ?? 0;
      row[j] = Math.min(replaced, diagonal + 1, (row[j - 1] ?? 0) + 1);
    }
  }
  return row[b.length] ?? 0;
}
