import { type GuardCode, Refusal } from './codes.ts';

const ONLY = 'Only SELECT is taken.';

/** What to say of statements that are no SELECT, by the beginning of their node's name; the first that fits. */
const STATEMENTS: readonly [start: RegExp, code: GuardCode, reason: string, hint?: string][] = [
  [/^(Insert|Update|Delete|Merge|Truncate|Copy)Stmt/, 'writes', 'The statement would write rows.'],
  [
    /^(Create|Alter|Drop|Define|Rename|Grant|Revoke|Comment|SecLabel|Reassign|ViewStmt|IndexStmt|RuleStmt)/,
    'writes',
    'The statement would change the schema or its rights.',
  ],
  [
    /^(Import|RefreshMatView|Cluster|Vacuum|Reindex|Composite|ReplicaIdentity)/,
    'writes',
    'The statement would change the database.',
  ],
  [/^LockStmt/, 'locks', 'LOCK would lock tables.'],
  [/^ExplainStmt/, 'not_a_select', 'EXPLAIN is not taken.', 'Write the SELECT alone.'],
  [/^Variable(Set|Show)/, 'not_a_select', 'Settings are neither read nor changed here.'],
  [/^TransactionStmt/, 'not_a_select', 'Transactions are not begun or ended here.'],
  [
    /^(Prepare|Execute|Deallocate|DeclareCursor|Fetch|ClosePortal)/,
    'not_a_select',
    'Prepared statements and cursors are not taken.',
  ],
  [/^(Do|Call)Stmt/, 'not_a_select', 'DO and CALL run code.'],
  [/^(Listen|Unlisten|Notify)/, 'not_a_select', 'LISTEN and NOTIFY are not taken.'],
];

/** Returns the refusal of a statement that is no SELECT. */
export function refuseStatement(tag: string): Refusal {
  const [, code, reason, hint] = STATEMENTS.find(([start]) => start.test(tag)) ?? [];
  return new Refusal(code ?? 'not_a_select', reason ?? 'The statement is no SELECT.', hint ?? ONLY);
}
