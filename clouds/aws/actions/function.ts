import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { ifThere, type PlaceOf } from './action.ts';

/** Returns a Lambda function as it is now; undefined when it is not there. */
export async function observeFunction(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const command = new GetFunctionCommand({ FunctionName: target.resourceId });
  const found = await ifThere(() => at(target).client(LambdaClient).send(command));
  const one = found?.Configuration;
  if (one === undefined) return undefined;
  return {
    state: one.State?.toLowerCase() ?? 'active',
    configuration: {
      memoryMib: one.MemorySize,
      lastModified: one.LastModified,
      isUpdating: one.LastUpdateStatus === 'InProgress',
    },
    tags: found?.Tags ?? {},
  };
}
