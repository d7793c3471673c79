import type { ActionRun, ActionTarget } from '../../action.ts';
import { type AwsAction, beforeOf, numberParameter } from './action.ts';
import {
  isProvisioned,
  observeProvisions,
  type Provisions,
  provision,
  provisionsOf,
} from './provisioned-concurrency.ts';

/** Keeps a Lambda function ready for fewer calls at once, where one version or alias alone is kept ready. */
export const lowerProvisionedConcurrency: AwsAction = (at) => ({
  name: 'lower-provisioned-concurrency',
  restsOn: ['configuration.provisionedConcurrency'],
  operations: [
    'Lambda.GetFunction',
    'Lambda.ListProvisionedConcurrencyConfigs',
    'Lambda.PutProvisionedConcurrencyConfig',
  ],
  observe: (target) => observeProvisions(at, target),
  refusal: (observed, target) => {
    const names = Object.keys(provisionsOf(observed));
    if (names.length !== 1) return `Of ${names.length} versions and aliases it has to be decided which needs how much.`;
    const count = countWanted(target);
    return count >= 1 && count < Number(observed.configuration.provisionedConcurrency)
      ? undefined
      : `It is kept ready for ${observed.configuration.provisionedConcurrency} calls already.`;
  },
  async apply(run) {
    if (run.outcome.qualifier === undefined) {
      const [qualifier] = Object.keys(provisionsOf(await observeProvisions(at, run.target)));
      await run.keep({ qualifier });
    }
    await provision(at, run.target, of(run, countWanted(run.target)));
  },
  isDone: (observed, run) => isProvisioned(observed, of(run, countWanted(run.target))),
  undo: (run) => provision(at, run.target, of(run, countBefore(run))),
  isUndone: (observed, run) => isProvisioned(observed, of(run, countBefore(run))),
});

const countWanted = (target: ActionTarget): number => numberParameter(target, 'to') ?? Number.NaN;
const countBefore = (run: Pick<ActionRun, 'outcome'>): number =>
  Number(beforeOf(run)['configuration.provisionedConcurrency']);
const of = ({ outcome }: Pick<ActionRun, 'outcome'>, count: number): Provisions => ({
  [String(outcome.qualifier)]: count,
});
