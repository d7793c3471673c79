import type { EvalCase, Suite } from '../case.ts';

/** What was found is read from the tables that hold it, and what it comes to is added up by the case itself. */
const value = (id: string, question: string, sql: string, basis: string | null = 'effective_cost'): EvalCase => ({
  id,
  turns: [question],
  expect: { sql, compare: 'total', basis },
});

const WAITING = "state IN ('open', 'accepted', 'regressed') AND alternative_to IS NULL AND kind = 'usage'";
const saved = (where: string): string =>
  `SELECT sum(estimated_monthly_savings) FROM recommendations WHERE ${WAITING} AND ${where}`;
const cases: EvalCase[] = [
  value('savings-total', 'How can we save money?', saved('true')),
  value('idle-machines', 'Which EC2 instances are idle?', saved("check_id IN ('ec2-idle', 'asg-idle')")),
  value('downsize', 'which machines should we downsize', saved("check_id = 'ec2-oversized'")),
  value('unattached', 'unattached volumes', saved("check_id IN ('ebs-unattached', 'ebs-idle')")),
  value('old-snapshots', 'old snapshots we could delete', saved("check_id = 'ebs-snapshot-old'")),
  value('oversized-databases', 'Which databases are oversized?', saved("check_id = 'rds-oversized'")),
  value(
    'idle-in-account',
    'idle EC2 instances in the fernhill-analytics account',
    saved(
      "check_id IN ('ec2-idle', 'asg-idle') AND sub_account_id = (SELECT account_id FROM accounts WHERE name = 'fernhill-analytics')",
    ),
  ),
];

export const findings: Suite = {
  name: 'findings',
  description: 'What checks found, told in chat as it is stored. Run the job recommend-changes first.',
  gate: 1,
  cases,
};
