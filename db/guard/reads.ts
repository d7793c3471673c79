import type * as Pg from 'libpg-query';
import { Refusal } from './codes.ts';
import { AGGREGATES } from './functions.ts';
import { nearest, quoted } from './names.ts';
import { RELATIONS, SCHEMA } from './relations.ts';
import { collect, cteNames, findCte, type Scope, type Statement } from './statement.ts';
import { as, functionName, holds, implicitName, literalNumber, outputNames, words } from './tree.ts';
import type { Checks } from './walk.ts';

/** Views read in all, each CTE as often as it is referred to: CTEs that join themselves double with every step. */
const MAX_SCANS = 40;

/** Honest statements put a row of totals or a short list beside a table, rarely twice. */
const MAX_PRODUCTS = 2;

/** CUBE over n columns makes 2^n sets, each grouped by itself. */
const MAX_GROUPING_SETS = 128;

/** What a statement reads: views of the schema by their names, CTEs by scope, functions in FROM, and how they are joined. */
export const readChecks: Checks = {
  RangeVar(range: Pg.RangeVar, statement: Statement, scope: Scope) {
    const name = range.relname ?? '';
    statement.tableAliases.add(range.alias?.aliasname ?? name);
    noteRenamed(range.alias?.colnames, statement);
    const cte = range.schemaname === undefined ? findCte(name, scope) : undefined;
    if (cte === undefined) {
      if ((range.schemaname ?? SCHEMA) !== SCHEMA || !RELATIONS.has(name)) throw refuseRelation(range, scope);
      statement.relations.add(name);
    }
    statement.scans += cte?.scans ?? 1;
    if (statement.scans > MAX_SCANS) {
      throw new Refusal(
        'too_complex',
        `The statement reads views more than ${MAX_SCANS} times.`,
        'Join fewer of them.',
      );
    }
  },

  CommonTableExpr(cte: Pg.CommonTableExpr, statement: Statement) {
    const name = cte.ctename ?? '';
    if (RELATIONS.has(name)) {
      throw new Refusal(
        'relation_not_allowed',
        `The CTE ${quoted(name)} has the name of a view.`,
        `Name it otherwise, for example ${name}_by_day.`,
      );
    }
    noteRenamed(cte.aliascolnames, statement);
    refuseStatementInside(cte.ctequery);
  },

  RangeSubselect(range: Pg.RangeSubselect, statement: Statement) {
    if (range.alias?.aliasname !== undefined) statement.tableAliases.add(range.alias.aliasname);
    noteRenamed(range.alias?.colnames, statement);
  },

  RangeFunction(range: Pg.RangeFunction, statement: Statement) {
    const call = as<Pg.FuncCall>(as<Pg.List>(range.functions?.[0], 'List')?.items?.[0], 'FuncCall');
    if (call === undefined) {
      throw new Refusal('construct_not_allowed', 'FROM takes views, subqueries and calls of functions.', 'Use SELECT.');
    }
    const named = functionName(call);
    const alias = range.alias?.aliasname ?? named;
    const given = words(range.alias?.colnames);
    const own = OUT_COLUMNS[named] ?? [alias, named];
    const columns = new Set([...(given.length > 0 ? given : own), 'ordinality']);
    const known = statement.functionAliases.get(alias) ?? columns;
    // Of two functions with one alias, only what both have is a column wherever the alias stands.
    statement.functionAliases.set(alias, new Set([...columns].filter((column) => known.has(column))));
    for (const name of columns) statement.named.add(name);
    collect(statement.functionColumns, given[0] ?? alias, call);
  },

  JoinExpr(join: Pg.JoinExpr, statement: Statement) {
    if (join.alias?.aliasname !== undefined) statement.tableAliases.add(join.alias.aliasname);
    noteRenamed(join.alias?.colnames, statement);
  },

  SelectStmt(select: Pg.SelectStmt, statement: Statement, scope: Scope) {
    noteOutputs(select, statement);
    refuseSteppedLimit(select.limitCount);
    refuseSteppedLimit(select.limitOffset);
    checkGroupingSets(select);
    const loose = looseItems(select, scope) - comparisons(select.whereClause);
    statement.products += Math.max(0, loose);
    if (statement.products > MAX_PRODUCTS) {
      throw new Refusal(
        'too_complex',
        'The statement puts tables beside each other without a condition between them.',
        'Join them with ON or USING over the columns they share.',
      );
    }
  },
};

/** The columns of functions that name them; the column of any other is called like its alias or itself. */
const OUT_COLUMNS: Readonly<Record<string, string[]>> = {
  jsonb_array_elements: ['value'],
  jsonb_array_elements_text: ['value'],
  jsonb_each: ['key', 'value'],
  jsonb_each_text: ['key', 'value'],
};

function refuseRelation(range: Pg.RangeVar, scope: Scope): Refusal {
  const name = range.relname ?? '';
  const near = nearest(name, [...RELATIONS.keys(), ...(range.schemaname === undefined ? cteNames(scope) : [])]);
  const shown = quoted(range.schemaname === undefined ? name : `${range.schemaname}.${name}`);
  return new Refusal(
    'relation_not_allowed',
    `There is no view ${shown} here.`,
    near.length > 0
      ? `Perhaps ${near.map((one) => (RELATIONS.has(one) ? `${SCHEMA}.${one}` : one)).join(' or ')}.`
      : `The views are ${[...RELATIONS.keys()].map((one) => `${SCHEMA}.${one}`).join(', ')}.`,
  );
}

/** Tells INSERT and the like in a WITH from other SQL that is not taken. */
function refuseStatementInside(query: Pg.Node | undefined): void {
  if (as(query, 'SelectStmt') !== undefined) return;
  throw new Refusal('writes', 'A CTE may only SELECT; this one would write.', 'Write WITH name AS (SELECT ...).');
}

