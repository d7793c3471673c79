import { PennyError } from '../../errors.ts';
import { isDocumented } from './permissions.ts';

/** How many calls a run may make. Those to Cost Explorer, which cost money each, count towards both. */
export interface CallBudget {
  calls: number;
  costExplorerCalls: number;
}

/** The calls a run has made, retries included, by operation such as 'EC2.DescribeInstances'. */
export interface CallCounter {
  /** Counts a call that is about to be made, or throws `cloud_budget`; an operation no policy documents is a bug. */
  count(operation: string): void;
  byOperation(): Record<string, number>;
  total(): number;
}

/** Returns a counter for one run, which reads, or makes changes that were approved. */
export function countCalls(budget: CallBudget, who: 'reads' | 'changes' = 'reads'): CallCounter {
  const counts = new Map<string, number>();
  let total = 0;
  let costExplorer = 0;
  return {
    count(operation) {
      if (!isDocumented(operation, who))
        throw new Error(`${operation} stands in no policy: add it to clouds/aws/permissions.ts`);
      const costs = operation.startsWith('CostExplorer.');
      if (total >= budget.calls) throw overBudget('PENNY_AWS_CALLS_PER_RUN', budget.calls, operation);
      if (costs && costExplorer >= budget.costExplorerCalls)
        throw overBudget('PENNY_AWS_COST_EXPLORER_CALLS_PER_RUN', budget.costExplorerCalls, operation);
      total++;
      if (costs) costExplorer++;
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
    },
    byOperation: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    total: () => total,
  };
}

function overBudget(setting: string, limit: number, operation: string): PennyError {
  return new PennyError(
    'cloud_budget',
    `The run has made the ${limit} calls that ${setting} allows; it stopped before ${operation}.`,
    { details: { setting, limit, operation } },
  );
}
