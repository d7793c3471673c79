import type * as Pg from 'libpg-query';
import { Refusal } from './codes.ts';
import { FIELD_REFUSALS, type FieldKind, GRAMMAR, NODE_REFUSALS, type NodeName } from './grammar.ts';
import type { Scope, Statement } from './statement.ts';
import { as, type Tree } from './tree.ts';

/** Honest statements stay under 40; what Postgres itself recurses over is bounded with it. */
const MAX_DEPTH = 120;

/** A look at one node, after its fields are known to be in the grammar and before what is in them is looked at. */
export type Check<Body> = (body: Body, statement: Statement, scope: Scope) => void;

/** The checks by name of node. */
export type Checks = { [Name in NodeName]?: Check<never> };

/** Goes through a SELECT in the order in which names come to be known, and refuses the first thing that is not allowed. */
export function walkSelect(select: Pg.SelectStmt, statement: Statement, checks: Checks): void {
  new Walk(statement, checks).node('SelectStmt', select as Tree, { outer: undefined, ctes: new Map() }, 0);
}

class Walk {
  readonly statement: Statement;
  readonly checks: Checks;

  constructor(statement: Statement, checks: Checks) {
    this.statement = statement;
    this.checks = checks;
  }

  node(tag: string, body: Tree, scope: Scope, depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new Refusal('too_complex', `The statement is nested more than ${MAX_DEPTH} deep.`, 'Split it into CTEs.');
    }
    if (!isKnown(tag)) throw refuseNode(tag);
    const fields: Readonly<Record<string, FieldKind>> = GRAMMAR[tag];
    for (const field in body) if (!Object.hasOwn(fields, field)) throw refuseField(tag, field);
    const inner = tag === 'SelectStmt' ? { outer: scope, ctes: new Map() } : scope;
    // The names a WITH brings are known to all other parts of its SELECT.
    if (tag === 'SelectStmt' && body.withClause !== undefined)
      this.with(body.withClause as Pg.WithClause, inner, depth);
    (this.checks[tag] as Check<Tree> | undefined)?.(body, this.statement, inner);
    for (const field in body) {
      if (field !== 'withClause') this.field(fields[field] as FieldKind, body[field], inner, depth + 1);
    }
  }

  field(kind: FieldKind, value: unknown, scope: Scope, depth: number): void {
    if (kind === 'literal') return;
    if (kind === 'value') {
      if (typeof value === 'object') throw refuseNode('a node where a value was expected');
    } else if (kind === 'nodes') {
      for (const item of value as Tree[]) this.field('node', item, scope, depth);
    } else if (kind === 'node') {
      const wrapper = value as Record<string, Tree>;
      for (const tag in wrapper) this.node(tag, wrapper[tag] ?? {}, scope, depth);
    } else this.node(kind, value as Tree, scope, depth);
  }

  /** A CTE sees those before it and those outside, never itself or the ones after it. */
  with(clause: Pg.WithClause, scope: Scope, depth: number): void {
    for (const field in clause) if (!Object.hasOwn(GRAMMAR.WithClause, field)) throw refuseField('WithClause', field);
    for (const item of clause.ctes ?? []) {
      const cte = as<Pg.CommonTableExpr>(item, 'CommonTableExpr');
      if (cte === undefined || Object.keys(item).length > 1) throw refuseNode('something in WITH that is no CTE');
      const before = this.statement.scans;
      this.node('CommonTableExpr', cte as Tree, scope, depth + 1);
      scope.ctes.set(cte.ctename ?? '', { scans: this.statement.scans - before, query: cte.ctequery });
    }
  }
}

const isKnown = (tag: string): tag is NodeName => Object.hasOwn(GRAMMAR, tag);

function refuseField(tag: string, field: string): Refusal {
  const why = FIELD_REFUSALS[`${tag}.${field}`];
  if (why !== undefined) return new Refusal(why.code, why.reason, why.hint);
  return new Refusal('construct_not_allowed', `This use of SQL (${tag}.${field}) is not taken.`);
}

/** Returns the refusal of a node that is not in the grammar, at the top of the text or inside a SELECT. */
export function refuseNode(tag: string): Refusal {
  const why = NODE_REFUSALS[tag];
  if (why !== undefined) return new Refusal(why.code, why.reason, why.hint);
  const verb = tag.replace(/Stmt$/, '');
  if (/^(Insert|Update|Delete|Merge)$/.test(verb)) {
    return new Refusal('writes', `${verb.toUpperCase()} would write.`, 'Only SELECT is taken.');
  }
  return new Refusal('construct_not_allowed', `This piece of SQL (${tag}) is not taken.`);
}
