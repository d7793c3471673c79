import type * as Pg from 'libpg-query';
import { Refusal } from './codes.ts';
import { quoted } from './names.ts';
import { RELATIONS, SCHEMA } from './relations.ts';
import type { Statement } from './statement.ts';
import { as, words } from './tree.ts';
import type { Checks } from './walk.ts';

/** Collects what refers to columns; what they refer to is known at the end of the statement. */
export const referenceChecks: Checks = {
  ColumnRef(reference: Pg.ColumnRef, statement: Statement) {
    statement.references.push(reference);
  },
};

/**
 * Refuses references that are none to a column. Postgres reads `alias.name` as a call `name(alias)` when the alias has no
 * such column. For a row of a view that finds functions of rows only; but the alias of a function in FROM is the value
 * itself: `SELECT p.pg_read_file FROM unnest(ARRAY['/etc/passwd']) AS p` reads the file.
 */
export function checkReferences(statement: Statement): void {
  for (const reference of statement.references) checkReference(reference, statement);
}

function checkReference(reference: Pg.ColumnRef, statement: Statement): void {
  const fields = reference.fields ?? [];
  const starred = as(fields.at(-1), 'A_Star') !== undefined;
  if (starred && !statement.stars.has(reference)) {
    throw refuse('A row as a value is not taken.', 'Name the columns; count rows with count(*).');
  }
  const parts = words(starred ? fields.slice(0, -1) : fields);
  const qualifiers = starred ? parts : parts.slice(0, -1);
  const column = starred ? undefined : (parts.at(-1) ?? '');
  checkQualifiers(qualifiers);
  const [alias] = qualifiers;
  if (column === undefined) return;
  if (alias === undefined) {
    checkBareName(column, statement);
    return;
  }
  if (/^(pg|lo)_/.test(column)) throw refuse(`${quoted(column)} is no column.`, 'Name a column.');
  const known = qualifiers.length === 1 ? statement.functionAliases.get(alias) : undefined;
  if (known === undefined || known.has(column)) return;
  throw refuse(
    `The function ${quoted(alias)} in FROM has no column ${quoted(column)}.`,
    `Name its column: FROM ${alias === 'generate_series' || alias === 'unnest' ? alias : 'function'}(...) AS ${alias}(value), then ${alias}.value; and name no table ${alias} too.`,
  );
}

function checkQualifiers(qualifiers: string[]): void {
  if (qualifiers.length < 2) return;
  const [schema, relation = ''] = qualifiers;
  if (qualifiers.length === 2 && schema === SCHEMA && RELATIONS.includes(relation)) return;
  throw new Refusal(
    'relation_not_allowed',
    `${quoted(qualifiers.join('.'))} is no view here.`,
    'Write alias.column or ask.view.column.',
  );
}

/** The name of a table alone is its whole row. */
function checkBareName(name: string, { tableAliases, outputs, opaque, functionColumns }: Statement): void {
  if (!tableAliases.has(name) || outputs.has(name) || opaque.has(name) || functionColumns.has(name)) return;
  throw refuse(`${quoted(name)} alone is the whole row.`, 'Name the columns; count rows with count(*).');
}

const refuse = (reason: string, hint: string) => new Refusal('construct_not_allowed', reason, hint);
