import type * as Pg from 'libpg-query';
import { fingerprintSync, loadModule, parseSync, SqlError, scanSync } from 'libpg-query';
import { Refusal } from './codes.ts';
import { quoted } from './names.ts';
import { refuseStatement } from './statements.ts';
import { as, open, type Tree } from './tree.ts';

/** Resolves when the parser, which is WebAssembly, can be called. */
export const parserReady = loadModule;

/**
 * Returns the one SELECT that the text is, as Postgres 18 parses it.
 * @throws Refusal when Postgres would not parse it, or it is something else
 */
export function parseSelect(sql: string): Pg.SelectStmt {
  const { stmts = [] } = parsed(sql);
  if (stmts.length > 1) {
    throw new Refusal('not_one_statement', `There are ${stmts.length} statements.`, 'Write one SELECT.');
  }
  const node = stmts[0]?.stmt;
  if (node === undefined) throw new Refusal('text_empty', 'There is no statement.', 'Write one SELECT.');
  const select = as<Pg.SelectStmt>(node, 'SelectStmt');
  if (select === undefined) throw refuseStatement(open(node as Tree)?.[0] ?? '');
  return select;
}

/** Returns what a statement is whatever its constants are: 16 hexadecimal digits. */
export const fingerprint: (sql: string) => string = fingerprintSync;

/** Whether the last thing in a text that was parsed is a comment. */
export function endsInComment(sql: string): boolean {
  return /^(SQL|C)_COMMENT$/.test(scanSync(sql).tokens.at(-1)?.tokenName ?? '');
}

function parsed(sql: string): Pg.ParseResult {
  try {
    return parseSync(sql);
  } catch (error) {
    if (error instanceof SqlError) {
      const place = error.sqlDetails?.cursorPosition ?? 0;
      throw new Refusal(
        'syntax_error',
        `Postgres cannot read the statement near ${quoted(sql.slice(place, place + 30).trim() || 'its end')}.`,
        'Write one SELECT in the SQL of Postgres.',
      );
    }
    // Deeper than the parser's stack. The length of the text keeps that from happening; a statement is refused all the same.
    throw new Refusal('too_complex', 'The statement is too deeply nested to be read.', 'Split it into CTEs.');
  }
}
