/** A forecast to be made to agree: the mean of each day in hundredths, and how uncertain it is as a whole. */
export interface Part {
  mean: number[];
  uncertainty: number;
}

/**
 * Returns the mean of the whole in hundredths: the direct forecast and the sums of the parts of each level, weighted by how certain each
 * is (the inverse of its variance, parts taken as independent).
 */
export function wholeOf(whole: Part, levels: readonly (readonly Part[])[]): number[] {
  const candidates = [
    whole,
    ...levels
      .filter((parts) => parts.length > 0)
      .map((parts) => ({
        mean: whole.mean.map((_, at) => parts.reduce((sum, part) => sum + (part.mean[at] as number), 0)),
        uncertainty: Math.sqrt(parts.reduce((sum, { uncertainty }) => sum + uncertainty ** 2, 0)),
      })),
  ];
  const least = Math.max(1, ...candidates.map(({ uncertainty }) => uncertainty)) * 0.05;
  const weights = candidates.map(({ uncertainty }) => Math.max(uncertainty, least) ** -2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return whole.mean.map((_, at) =>
    Math.round(
      candidates.reduce((sum, { mean }, index) => sum + ((weights[index] as number) / total) * (mean[at] as number), 0),
    ),
  );
}

/**
 * Returns the means of parts moved so that they add up to the whole on each day, to the hundredth: what is too much or too little is taken
 * from each by its share of the uncertainty, and none falls below 0 that was not.
 */
export function addUp(whole: readonly number[], parts: readonly Part[]): number[][] {
  const moved = parts.map(({ mean }) => mean.map(Math.round));
  const total = parts.reduce((sum, { uncertainty }) => sum + uncertainty, 0);
  whole.forEach((goal, at) => {
    for (let round = 0; round < ROUNDS; round++) {
      const rest = goal - moved.reduce((sum, mean) => sum + (mean[at] as number), 0);
      if (rest === 0) break;
      spread(moved, parts, at, rest, total);
    }
    settle(moved, at, goal);
  });
  return moved;
}

const ROUNDS = 4;

function spread(moved: number[][], parts: readonly Part[], at: number, rest: number, total: number): void {
  parts.forEach(({ uncertainty }, index) => {
    const mean = moved[index] as number[];
    const share = total > 0 ? uncertainty / total : 1 / parts.length;
    const next = Math.round((mean[at] as number) + rest * share);
    mean[at] = Math.max(next, Math.min(0, mean[at] as number));
  });
}

/** The largest part takes what rounding left over. */
function settle(moved: number[][], at: number, goal: number): void {
  const largest = moved.reduce(
    (most, mean) => ((mean[at] as number) > (most[at] as number) ? mean : most),
    moved[0] ?? [],
  );
  const sum = moved.reduce((all, mean) => all + (mean[at] as number), 0);
  if (largest.length > 0) largest[at] = (largest[at] as number) + goal - sum;
}
