import type * as Pg from 'libpg-query';
import { Refusal } from './codes.ts';
import type { Statement } from './statement.ts';
import { as, functionName, isLiteral, literalNumber, literalText, words } from './tree.ts';

/**
 * How often a text may double in a statement, as a power of two. CTEs that join a text to itself double it with every step,
 * and memory limits of the server do not hold a single value: 4,000 characters doubled 16 times are 262 MB.
 */
export const MAX_GROWTH = 16;

/** An exponent up to which numeric stays quick; beyond it the digits of the result grow to 131,000. */
const MAX_EXPONENT = 1_000;

const MAX_PAD = 255;
const MAX_FORMAT = 100;

/** Notes that values are joined into one: each one beside the first that is no literal may double it. */
export function noteJoinedText(parts: (Pg.Node | undefined)[], statement: Statement): void {
  const variable = parts.filter((part) => part !== undefined && !isLiteral(part)).length;
  noteGrowth(Math.max(1, variable), statement);
}

/** Notes that a text may become `factor` times as long. */
export function noteGrowth(factor: number, statement: Statement): void {
  statement.growth += Math.log2(factor);
}

/** Refuses a statement whose text may grow too much. */
export function checkGrowth({ growth }: Statement): void {
  if (growth <= MAX_GROWTH) return;
  throw new Refusal(
    'unbounded',
    'The statement joins or replaces text so often that a value could become very large.',
    'Join fewer columns into one text; select them beside each other.',
  );
}

/** Refuses a power whose digits cannot be bounded. */
export function checkExponent(base: Pg.Node | undefined, exponent: Pg.Node | undefined): void {
  const value = literalNumber(exponent);
  if ((value !== undefined && Math.abs(value) <= MAX_EXPONENT) || isFloat(base) || isFloat(exponent)) return;
  throw new Refusal(
    'unbounded',
    'A power with an exponent that is no small constant could have very many digits.',
    'Cast it: power(base::double precision, exponent).',
  );
}

/** Whether a value is double precision for certain, whose digits do not grow. */
function isFloat(node: Pg.Node | undefined): boolean {
  const cast = as<Pg.TypeCast>(node, 'TypeCast');
  if (cast !== undefined) return /^float[48]$/.test(words(cast.typeName?.names).at(-1) ?? '');
  const call = as<Pg.FuncCall>(node, 'FuncCall');
  if (call !== undefined) return FLOAT_OF_FLOAT.test(functionName(call)) && isFloat(call.args?.[0]);
  const operation = as<Pg.A_Expr>(node, 'A_Expr');
  return (
    operation?.kind === 'AEXPR_OP' &&
    /^[-+*/^]$/.test(words(operation.name)[0] ?? '') &&
    (isFloat(operation.lexpr) || isFloat(operation.rexpr))
  );
}

const FLOAT_OF_FLOAT = /^(abs|avg|cbrt|exp|ln|max|min|power|sqrt|stddev(_pop|_samp)?|sum)$/;

/** What the functions need that can make much of little: constants, and account of how much. */
export const CALL_BOUNDS: Readonly<Record<string, (args: Pg.Node[], statement: Statement) => void>> = {
  concat: noteJoinedText,
  concat_ws: noteJoinedText,
  overlay: noteJoinedText,
  power: ([base, exponent]) => checkExponent(base, exponent),
  exp: ([exponent]) => checkExponent(undefined, exponent),
  lpad: checkPad,
  rpad: checkPad,
  replace: checkReplacement,
  regexp_replace: checkReplacement,
  to_char: checkFormat,
  to_number: checkFormat,
  to_date: checkFormat,
  to_timestamp: (args) => {
    if (args.length > 1) checkFormat(args);
  },
  format: checkPlaceholders,
  array_to_string: ([, separator], statement) => noteGrowth(1 + shortText(separator, 'A separator').length, statement),
  string_agg: ([, separator]) => void shortText(separator, 'A separator'),
  array_append: noteJoinedText,
  array_cat: noteJoinedText,
  json_build_array: noteJoinedText,
  json_build_object: noteJoinedText,
  jsonb_build_object: noteJoinedText,
  jsonb_build_array: noteJoinedText,
};

function checkPad([, length]: Pg.Node[]): void {
  const value = literalNumber(length);
  if (value !== undefined && value <= MAX_PAD) return;
  throw new Refusal('unbounded', `lpad and rpad take a constant length up to ${MAX_PAD}.`, 'Write the length.');
}

/** Even an empty match is replaced, so a text may become longer by the replacement at each of its characters. */
function checkReplacement([, , replacement]: Pg.Node[], statement: Statement): void {
  noteGrowth(Math.max(1, shortText(replacement, 'A replacement').length), statement);
}

function checkFormat([, format]: Pg.Node[]): void {
  shortText(format, 'A format');
}

function checkPlaceholders(args: Pg.Node[], statement: Statement): void {
  const format = shortText(args[0], 'A format');
  if (/%[^%sIL]/.test(format)) {
    throw new Refusal('unbounded', 'format takes %s without width or position.', "Write format('%s', x).");
  }
  noteGrowth(Math.max(1, (format.match(/%[sIL]/g) ?? []).length), statement);
}

function shortText(node: Pg.Node | undefined, what: string): string {
  const call = as<Pg.FuncCall>(node, 'FuncCall');
  const isCharacter = call !== undefined && functionName(call) === 'chr' && literalNumber(call.args?.[0]) !== undefined;
  const text = isCharacter ? ' ' : literalText(node);
  if (text !== undefined && text.length <= MAX_FORMAT) return text;
  throw new Refusal(
    'unbounded',
    `${what} must be a constant of at most ${MAX_FORMAT} characters.`,
    'Write it as text.',
  );
}
