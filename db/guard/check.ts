import type * as Pg from 'libpg-query';
import { callChecks } from './calls.ts';
import { Refusal, type Verdict } from './codes.ts';
import { checkGrowth } from './growth.ts';
import { endsInComment, fingerprint, parserReady, parseSelect } from './parse.ts';
import { readChecks } from './reads.ts';
import { checkReferences, referenceChecks } from './references.ts';
import { checkSeries } from './series.ts';
import { emptyStatement, type Statement } from './statement.ts';
import { checkText } from './text.ts';
import { valueChecks } from './values.ts';
import { walkSelect } from './walk.ts';

const CHECKS = { ...readChecks, ...callChecks, ...valueChecks, ...referenceChecks };

/**
 * Returns whether a text is one SELECT that reads views of schema `ask` and nothing else, by the parser alone: no database is
 * asked. It never throws for what a text says. The layers below (the role, the transaction, its limits) hold without it.
 */
export async function checkStatement(sql: string): Promise<Verdict> {
  await parserReady();
  try {
    checkText(sql);
    const { relations } = checkSelect(parseSelect(sql));
    if (relations.size === 0) refuseCutOff(sql);
    return {
      allowed: true,
      // Costs as much as half of all before it, and only what runs is logged by it.
      get fingerprint() {
        return fingerprint(sql);
      },
      relations: [...relations].sort(),
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, hint } = error;
    return { allowed: false, code, reason: message, ...(hint === undefined ? {} : { hint }) };
  }
}

/**
 * Returns what a SELECT reads.
 * @throws Refusal when it holds anything that is not allowed
 */
export function checkSelect(select: Pg.SelectStmt): Statement {
  const statement = emptyStatement();
  walkSelect(select, statement, CHECKS);
  checkReferences(statement);
  checkSeries(statement);
  checkGrowth(statement);
  return statement;
}

/** A text that reads nothing and ends in a comment is the first half of an injection, the comment being for the rest. */
function refuseCutOff(sql: string): void {
  if (!endsInComment(sql)) return;
  throw new Refusal(
    'construct_not_allowed',
    'The statement reads no view and ends in a comment.',
    'Leave the comment out, or read a view of schema ask.',
  );
}
