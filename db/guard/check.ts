import { callChecks } from './calls.ts';
import { Refusal, type Verdict } from './codes.ts';
import { checkGrowth } from './growth.ts';
import { fingerprint, parserReady, parseSelect } from './parse.ts';
import { readChecks } from './reads.ts';
import { checkReferences, referenceChecks } from './references.ts';
import { checkSeries } from './series.ts';
import { emptyStatement } from './statement.ts';
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
    const select = parseSelect(sql);
    const statement = emptyStatement();
    walkSelect(select, statement, CHECKS);
    checkReferences(statement);
    checkSeries(statement);
    checkGrowth(statement);
    return { allowed: true, fingerprint: fingerprint(sql), relations: [...statement.relations].sort() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, hint } = error;
    return { allowed: false, code, reason: message, ...(hint === undefined ? {} : { hint }) };
  }
}
