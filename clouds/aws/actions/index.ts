import type { CloudAction } from '../../action.ts';
import { type AwsOptions, type AwsSettings, openAws } from '../clients.ts';
import { type AwsAction, openPlaces, tellingRefusals } from './action.ts';
import { changeVolumeType } from './change-volume-type.ts';
import { deleteFunction } from './delete-function.ts';
import { deleteLoadBalancer } from './delete-load-balancer.ts';
import { deleteNatGateway } from './delete-nat-gateway.ts';
import { deleteSnapshot } from './delete-snapshot.ts';
import { deleteVolume } from './delete-volume.ts';
import { lowerProvisionedConcurrency } from './lower-provisioned-concurrency.ts';
import { releaseAddress } from './release-address.ts';
import { removeProvisionedConcurrency } from './remove-provisioned-concurrency.ts';
import { resizeEcsService } from './resize-ecs-service.ts';
import { resizeInstance } from './resize-instance.ts';
import { scaleEcsService } from './scale-ecs-service.ts';
import { scaleGroup } from './scale-group.ts';
import { scaleNodeGroup } from './scale-node-group.ts';
import { setLambdaMemory } from './set-lambda-memory.ts';
import { stopEcsService } from './stop-ecs-service.ts';
import { stopInstance } from './stop-instance.ts';
import { terminateInstance } from './terminate-instance.ts';

/** Every change Penny can make in AWS. A new one is a file and a line here. */
export const AWS_ACTIONS: readonly AwsAction[] = [
  stopInstance,
  resizeInstance,
  terminateInstance,
  scaleGroup,
  changeVolumeType,
  deleteVolume,
  deleteSnapshot,
  releaseAddress,
  deleteNatGateway,
  deleteLoadBalancer,
  stopEcsService,
  resizeEcsService,
  scaleEcsService,
  scaleNodeGroup,
  setLambdaMemory,
  lowerProvisionedConcurrency,
  removeProvisionedConcurrency,
  deleteFunction,
];

/** Returns the actions over the accounts that the settings name, with what lets go of their connections. */
export function openAwsActions(
  settings: AwsSettings,
  options: AwsOptions = {},
): { actions: CloudAction[]; close(): void } {
  const { at, close } = openPlaces(openAws(settings, { ...options, who: 'changes' }));
  return { actions: AWS_ACTIONS.map((action) => tellingRefusals(action(at))), close };
}
