import { compareDecimals, type DecimalText, divideDecimals, subtractDecimals } from '../money.ts';

/** Returns the share of a cost that goes away when what cost `from` costs `to`; undefined when that is nothing, or `from` is 0. */
export function savedShare(from: DecimalText, to: DecimalText): DecimalText | undefined {
  if (compareDecimals(from, '0') <= 0 || compareDecimals(to, from) >= 0) return undefined;
  return subtractDecimals('1', divideDecimals(to, from));
}
