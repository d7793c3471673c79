import {
  DeleteFunctionCommand,
  GetPolicyCommand,
  LambdaClient,
  paginateListEventSourceMappings,
} from '@aws-sdk/client-lambda';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { type AwsAction, ifThere, type PlaceOf } from './action.ts';
import { observeFunction } from './function.ts';

/** Deletes a Lambda function, all its versions included, that nothing is set up to call. */
export const deleteFunction: AwsAction = (at) => ({
  name: 'delete-function',
  restsOn: ['configuration.memoryMib', 'configuration.lastModified'],
  operations: ['Lambda.GetFunction', 'Lambda.GetPolicy', 'Lambda.ListEventSourceMappings', 'Lambda.DeleteFunction'],
  observe: (target) => observe(at, target),
  refusal: ({ configuration }) => {
    const callers = configuration.callers as string[];
    return callers.length === 0 ? undefined : `It is set up to be called by ${callers.join(', ')}.`;
  },
  async apply({ target }) {
    const command = new DeleteFunctionCommand({ FunctionName: target.resourceId });
    await ifThere(() => at(target).client(LambdaClient).send(command));
  },
  isDone: (observed) => observed === undefined,
});

/** With who is set up to call it: queues and streams it reads, and whoever its policy lets call it. */
async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const observed = await observeFunction(at, target);
  if (observed === undefined) return undefined;
  const client = at(target).client(LambdaClient);
  const FunctionName = target.resourceId;
  const callers: string[] = [];
  for await (const page of paginateListEventSourceMappings({ client }, { FunctionName }))
    for (const { EventSourceArn, UUID } of page.EventSourceMappings ?? []) callers.push(EventSourceArn ?? UUID ?? '');
  const answer = await ifThere(() => client.send(new GetPolicyCommand({ FunctionName })));
  callers.push(...principalsIn(answer?.Policy));
  return { ...observed, configuration: { ...observed.configuration, callers: [...new Set(callers)].sort() } };
}

/** Returns whom a policy names, spelled as there: a service, an account, everybody. */
function principalsIn(policy: string | undefined): string[] {
  if (policy === undefined) return [];
  const { Statement = [] } = JSON.parse(policy) as { Statement?: { Principal?: unknown }[] };
  return Statement.flatMap(({ Principal }) =>
    typeof Principal === 'object' && Principal !== null
      ? Object.values(Principal).flat().map(String)
      : [String(Principal)],
  );
}
