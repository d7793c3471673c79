import type * as Pg from 'libpg-query';
import { Refusal } from './codes.ts';
import { COLLECTING, FUNCTIONS, OTHER_DIALECTS } from './functions.ts';
import { CALL_BOUNDS, noteJoinedText } from './growth.ts';
import { nearest, quoted } from './names.ts';
import { checkPattern } from './patterns.ts';
import type { Statement } from './statement.ts';
import { as, functionName, literalNumber, literalText, words } from './tree.ts';
import type { Checks } from './walk.ts';

/** What a statement calls: functions by list, and what their arguments must be for the call to stay small. */
export const callChecks: Checks = {
  FuncCall(call: Pg.FuncCall, statement: Statement) {
    const name = functionName(call);
    const names = words(call.funcname);
    if (names.length > 2 || (names.length === 2 && names[0] !== 'pg_catalog') || !FUNCTIONS.has(name)) {
      throw refuseFunction(names);
    }
    const args = call.args ?? [];
    if (name !== 'make_interval' && args.some((arg) => as(arg, 'NamedArgExpr') !== undefined)) {
      throw new Refusal(
        'construct_not_allowed',
        'Named arguments are taken by make_interval alone.',
        'Write the arguments in their order.',
      );
    }
    if (name === 'generate_series') statement.series.push(call);
    if (COLLECTING.has(name)) statement.collects = true;
    if (PATTERN_SECOND.test(name)) checkPattern(args[1]);
    if (name === 'similar_to_escape') checkPattern(args[0]);
    if (name === 'substring' && mayBePattern(args[1])) checkPattern(args[1]);
    if (Object.hasOwn(CALL_BOUNDS, name)) CALL_BOUNDS[name]?.(args, statement);
  },

  A_ArrayExpr({ elements }: Pg.A_ArrayExpr, statement: Statement) {
    noteJoinedText(elements ?? [], statement);
  },
};

const PATTERN_SECOND = /^regexp_/;

/** substring(text, x) takes a position or a pattern; what is known to be a number is a position. */
function mayBePattern(node: Pg.Node | undefined): boolean {
  if (node === undefined || literalNumber(node) !== undefined) return false;
  if (literalText(node) !== undefined) return true;
  const call = as<Pg.FuncCall>(node, 'FuncCall');
  if (call !== undefined) return !/^(position|strpos|length|char_length)$/.test(functionName(call));
  const operation = as<Pg.A_Expr>(node, 'A_Expr');
  return operation === undefined || !/^[+-]$/.test(words(operation.name)[0] ?? '');
}

function refuseFunction(names: string[]): Refusal {
  const name = names.at(-1) ?? '';
  const other = Object.hasOwn(OTHER_DIALECTS, name) ? OTHER_DIALECTS[name] : undefined;
  const near = nearest(name, FUNCTIONS);
  const hint =
    other !== undefined
      ? `In Postgres that is ${other}.`
      : near.length > 0
        ? `Perhaps ${near.join(' or ')}.`
        : 'Use aggregates, window functions and the functions for text, numbers, dates, arrays and jsonb that read nothing else.';
  return new Refusal('function_not_allowed', `The function ${quoted(names.join('.'))} is not taken.`, hint);
}
