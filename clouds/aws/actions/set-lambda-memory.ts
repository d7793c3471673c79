import { LambdaClient, paginateListAliases, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import type { ActionRun, ActionTarget, ObservedResource } from '../../action.ts';
import { type AwsAction, beforeOf, numberParameter, type PlaceOf } from './action.ts';
import { observeFunction } from './function.ts';

/** Gives a Lambda function another amount of memory, and the CPU that goes with it. */
export const setLambdaMemory: AwsAction = (at) => ({
  name: 'set-lambda-memory',
  restsOn: ['configuration.memoryMib'],
  operations: ['Lambda.GetFunction', 'Lambda.ListAliases', 'Lambda.UpdateFunctionConfiguration'],
  observe: (target) => observe(at, target),
  refusal: ({ state, configuration }) => {
    const aliases = configuration.aliases as string[];
    if (aliases.length > 0)
      return `${aliases.join(', ')} calls a published version, which keeps its memory; publish one with the new memory.`;
    return ['active', 'inactive'].includes(state) && configuration.isUpdating === false
      ? undefined
      : `It is ${state}, or being changed.`;
  },
  apply: (run) => makeMemory(at, run, wanted(run.target)),
  isDone: (observed, { target }) => isSo(observed, wanted(target)),
  undo: (run) => makeMemory(at, run, memoryBefore(run)),
  isUndone: (observed, run) => isSo(observed, memoryBefore(run)),
});

const wanted = (target: ActionTarget): number | undefined => numberParameter(target, 'toMemoryMib');
const memoryBefore = (run: Pick<ActionRun, 'outcome'>): number => Number(beforeOf(run)['configuration.memoryMib']);

const isSo = (observed: ObservedResource | undefined, memoryMib: number | undefined): boolean =>
  observed?.configuration.memoryMib === memoryMib && observed?.configuration.isUpdating === false;

/** With the aliases that call a published version. */
async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const observed = await observeFunction(at, target);
  if (observed === undefined) return undefined;
  const client = at(target).client(LambdaClient);
  const aliases: string[] = [];
  for await (const page of paginateListAliases({ client }, { FunctionName: target.resourceId }))
    for (const { Name, FunctionVersion } of page.Aliases ?? [])
      if (Name !== undefined && FunctionVersion !== '$LATEST') aliases.push(Name);
  return { ...observed, configuration: { ...observed.configuration, aliases } };
}

async function makeMemory(at: PlaceOf, { target }: ActionRun, memoryMib: number | undefined): Promise<void> {
  const observed = await observeFunction(at, target);
  if (observed?.configuration.memoryMib === memoryMib) return;
  await at(target)
    .client(LambdaClient)
    .send(new UpdateFunctionConfigurationCommand({ FunctionName: target.resourceId, MemorySize: memoryMib }));
}
