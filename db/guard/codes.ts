/** Why a statement is refused, one code a reason; the sentences say what each means to whoever reads a log of them. */
export const GUARD_CODES = {
  text_empty: 'There is no statement.',
  text_too_long: 'The text is longer than the parser is given.',
  nul_character: 'The text holds a NUL character, at which the parser would stop reading.',
  not_utf8: 'The text holds half a surrogate pair, so it cannot be sent as UTF-8.',
  syntax_error: 'Postgres would not parse the text.',
  not_one_statement: 'The text holds more than one statement.',
  not_a_select: 'The statement is no SELECT.',
  writes: 'The statement would write, create, drop or change something.',
  locks: 'The statement would lock rows or tables.',
  relation_not_allowed: 'The statement reads something that is no view of the schema ask.',
  column_unknown: 'The statement names a column that nothing it reads has.',
  function_not_allowed: 'The statement calls a function that is not on the list.',
  type_not_allowed: 'The statement names a type that is not on the list.',
  operator_not_allowed: 'The statement uses an operator that is not on the list.',
  construct_not_allowed: 'The statement uses a piece of SQL that is not on the list.',
  too_complex: 'The statement is nested, joined or long beyond its limits.',
  unbounded: 'How much the statement would make cannot be told beforehand, or is too much.',
} as const satisfies Record<string, string>;

export type GuardCode = keyof typeof GUARD_CODES;

/**
 * What the parser layer says of a statement. `fingerprint` is the same for statements that differ in constants only;
 * `relations` are the views of schema `ask` it reads, sorted. `reason` says what is wrong and `hint` what to write instead.
 */
export type Verdict =
  | { allowed: true; fingerprint: string; relations: string[] }
  | { allowed: false; code: GuardCode; reason: string; hint?: string };

/** Thrown inside the guard to refuse a statement; `checkStatement` turns it into a Verdict. */
export class Refusal extends Error {
  readonly code: GuardCode;
  readonly hint: string | undefined;

  constructor(code: GuardCode, reason: string, hint?: string) {
    super(reason);
    this.code = code;
    this.hint = hint;
  }
}
