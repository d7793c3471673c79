import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config.ts';
import type { GuardCode } from './codes.ts';

/** A statement of the evals; one with a code must be refused for it, one without must be let through. */
export interface CorpusStatement {
  id: string;
  sql: string;
  code?: GuardCode;
}

/** Returns the statements of `evals/sql-guard`, which the evals put to the guard and the tests to each of its layers. */
export function corpus(kind: 'attacks' | 'honest'): CorpusStatement[] {
  return readFileSync(join(packageRoot, 'evals', 'sql-guard', `${kind}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CorpusStatement);
}
