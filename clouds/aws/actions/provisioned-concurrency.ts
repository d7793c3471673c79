import {
  DeleteProvisionedConcurrencyConfigCommand,
  LambdaClient,
  PutProvisionedConcurrencyConfigCommand,
  paginateListProvisionedConcurrencyConfigs,
} from '@aws-sdk/client-lambda';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { ifThere, type PlaceOf } from './action.ts';
import { observeFunction } from './function.ts';

/** For how many calls at once each version or alias of a function is kept ready, by its name. */
export type Provisions = Record<string, number>;

/** Returns a function with what is provisioned for it, and whether all of that is there. */
export async function observeProvisions(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const observed = await observeFunction(at, target);
  if (observed === undefined) return undefined;
  const provisions: Provisions = {};
  let isSettled = true;
  const asked = { FunctionName: target.resourceId };
  const client = at(target).client(LambdaClient);
  for await (const page of paginateListProvisionedConcurrencyConfigs({ client }, asked)) {
    for (const {
      FunctionArn,
      RequestedProvisionedConcurrentExecutions: count,
      Status,
    } of page.ProvisionedConcurrencyConfigs ?? []) {
      provisions[FunctionArn?.split(':').at(-1) ?? ''] = count ?? 0;
      if (Status === 'IN_PROGRESS') isSettled = false;
    }
  }
  const provisionedConcurrency = Object.values(provisions).reduce((sum, count) => sum + count, 0);
  return {
    ...observed,
    configuration: { ...observed.configuration, provisionedConcurrency, provisions, isSettled },
  };
}

export const provisionsOf = (observed: ObservedResource | undefined): Provisions =>
  (observed?.configuration.provisions ?? {}) as Provisions;

/** Whether this is provisioned, and there; what others have provisioned besides is theirs. */
export function isProvisioned(observed: ObservedResource | undefined, wanted: Provisions): boolean {
  const given = provisionsOf(observed);
  return (
    observed?.configuration.isSettled === true && Object.entries(wanted).every(([name, count]) => given[name] === count)
  );
}

/** Has this provisioned; asking twice is as good as once. */
export async function provision(at: PlaceOf, target: ActionTarget, wanted: Provisions): Promise<void> {
  const given = provisionsOf(await observeProvisions(at, target));
  for (const [Qualifier, count] of Object.entries(wanted).filter(([name, count]) => given[name] !== count)) {
    const asked = { FunctionName: target.resourceId, Qualifier, ProvisionedConcurrentExecutions: count };
    await at(target).client(LambdaClient).send(new PutProvisionedConcurrencyConfigCommand(asked));
  }
}

/** Has nothing provisioned for these versions and aliases any more. */
export async function unprovision(at: PlaceOf, target: ActionTarget, names: readonly string[]): Promise<void> {
  for (const Qualifier of names) {
    const command = new DeleteProvisionedConcurrencyConfigCommand({ FunctionName: target.resourceId, Qualifier });
    await ifThere(() => at(target).client(LambdaClient).send(command));
  }
}
