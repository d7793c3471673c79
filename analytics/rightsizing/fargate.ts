/** A size a task on Fargate can have. */
export interface FargateSize {
  vcpus: number;
  memoryGib: number;
}

/**
 * For each number of vCPUs the memory that goes with it, in GiB: from, to and the step, in order. Source: Amazon ECS Developer Guide,
 * "Fargate task definition considerations", task CPU and memory, Linux.
 */
const GRID: readonly (readonly [vcpus: number, from: number, to: number, step: number])[] = [
  [0.25, 0.5, 2, 0.5],
  [0.5, 1, 4, 1],
  [1, 2, 8, 1],
  [2, 4, 16, 1],
  [4, 8, 30, 1],
  [8, 16, 60, 4],
  [16, 32, 120, 8],
];

/**
 * Returns the cheapest size with at least so many vCPUs and so much memory; undefined when none is large enough. A vCPU costs as
 * much as nine GiB, and no step to more vCPUs allows less memory, so the fewest vCPUs that go with the memory are the cheapest.
 */
export function cheapestFargateSize(needed: FargateSize): FargateSize | undefined {
  for (const [vcpus, from, to, step] of GRID) {
    if (vcpus < needed.vcpus || to < needed.memoryGib) continue;
    return { vcpus, memoryGib: memoryOf(needed.memoryGib, { from, step }) };
  }
  return undefined;
}

/** The row of a quarter vCPU has 0.5, 1 and 2 GiB, and not 1.5. */
function memoryOf(needed: number, { from, step }: { from: number; step: number }): number {
  const memory = from + Math.max(0, Math.ceil((needed - from) / step - 1e-9)) * step;
  return memory === 1.5 ? 2 : memory;
}
