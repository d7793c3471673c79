import type * as Pg from 'libpg-query';

/** A CTE as statements after it see it: how many views a reference to it reads, counting those behind it. */
export interface Cte {
  scans: number;
  query: Pg.Node | undefined;
}

/** The CTEs that a place in a statement sees. */
export interface Scope {
  outer: Scope | undefined;
  ctes: Map<string, Cte>;
}

/**
 * What is found out about a statement on the way through it. What can be told only when the whole statement is known, such
 * as what a column refers to, is collected and checked at the end.
 */
export interface Statement {
  /** The views it reads. */
  relations: Set<string>;
  /** How often views are read, a CTE counting as often as it is referred to. */
  scans: number;
  /** FROM items beside each other without a condition between them. */
  products: number;
  /** How often text may be doubled, as a power of two. */
  growth: number;
  /** Whether an aggregate that keeps all its values is called. */
  collects: boolean;
  references: Pg.ColumnRef[];
  /** Stars that stand where a star may. */
  stars: Set<Pg.ColumnRef>;
  series: Pg.FuncCall[];
  /** Names given to columns: by AS, by alias lists, by functions in FROM. */
  named: Set<string>;
  /** The expressions behind each name of a result anywhere in the statement. */
  outputs: Map<string, Pg.Node[]>;
  /** Names whose expressions are not known: columns renamed by position, and results of UNION and the like. */
  opaque: Set<string>;
  /** Names of FROM items that are rows, and of those that are functions with their columns. */
  tableAliases: Set<string>;
  functionAliases: Map<string, Set<string>>;
  /** The functions behind the column that a FROM item made of a function has. */
  functionColumns: Map<string, Pg.FuncCall[]>;
}

export const emptyStatement = (): Statement => ({
  relations: new Set(),
  scans: 0,
  products: 0,
  growth: 0,
  collects: false,
  references: [],
  stars: new Set(),
  series: [],
  named: new Set(),
  outputs: new Map(),
  opaque: new Set(),
  tableAliases: new Set(),
  functionAliases: new Map(),
  functionColumns: new Map(),
});

/** Returns the CTE that a name without a schema means at a place; undefined when it means a view. */
export function findCte(name: string, scope: Scope | undefined): Cte | undefined {
  for (let place = scope; place !== undefined; place = place.outer) {
    const found = place.ctes.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the names of all CTEs that a place sees. */
export function cteNames(scope: Scope | undefined): string[] {
  return scope === undefined ? [] : [...scope.ctes.keys(), ...cteNames(scope.outer)];
}

/** Adds to the list under a key. */
export function collect<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
