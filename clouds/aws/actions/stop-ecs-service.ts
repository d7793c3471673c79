import { type AwsAction, beforeOf, numberParameter } from './action.ts';
import { describeService, observedService, refuseService, updateService } from './ecs-service.ts';

/** Has an ECS service run no tasks; the service itself stays. */
export const stopEcsService: AwsAction = (at) => ({
  name: 'stop-ecs-service',
  restsOn: ['state', 'configuration.desiredTasks'],
  operations: ['ECS.DescribeServices', 'ECS.UpdateService'],
  observe: async (target) => observedService(await describeService(at, target)),
  refusal: (observed, target) =>
    numberParameter(target, 'desiredTasks') === 0 ? refuseService(observed) : 'It is not to be stopped.',
  apply: ({ target }) => updateService(at, target, { desiredCount: 0 }),
  isDone: (observed) => observed?.configuration.desiredTasks === 0 && observed.configuration.runningTasks === 0,
  undo: (run) => updateService(at, run.target, { desiredCount: Number(beforeOf(run)['configuration.desiredTasks']) }),
  isUndone: (observed, run) =>
    observed?.configuration.desiredTasks === beforeOf(run)['configuration.desiredTasks'] &&
    observed?.configuration.runningTasks === observed?.configuration.desiredTasks,
});
