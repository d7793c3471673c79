/** A change that Penny can make itself once it is approved. */
export interface KnownAction {
  /** In the imperative, for cards and buttons. */
  title: string;
  /** How it is undone, in words; null where nothing brings it back. */
  undo: string | null;
  /** Of high risk whatever the check says, so that two people have to approve it. */
  isHighRisk?: true;
}

/**
 * The changes that Penny can make, by the names that recommendations and the clouds' actions use. What a check recommends beyond these is work
 * for people.
 */
export const ACTIONS: ReadonlyMap<string, KnownAction> = new Map(
  Object.entries<KnownAction>({
    'stop-instance': { title: 'Stop the instance', undo: 'Start it again.' },
    'resize-instance': {
      title: 'Change the type of the instance; it stops for some minutes',
      undo: 'Give it back the type it had; it stops for some minutes again.',
    },
    'terminate-instance': {
      title: 'Stop the instance, make snapshots of the volumes that go with it, and terminate it',
      undo: null,
      isHighRisk: true,
    },
    'scale-group': {
      title: 'Scale the Auto Scaling group',
      undo: 'Give it back its size, with new instances.',
    },
    'change-volume-type': {
      title: 'Change the type or the IOPS of the volume, while it is used',
      undo: 'Give it back what it had, once AWS allows it: six hours after the change.',
    },
    'delete-volume': {
      title: 'Make a snapshot of the volume and delete it; if it is attached, it is detached first',
      undo: 'Make a volume from the snapshot, under a new id; attach it by hand.',
    },
    'delete-snapshot': { title: 'Delete the snapshot', undo: null },
    'release-address': { title: 'Release the Elastic IP address', undo: null },
    'delete-nat-gateway': {
      title: 'Delete the NAT gateway; its address stays',
      undo: 'Make a gateway with the same address in the same subnet, under a new id, and give it back its routes.',
    },
    'delete-load-balancer': {
      title: 'Delete the load balancer; its target groups stay',
      undo: null,
      isHighRisk: true,
    },
    'stop-ecs-service': { title: 'Run no tasks of the service', undo: 'Run as many tasks as before.' },
    'resize-ecs-service': {
      title: 'Deploy the service with tasks of another size',
      undo: 'Deploy the revision of the task definition it had.',
    },
    'scale-ecs-service': {
      title: 'Have the number of tasks of the service follow its CPU',
      undo: 'Take the scaling away and run as many tasks as before.',
    },
    'scale-node-group': { title: 'Run fewer nodes in the node group', undo: 'Run as many nodes as before.' },
    'set-lambda-memory': { title: 'Change the memory of the function', undo: 'Give it back the memory it had.' },
    'lower-provisioned-concurrency': {
      title: 'Keep the function ready for fewer calls at once',
      undo: 'Keep it ready for as many as before.',
    },
    'remove-provisioned-concurrency': {
      title: 'Keep the function ready for no calls',
      undo: 'Keep it ready for as many as before.',
    },
    'delete-function': { title: 'Delete the function with all its versions', undo: null, isHighRisk: true },
  }),
);
