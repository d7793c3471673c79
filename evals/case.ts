/** A question and how to know that its answer is right. Cases are data: they say nothing of how the answer is found. */
export interface EvalCase {
  id: string;
  /** The conversation; the answer to the last question is scored. */
  turns: string[];
  expect: ValueExpectation | StatusExpectation;
}

/**
 * The value comes from SQL over the line table, written for the case and sharing nothing with the tools. `$1` is the day
 * after the last day of data.
 */
export interface ValueExpectation {
  sql: string;
  /**
   * `total`: the one value of the one row stands in the text, to the rounding written there.
   * `rows`: a table holds the rows in this order: the first column as a label, the others as numbers.
   * `set`: the same rows in any order.
   */
  compare: 'total' | 'rows' | 'set';
  /** The cost basis a receipt must name; `null` where the answer is no cost. Default: effective_cost. */
  basis?: string | null;
}

/** An answer that must not hold a number: declined, asked back or empty, in words that match `text`. */
export interface StatusExpectation {
  status: ('refused' | 'clarify' | 'no_data' | 'answered')[];
  text?: RegExp;
  /** Tools that must not have run. */
  notTools?: string[];
}

export interface Suite {
  name: string;
  description: string;
  /** The share of cases that must pass, 0 to 1. */
  gate: number;
  cases: EvalCase[];
}
