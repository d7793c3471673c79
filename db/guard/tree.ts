import type * as Pg from 'libpg-query';

/** Any piece of the parse tree. */
export type Tree = Readonly<Record<string, unknown>>;

/** Returns a node's name and body; undefined for the empty node, which stands where SQL leaves something out. */
export function open(node: Tree): [tag: string, body: Tree] | undefined {
  for (const tag in node) return [tag, node[tag] as Tree];
  return undefined;
}

/** Returns the body of a node that has this name. */
export function as<Body>(node: Pg.Node | undefined, tag: string): Body | undefined {
  return (node as Tree | undefined)?.[tag] as Body | undefined;
}

/** Returns the words of a list of String nodes, as in names of functions, types, operators and columns. */
export function words(nodes: Pg.Node[] | undefined): string[] {
  return (nodes ?? []).map((node) => as<Pg.String>(node, 'String')?.sval ?? '');
}

/** Returns a literal's text; undefined for anything else. Casts of a literal to a text type count as the literal. */
export function literalText(node: Pg.Node | undefined): string | undefined {
  const cast = as<Pg.TypeCast>(node, 'TypeCast');
  if (cast !== undefined) {
    return /^(text|varchar)$/.test(words(cast.typeName?.names).at(-1) ?? '') ? literalText(cast.arg) : undefined;
  }
  const constant = as<Pg.A_Const>(node, 'A_Const');
  return constant?.sval === undefined ? undefined : (constant.sval.sval ?? '');
}

/** Returns a literal number, or what literal numbers add, subtract, multiply or divide to; undefined for anything else. */
export function literalNumber(node: Pg.Node | undefined): number | undefined {
  const cast = as<Pg.TypeCast>(node, 'TypeCast');
  if (cast !== undefined && NUMBER_TYPE.test(words(cast.typeName?.names).at(-1) ?? '')) return literalNumber(cast.arg);
  const constant = as<Pg.A_Const>(node, 'A_Const');
  if (constant?.ival !== undefined) return constant.ival.ival ?? 0;
  if (constant?.fval !== undefined) return Number((constant.fval.fval ?? '0').replaceAll('_', ''));
  const operation = as<Pg.A_Expr>(node, 'A_Expr');
  if (operation?.kind !== 'AEXPR_OP') return undefined;
  const right = literalNumber(operation.rexpr);
  const left = operation.lexpr === undefined ? 0 : literalNumber(operation.lexpr);
  return left === undefined || right === undefined
    ? undefined
    : ARITHMETIC[words(operation.name)[0] ?? '']?.(left, right);
}

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
};

const NUMBER_TYPE = /^(int[248]|numeric|decimal|float[48])$/;

/** Whether a node is a literal: text, number, truth value or NULL, under any number of casts. */
export function isLiteral(node: Pg.Node | undefined): boolean {
  const cast = as<Pg.TypeCast>(node, 'TypeCast');
  return cast === undefined ? as(node, 'A_Const') !== undefined : isLiteral(cast.arg);
}

/** Returns the name of a function without its schema. */
export function functionName(call: Pg.FuncCall): string {
  return words(call.funcname).at(-1) ?? '';
}

/** Returns whether a piece of the tree holds a node that passes `test`, without looking into subqueries. */
export function holds(tree: unknown, test: (tag: string, body: Tree) => boolean): boolean {
  if (Array.isArray(tree)) return tree.some((item) => holds(item, test));
  if (typeof tree !== 'object' || tree === null) return false;
  return Object.entries(tree).some(
    ([tag, body]) =>
      tag !== 'SubLink' &&
      ((typeof body === 'object' && body !== null && test(tag, body as Tree)) || holds(body, test)),
  );
}

/**
 * Returns the name that Postgres gives a result without AS where it comes from a column or a function; '' where it comes
 * from a type or a keyword, which is the name of no column of a view.
 */
export function implicitName(node: Pg.Node | undefined): string {
  const [tag, body] = (node && open(node as Tree)) ?? ['', {}];
  return NAMERS[tag]?.(body) ?? '';
}

const NAMERS: Readonly<Record<string, (body: Tree) => string>> = {
  ColumnRef: (body) => words((body as Pg.ColumnRef).fields).at(-1) ?? '',
  FuncCall: (body) => functionName(body as Pg.FuncCall),
  A_Indirection: (body) => implicitName((body as Pg.A_Indirection).arg),
  CollateClause: (body) => implicitName((body as Pg.CollateClause).arg),
  TypeCast: (body) => implicitName((body as Pg.TypeCast).arg),
  CaseExpr: (body) => implicitName((body as Pg.CaseExpr).defresult),
  SubLink: (body) => outputNames(as<Pg.SelectStmt>((body as Pg.SubLink).subselect, 'SelectStmt'))[0] ?? '',
};

/** Returns the names of a SELECT's results in order. */
export function outputNames(select: Pg.SelectStmt | undefined): string[] {
  if (select?.larg !== undefined) return outputNames(select.larg);
  return (select?.targetList ?? []).map((node) => {
    const target = as<Pg.ResTarget>(node, 'ResTarget');
    return target?.name ?? implicitName(target?.val);
  });
}
