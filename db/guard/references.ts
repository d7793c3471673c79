import type * as Pg from 'libpg-query';
import { Refusal } from './codes.ts';
import { FUNCTIONS } from './functions.ts';
import { nearest, quoted } from './names.ts';
import { RELATIONS, SCHEMA } from './relations.ts';
import type { Statement } from './statement.ts';
import { as, words } from './tree.ts';
import { TYPES } from './types.ts';
import type { Checks } from './walk.ts';

/** Collects what refers to columns; what they refer to is known at the end of the statement. */
export const referenceChecks: Checks = {
  ColumnRef(reference: Pg.ColumnRef, statement: Statement) {
    statement.references.push(reference);
  },
};

/** Names that Postgres gives to results by itself, beside those of functions and types. */
const NAMED_BY_POSTGRES =
  /^(array|case|coalesce|column\d+|current_(date|time|timestamp)|exists|greatest|grouping|least|localtime(stamp)?|nullif|row)$/;

/**
 * Refuses references that are none to a column. Postgres reads `alias.name` as a call `name(alias)` when the alias has no
 * such column. For a row of a view that finds functions of rows only; but the alias of a function in FROM is the value
 * itself: `SELECT p.pg_read_file FROM unnest(ARRAY['/etc/passwd']) AS p` reads the file.
 */
export function checkReferences(statement: Statement): void {
  for (const reference of statement.references) {
    const fields = reference.fields ?? [];
    const starred = as(fields.at(-1), 'A_Star') !== undefined;
    if (starred && !statement.stars.has(reference)) {
      throw new Refusal('construct_not_allowed', 'A whole row is not taken as a value.', NAME_COLUMNS);
    }
    const parts = words(starred ? fields.slice(0, -1) : fields);
    const qualifiers = starred ? parts : parts.slice(0, -1);
    checkQualifiers(qualifiers, statement);
    if (!starred) checkColumn(qualifiers, parts.at(-1) ?? '', statement);
  }
}

const NAME_COLUMNS = 'Name the columns; count rows with count(*).';

function checkQualifiers(qualifiers: string[], { tableAliases, functionAliases }: Statement): void {
  const [first = '', relation = ''] = qualifiers;
  if (qualifiers.length === 0) return;
  if (qualifiers.length === 1 && (tableAliases.has(first) || functionAliases.has(first))) return;
  if (qualifiers.length === 2 && first === SCHEMA && RELATIONS.has(relation)) return;
  throw new Refusal(
    'relation_not_allowed',
    `${quoted(qualifiers.join('.'))} is no view or alias here.`,
    'Write alias.column or ask.view.column.',
  );
}

function checkColumn(qualifiers: string[], column: string, statement: Statement): void {
  const alias = qualifiers.at(-1);
  const { functionAliases, tableAliases, named } = statement;
  // The name of a function in FROM is its value.
  if (alias === undefined && functionAliases.has(column)) return;
  if (alias === undefined && tableAliases.has(column) && !named.has(column) && !isColumn(column, statement)) {
    throw new Refusal('construct_not_allowed', `${quoted(column)} alone is the whole row.`, NAME_COLUMNS);
  }
  const ofFunction = qualifiers.length === 1 ? functionAliases.get(alias ?? '') : undefined;
  if (ofFunction !== undefined && !ofFunction.has(column)) {
    throw new Refusal(
      'column_unknown',
      `The function ${quoted(alias ?? '')} in FROM has no column ${quoted(column)}.`,
      `Name its column, as in FROM unnest(...) AS ${alias}_list(value), and call no table ${quoted(alias ?? '')} too.`,
    );
  }
  if (isColumn(column, statement) || (named.has(column) && !/^(pg|lo)_/.test(column))) return;
  if (FUNCTIONS.has(column) || TYPES.has(column) || NAMED_BY_POSTGRES.test(column)) return;
  throw refuseColumn(column, statement);
}

const isColumn = (name: string, { relations }: Statement): boolean =>
  [...relations].some((relation) => RELATIONS.get(relation)?.has(name));

function refuseColumn(column: string, { relations, named }: Statement): Refusal {
  const known = [...relations].flatMap((relation) => [...(RELATIONS.get(relation) ?? [])]);
  const near = nearest(column, new Set([...known, ...named]));
  const elsewhere = [...RELATIONS].filter(([, columns]) => columns.has(column)).map(([name]) => `${SCHEMA}.${name}`);
  const hint =
    near.length > 0
      ? `Perhaps ${near.join(' or ')}.`
      : elsewhere.length > 0
        ? `It is a column of ${elsewhere.join(' and ')}.`
        : `The columns are ${known.slice(0, 80).join(', ')}.`;
  return new Refusal('column_unknown', `Nothing the statement reads has a column ${quoted(column)}.`, hint);
}
