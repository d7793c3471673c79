import type { ActionRun } from '../../action.ts';
import type { AwsAction } from './action.ts';
import {
  isProvisioned,
  observeProvisions,
  type Provisions,
  provision,
  provisionsOf,
  unprovision,
} from './provisioned-concurrency.ts';

/** Keeps a Lambda function ready for no calls any more; it can be called all the same. */
export const removeProvisionedConcurrency: AwsAction = (at) => ({
  name: 'remove-provisioned-concurrency',
  restsOn: ['configuration.provisionedConcurrency'],
  operations: [
    'Lambda.GetFunction',
    'Lambda.ListProvisionedConcurrencyConfigs',
    'Lambda.DeleteProvisionedConcurrencyConfig',
    'Lambda.PutProvisionedConcurrencyConfig',
  ],
  observe: (target) => observeProvisions(at, target),
  async apply(run) {
    if (run.outcome.provisions === undefined)
      await run.keep({ provisions: provisionsOf(await observeProvisions(at, run.target)) });
    await unprovision(at, run.target, Object.keys(before(run)));
  },
  isDone: (observed, run) =>
    run.outcome.provisions !== undefined &&
    Object.keys(before(run)).every((name) => provisionsOf(observed)[name] === undefined),
  undo: (run) => provision(at, run.target, before(run)),
  isUndone: (observed, run) => isProvisioned(observed, before(run)),
});

const before = ({ outcome }: Pick<ActionRun, 'outcome'>): Provisions => (outcome.provisions ?? {}) as Provisions;
