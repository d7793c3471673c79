import type { Manifest } from '../contract.ts';

/** A manifest that was found, and when it was last written, in milliseconds. */
export interface FoundManifest {
  path: string;
  manifest: Manifest;
  modified: number;
}

/** Returns the newest manifest of each series of deliveries. */
export function newestManifests<Found extends FoundManifest>(manifests: readonly Found[]): Map<string, Found> {
  const newest = new Map<string, Found>();
  for (const candidate of manifests) {
    const known = newest.get(candidate.manifest.series);
    if (known === undefined || isNewer(candidate, known)) newest.set(candidate.manifest.series, candidate);
  }
  return newest;
}

function isNewer(candidate: FoundManifest, known: FoundManifest): boolean {
  const [first, second] = [candidate.manifest.delivered ?? '', known.manifest.delivered ?? ''];
  return first === second ? candidate.modified > known.modified : first > second;
}
