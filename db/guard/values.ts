import type * as Pg from 'libpg-query';
import { Refusal } from './codes.ts';
import { checkExponent, noteJoinedText } from './growth.ts';
import { nearest, quoted } from './names.ts';
import { checkPattern } from './patterns.ts';
import type { Statement } from './statement.ts';
import { as, literalNumber, words } from './tree.ts';
import { MAX_CHAR_LENGTH, OPERATORS, TYPES, VALUE_FUNCTIONS } from './types.ts';
import type { Checks } from './walk.ts';

/** Money has at most some thirty digits; numeric takes 131,000, and multiplies them one by one. */
const MAX_DIGITS = 50;
const HUGE_NUMBER = /^\s*[+-]?[\d._]*e[+-]?\d{3,}\s*$/i;

/** What a statement says of values: literals, types, operators, subscripts, collations and the session's own values. */
export const valueChecks: Checks = {
  A_Const(constant: Pg.A_Const) {
    const number = constant.fval?.fval ?? '';
    if (number.length > MAX_DIGITS || HUGE_NUMBER.test(number) || HUGE_NUMBER.test(constant.sval?.sval ?? '')) {
      throw new Refusal('too_complex', `A number has more than ${MAX_DIGITS} digits.`, 'Round it.');
    }
  },

  TypeName(type: Pg.TypeName) {
    const names = words(type.names);
    const name = names.at(-1) ?? '';
    if (names.length > 2 || (names.length === 2 && names[0] !== 'pg_catalog') || !TYPES.has(name)) {
      const near = nearest(name, TYPES);
      throw new Refusal(
        'type_not_allowed',
        `The type ${quoted(names.join('.'))} is not taken.`,
        `Use ${near.length > 0 ? near.join(' or ') : 'text, numeric, integer, date, timestamptz, interval, boolean or jsonb'}.`,
      );
    }
    if (
      name === 'bpchar' &&
      (type.typmods ?? []).some((length) => !((literalNumber(length) ?? 1e9) <= MAX_CHAR_LENGTH))
    ) {
      throw new Refusal('unbounded', `A char is at most ${MAX_CHAR_LENGTH} long here.`, 'Use text.');
    }
  },

  A_Expr(operation: Pg.A_Expr, statement: Statement) {
    if (/BETWEEN/.test(operation.kind ?? '')) return;
    const operator = checkOperator(operation.name);
    if (operator === '||') noteJoinedText([operation.lexpr, operation.rexpr], statement);
    if (operator === '^') checkExponent(operation.lexpr, operation.rexpr);
    if (operation.kind !== 'AEXPR_SIMILAR' && /^!?~\*?$/.test(operator)) checkPattern(operation.rexpr);
  },

  SubLink(link: Pg.SubLink) {
    if (link.operName === undefined) return;
    const operator = checkOperator(link.operName);
    if (/^!?~\*?$/.test(operator)) checkPattern(undefined);
  },

  SortBy(sort: Pg.SortBy) {
    if (sort.sortby_dir === 'SORTBY_USING') {
      throw new Refusal('construct_not_allowed', 'ORDER BY ... USING is not taken.', 'Write ASC or DESC.');
    }
  },

  CollateClause(collate: Pg.CollateClause) {
    const names = words(collate.collname);
    if (names.length !== 1 || names[0] !== 'C') {
      throw new Refusal('construct_not_allowed', 'Only COLLATE "C" is taken.', 'Leave COLLATE out.');
    }
  },

  A_Indirection(indirection: Pg.A_Indirection) {
    // (x).name calls a function named so when x has no such field.
    if ((indirection.indirection ?? []).every((node) => as(node, 'A_Indices') !== undefined)) return;
    throw new Refusal(
      'construct_not_allowed',
      'A field of a value in brackets is not taken.',
      "Name the column as alias.column; read jsonb with ->> 'key'.",
    );
  },

  SQLValueFunction({ op }: Pg.SQLValueFunction) {
    if (op !== undefined && VALUE_FUNCTIONS.has(op)) return;
    const name = String(op).replace('SVFOP_', '').toLowerCase();
    throw new Refusal('function_not_allowed', `${name} is not taken.`, 'Who asks is known already; leave it out.');
  },
};

/** Returns an operator that is on the list and belongs to no schema. */
function checkOperator(name: Pg.Node[] | undefined): string {
  const parts = words(name);
  if (parts.length > 1) {
    throw new Refusal('operator_not_allowed', 'OPERATOR(schema.name) is not taken.', `Write ${parts.at(-1)} alone.`);
  }
  const operator = parts[0] ?? '';
  if (OPERATORS.has(operator)) return operator;
  throw new Refusal(
    'operator_not_allowed',
    `The operator ${quoted(operator)} is not taken.`,
    `Use one of ${[...OPERATORS].join(' ')}.`,
  );
}
