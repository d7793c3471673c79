import {
  DescribeTaskDefinitionCommand,
  type DescribeTaskDefinitionCommandOutput,
  ECSClient,
  paginateListTaskDefinitions,
  RegisterTaskDefinitionCommand,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { PennyError } from '../../../errors.ts';
import type { ActionRun, ActionTarget, ObservedResource } from '../../action.ts';
import { lastPart, tagsOf } from '../inventory/kind.ts';
import { type AwsAction, beforeOf, type PlaceOf, TOKEN_TAG, tagsFrom } from './action.ts';
import { describeService, observedService, refuseService, updateService } from './ecs-service.ts';

/** Gives the tasks of an ECS service another size: a new revision of their definition, and a deployment of it. */
export const resizeEcsService: AwsAction = (at) => ({
  name: 'resize-ecs-service',
  restsOn: ['state', 'configuration.taskDefinition'],
  operations: [
    'ECS.DescribeServices',
    'ECS.DescribeTaskDefinition',
    'ECS.ListTaskDefinitions',
    'ECS.RegisterTaskDefinition',
    'ECS.UpdateService',
  ],
  observe: (target) => observe(at, target),
  refusal: refuse,
  apply: (run) => apply(at, run),
  isDone: (observed, { outcome }) => runsOn(observed, outcome.taskDefinition),
  undo: (run) => updateService(at, run.target, { taskDefinition: definitionBefore(run) }),
  isUndone: (observed, run) => runsOn(observed, definitionBefore(run)),
});

const definitionBefore = (run: Pick<ActionRun, 'outcome'>): string =>
  String(beforeOf(run)['configuration.taskDefinition']);

/** CPU in units of 1/1024 vCPU, memory in MiB, as task definitions have them. */
interface TaskSize {
  cpu: number;
  memory: number;
}

/** @throws PennyError `invalid_input` for what no check recommends */
function sizeAt({ parameters }: ActionTarget, name: 'from' | 'to'): TaskSize {
  const { vcpus, memoryGib } = Object(parameters[name]) as { vcpus?: unknown; memoryGib?: unknown };
  if (typeof vcpus !== 'number' || typeof memoryGib !== 'number')
    throw new PennyError('invalid_input', `The parameter ${name} is no size of a task.`);
  return { cpu: vcpus * 1024, memory: memoryGib * 1024 };
}

/** With the size of its tasks, and what their containers alone are given. */
async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const service = await describeService(at, target);
  const observed = observedService(service);
  if (observed === undefined || service?.taskDefinition === undefined) return observed;
  const { taskDefinition = {} } = await definition(at, target, service.taskDefinition);
  const containers = taskDefinition.containerDefinitions ?? [];
  const configuration = {
    ...observed.configuration,
    cpu: Number(taskDefinition.cpu) || undefined,
    memory: Number(taskDefinition.memory) || undefined,
    containersCpu: containers.reduce((sum, { cpu }) => sum + (cpu ?? 0), 0),
    containersMemory: containers.reduce((sum, one) => sum + (one.memoryReservation ?? one.memory ?? 0), 0),
    largestContainer: Math.max(0, ...containers.map(({ memory }) => memory ?? 0)),
  };
  return { ...observed, configuration };
}

async function definition(
  at: PlaceOf,
  target: ActionTarget,
  taskDefinition: string,
): Promise<DescribeTaskDefinitionCommandOutput> {
  const asked = new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] });
  return at(target).client(ECSClient).send(asked);
}

function refuse(observed: ObservedResource, target: ActionTarget): string | undefined {
  const { cpu, memory, containersCpu, containersMemory, largestContainer } = observed.configuration;
  const [from, to] = [sizeAt(target, 'from'), sizeAt(target, 'to')];
  if (cpu !== from.cpu || memory !== from.memory) return 'The size of its tasks is not the one that was looked at.';
  if (Number(containersCpu) > to.cpu)
    return 'Its containers are given more CPU than the new size has; change them first.';
  if (Math.max(Number(containersMemory), Number(largestContainer)) > to.memory)
    return 'Its containers are given more memory than the new size has; change them first.';
  return refuseService(observed);
}

/** Whether it runs as many tasks as it should, all on this revision. */
const runsOn = (observed: ObservedResource | undefined, taskDefinition: unknown): boolean =>
  observed?.configuration.taskDefinition === taskDefinition &&
  observed?.configuration.isDeployed === true &&
  observed.configuration.runningTasks === observed.configuration.desiredTasks;

async function apply(at: PlaceOf, run: ActionRun): Promise<void> {
  const { target, outcome, keep } = run;
  if (outcome.taskDefinition === undefined) {
    const before = await definition(at, target, definitionBefore(run));
    const made = (await findRevision(at, target, before.taskDefinition)) ?? (await register(at, target, before));
    await keep({ taskDefinition: made });
  }
  await updateService(at, target, { taskDefinition: String(run.outcome.taskDefinition) });
}

/** Returns the revision that an earlier try made: it is newer than the one it was made of. */
async function findRevision(
  at: PlaceOf,
  target: ActionTarget,
  { family = '', revision = 0 }: TaskDefinition = {},
): Promise<string | undefined> {
  const client = at(target).client(ECSClient);
  const asked = { familyPrefix: family, sort: 'DESC' } as const;
  for await (const { taskDefinitionArns } of paginateListTaskDefinitions({ client }, asked)) {
    const own = (taskDefinitionArns ?? []).map(lastPart).filter((name) => name.startsWith(`${family}:`));
    const newer = own.filter((name) => Number(name.split(':')[1]) > revision);
    for (const name of newer)
      if (tagsOf((await definition(at, target, name)).tags)[TOKEN_TAG] === target.token) return name;
    // The newest come first: what follows is older still.
    if (own.length > 0 && newer.length === 0) return undefined;
  }
  return undefined;
}

/** What a description has and a registration does not take. */
const OF_A_REVISION = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
] as const;

async function register(
  at: PlaceOf,
  target: ActionTarget,
  { taskDefinition = {}, tags }: DescribeTaskDefinitionCommandOutput,
): Promise<string> {
  const { family, containerDefinitions, ...rest } = taskDefinition;
  const same = Object.fromEntries(Object.entries(rest).filter(([name]) => !OF_A_REVISION.some((own) => own === name)));
  const { cpu, memory } = sizeAt(target, 'to');
  const answer = await at(target)
    .client(ECSClient)
    .send(
      new RegisterTaskDefinitionCommand({
        ...{ ...same, family, containerDefinitions, cpu: String(cpu), memory: String(memory) },
        tags: tagsFrom(tagsOf(tags), target.token).map(({ Key, Value }) => ({ key: Key, value: Value })),
      }),
    );
  return lastPart(answer.taskDefinition?.taskDefinitionArn ?? '');
}
