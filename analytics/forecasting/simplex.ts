/**
 * Returns the point at which `cost` is smallest that a downhill simplex finds from `start` (Nelder and Mead, 1965), within bounds, which
 * hold by clamping. Deterministic; `evaluations` limits the work. A cost that is not finite counts as endless.
 */
export function minimise(
  cost: (point: Float64Array) => number,
  start: readonly number[],
  { low, high, steps, evaluations }: { low: number[]; high: number[]; steps: number[]; evaluations: number },
): { point: Float64Array; cost: number } {
  const size = start.length;
  let used = 0;
  const measure = (point: Float64Array): Corner => {
    for (let at = 0; at < size; at++) {
      point[at] = Math.min(high[at] as number, Math.max(low[at] as number, point[at] as number));
    }
    used += 1;
    const value = cost(point);
    return { point, cost: Number.isFinite(value) ? value : Number.MAX_VALUE };
  };
  const corners = [measure(Float64Array.from(start))];
  for (let at = 0; at < size; at++) {
    const point = Float64Array.from(start);
    const step = steps[at] as number;
    point[at] = (point[at] as number) + ((point[at] as number) + step > (high[at] as number) ? -step : step);
    corners.push(measure(point));
  }
  const byCost = (one: Corner, other: Corner) => one.cost - other.cost;
  corners.sort(byCost);
  while (used < evaluations && size > 0) {
    const best = corners[0] as Corner;
    const worst = corners[size] as Corner;
    if (Math.abs(worst.cost - best.cost) <= 1e-8 * (Math.abs(best.cost) + 1e-12)) break;
    const centre = new Float64Array(size);
    for (let index = 0; index < size; index++) {
      for (let at = 0; at < size; at++) {
        centre[at] = (centre[at] as number) + ((corners[index] as Corner).point[at] as number) / size;
      }
    }
    const along = (by: number) =>
      measure(centre.map((middle, at) => middle + by * (middle - (worst.point[at] as number))));
    const reflected = along(1);
    if (reflected.cost < best.cost) {
      const expanded = along(2);
      corners[size] = expanded.cost < reflected.cost ? expanded : reflected;
    } else if (reflected.cost < (corners[size - 1] as Corner).cost) {
      corners[size] = reflected;
    } else {
      const contracted = along(reflected.cost < worst.cost ? 0.5 : -0.5);
      if (contracted.cost < Math.min(worst.cost, reflected.cost)) corners[size] = contracted;
      else {
        for (let index = 1; index <= size; index++) {
          const { point } = corners[index] as Corner;
          corners[index] = measure(point.map((value, at) => ((best.point[at] as number) + value) / 2));
        }
      }
    }
    corners.sort(byCost);
  }
  return corners[0] as Corner;
}

interface Corner {
  point: Float64Array;
  cost: number;
}
