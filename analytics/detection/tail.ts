/** How deep in the tail a size lies: minus the natural logarithm of the chance of one at least as large; 0 is nothing unusual. */
export type Tail = (size: number | undefined) => number;

/** Sizes are counted in classes of a tenth of a natural logarithm, from e^-10 to e^18 of their unit. */
const LOWEST_LOG = -10;
const CLASS_WIDTH = 0.1;
const CLASSES = 280;
/** Classes are also counted by the twenty, so that counting those above takes few steps. */
const BLOCK = 20;

/** Below this many sizes there is no judging how rare one is. */
const WARM_UP_SIZES = 50;
/** The share of the largest sizes from which the fall of the tail is measured, and the fewest of them. */
const TAIL_SHARE = 0.01;
const LEAST_IN_TAIL = 3;
/** The flattest index (mean excess of the logarithm): a tail of equal sizes would otherwise fall to nothing at once. */
const LEAST_EXCESS = 0.15;
/** One chance in 160,000: beyond it a longer history would be needed to tell. */
const DEEPEST = 12;

/**
 * Returns a function that judges each size by the sizes it was given before, then remembers it, in constant memory. Inside of
 * what was seen it counts; beyond the largest hundredth it follows a power law fitted to that hundredth (B. M. Hill,
 * "A simple general approach to inference about the tail of a distribution", Annals of Statistics 3, 1975). `undefined`
 * is no evidence: it scores 0 and is not counted.
 */
export function createTail(): Tail {
  const counts = new Float64Array(CLASSES);
  const blocks = new Float64Array(CLASSES / BLOCK);
  let highest = 0;
  let total = 0;
  return (size) => {
    if (size === undefined) return 0;
    const log = Math.log(Math.abs(size) + 1e-4);
    const place = (log - LOWEST_LOG) / CLASS_WIDTH;
    const own = Math.min(CLASSES - 1, Math.max(0, Math.floor(place)));
    const depth =
      total < WARM_UP_SIZES
        ? 0
        : Math.min(DEEPEST, beyondTail(counts, highest, total, log) ?? within(counts, blocks, total, own, place - own));
    highest = Math.max(highest, own);
    counts[own] = (counts[own] as number) + 1;
    const block = (own / BLOCK) | 0;
    blocks[block] = (blocks[block] as number) + 1;
    total += 1;
    return depth;
  };
}

/** The depth by the law fitted to the largest sizes; `undefined` for a size that is not among them. */
function beyondTail(counts: Float64Array, highest: number, total: number, log: number): number | undefined {
  const needed = Math.max(LEAST_IN_TAIL, TAIL_SHARE * total);
  let inTail = 0;
  let excess = 0;
  let start = highest + 1;
  while (start > 0 && inTail < needed) {
    start -= 1;
    const count = counts[start] as number;
    excess += inTail * CLASS_WIDTH + (count * CLASS_WIDTH) / 2;
    inTail += count;
  }
  const beyond = log - (LOWEST_LOG + start * CLASS_WIDTH);
  if (beyond <= 0) return undefined;
  return -Math.log(inTail / (total + 1)) + beyond / Math.max(LEAST_EXCESS, excess / inTail);
}

/** The depth by counting the sizes above; of the size's own class the part above it. */
function within(counts: Float64Array, blocks: Float64Array, total: number, own: number, part: number): number {
  let above = (counts[own] as number) * Math.max(0, 1 - part);
  const nextBlock = ((own / BLOCK) | 0) + 1;
  for (let index = own + 1; index < nextBlock * BLOCK; index++) above += counts[index] as number;
  for (let block = nextBlock; block < blocks.length; block++) above += blocks[block] as number;
  return -Math.log((above + 0.5) / (total + 1));
}