function noteRenamed(columns: Pg.Node[] | undefined, statement: Statement): void {
  for (const name of words(columns)) {
    statement.opaque.add(name);
    statement.named.add(name);
  }
}

/** Notes what stands behind each result's name; in a UNION, what stands behind a name is not told from its place alone. */
function noteOutputs(select: Pg.SelectStmt, statement: Statement): void {
  if (select.op !== 'SETOP_NONE') for (const name of outputNames(select)) statement.opaque.add(name);
  for (const node of select.targetList ?? []) {
    const target = as<Pg.ResTarget>(node, 'ResTarget');
    if (target?.val === undefined) continue;
    const reference = as<Pg.ColumnRef>(target.val, 'ColumnRef');
    if (reference !== undefined) statement.stars.add(reference);
    if (target.name !== undefined) statement.named.add(target.name);
    collect(statement.outputs, target.name ?? implicitName(target.val), target.val);
  }
}

function refuseSteppedLimit(limit: Pg.Node | undefined): void {
  if (limit === undefined || as(limit, 'A_Const') !== undefined || literalNumber(limit) !== undefined) return;
  throw new Refusal('construct_not_allowed', 'LIMIT, OFFSET and FETCH take a constant.', 'Write a number.');
}

function checkGroupingSets(select: Pg.SelectStmt): void {
  const sets = (select.groupClause ?? []).reduce((product, node) => product * groupingSets(node), 1);
  if (sets <= MAX_GROUPING_SETS) return;
  throw new Refusal(
    'too_complex',
    `GROUP BY makes ${sets} grouping sets; the limit is ${MAX_GROUPING_SETS}.`,
    'Name the sets you need with GROUPING SETS.',
  );
}

function groupingSets(node: Pg.Node): number {
  const set = as<Pg.GroupingSet>(node, 'GroupingSet');
  const content = set?.content ?? [];
  if (set?.kind === 'GROUPING_SET_CUBE') return 2 ** content.length;
  if (set?.kind === 'GROUPING_SET_ROLLUP') return content.length + 1;
  if (set?.kind === 'GROUPING_SET_SETS') return content.reduce((sum, one) => sum + groupingSets(one), 0);
  return 1;
}

/** Returns how many FROM items of many rows stand beside others without a condition of their own. */
function looseItems({ fromClause }: Pg.SelectStmt, scope: Scope): number {
  const items = (fromClause ?? []).map((node) => looseIn(node, scope));
  const many = items.filter(({ rows }) => rows > 0).length;
  return Math.max(0, many - 1) + items.reduce((sum, { loose }) => sum + loose, 0);
}

interface Item {
  /** 1 for a table of many rows, 0 for a single row and for functions, which are bounded by themselves. */
  rows: 0 | 1;
  /** Joins inside it without a condition. */
  loose: number;
}

function looseIn(node: Pg.Node | undefined, scope: Scope): Item {
  const join = as<Pg.JoinExpr>(node, 'JoinExpr');
  if (join !== undefined) {
    const [left, right] = [looseIn(join.larg, scope), looseIn(join.rarg, scope)];
    const bound = join.usingClause !== undefined || comparisons(join.quals) > 0;
    const loose = !bound && left.rows + right.rows === 2 ? 1 : 0;
    return { rows: left.rows + right.rows > 0 ? 1 : 0, loose: left.loose + right.loose + loose };
  }
  const range = as<Pg.RangeVar>(node, 'RangeVar');
  if (range !== undefined) {
    const cte = range.schemaname === undefined ? findCte(range.relname ?? '', scope) : undefined;
    return { rows: cte !== undefined && isShort(as(cte.query, 'SelectStmt')) ? 0 : 1, loose: 0 };
  }
  const subselect = as<Pg.RangeSubselect>(node, 'RangeSubselect');
  if (subselect === undefined) return { rows: 0, loose: 0 };
  const select = as<Pg.SelectStmt>(subselect.subquery, 'SelectStmt');
  const correlated = subselect.lateral === true && comparisons(select?.whereClause) > 0;
  return { rows: isShort(select) || correlated ? 0 : 1, loose: 0 };
}

/** Whether a SELECT gives one row or few: constants, an aggregate without GROUP BY, or a LIMIT of at most 100. */
function isShort(select: Pg.SelectStmt | undefined): boolean {
  if (select === undefined || select.op !== 'SETOP_NONE') return false;
  const limit = literalNumber(select.limitCount);
  if (select.valuesLists !== undefined || select.fromClause === undefined || (limit !== undefined && limit <= 100)) {
    return true;
  }
  return select.groupClause === undefined && holds(select.targetList, isAggregate);
}

const isAggregate = (tag: string, body: object): boolean => {
  const call = body as Pg.FuncCall;
  return tag === 'FuncCall' && call.over === undefined && AGGREGATES.has(functionName(call));
};

/** Returns how many comparisons of a column with a column a condition holds at its top, each able to join two tables. */
function comparisons(condition: Pg.Node | undefined): number {
  const all = as<Pg.BoolExpr>(condition, 'BoolExpr');
  if (all !== undefined) {
    const counts = (all.args ?? []).map(comparisons);
    if (all.boolop === 'AND_EXPR') return counts.reduce((sum, count) => sum + count, 0);
    return all.boolop === 'OR_EXPR' ? Math.min(...counts) : 0;
  }
  const comparison = as<Pg.A_Expr>(condition, 'A_Expr');
  const refers = (tree: unknown) => holds(tree, (tag) => tag === 'ColumnRef');
  return comparison !== undefined && refers([comparison.lexpr]) && refers([comparison.rexpr]) ? 1 : 0;
}
