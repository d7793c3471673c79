/** What an approved change is about, exactly. */
export interface ActionTarget {
  resourceId: string;
  accountId: string;
  regionId: string;
  parameters: Readonly<Record<string, unknown>>;
  /** The same in every try, so that what is asked twice is done once. */
  token: string;
}

/** A resource as the cloud shows it now, in the words of the inventory. */
export interface ObservedResource {
  state: string;
  configuration: Readonly<Record<string, unknown>>;
  tags: Readonly<Record<string, string>>;
}

/** One try at a change, or at undoing it. */
export interface ActionRun {
  target: ActionTarget;
  /** What earlier steps and tries kept: ids of snapshots, what something was before. */
  outcome: Readonly<Record<string, unknown>>;
  /** Keeps more of it; what was kept stands even if the process dies at once. */
  keep(outcome: Readonly<Record<string, unknown>>): Promise<void>;
  signal: AbortSignal;
}

/**
 * A change of the cloud that an approval may set off, one file each. Its functions may be called again after a process died anywhere: they
 * ask for a state ("be stopped"), not for an event, and what makes something new makes it under the target's token.
 */
export interface CloudAction {
  /** 'verb-noun', as recommendations name it. */
  name: string;
  /** What of the resource must be as it was when the change was proposed: 'state', or a path such as 'configuration.instanceType'. */
  restsOn: readonly string[];
  /** Every operation of the cloud it calls, such as 'EC2.StopInstances'. */
  operations: readonly string[];
  /** Returns the resource as it is now; undefined when it is not there any more. */
  observe(target: ActionTarget): Promise<ObservedResource | undefined>;
  /** Returns why it must not be done as things are; undefined when it may. */
  refusal?(observed: ObservedResource, target: ActionTarget): string | undefined;
  /** Asks the cloud whether it would let Penny, where it can be asked. @throws PennyError `cloud_denied` */
  rehearse?(target: ActionTarget): Promise<void>;
  /** Asks for the change, step after step where it takes several. May return before the last one is true. */
  apply(run: ActionRun): Promise<void>;
  /** Whether what was asked for is true. */
  isDone(observed: ObservedResource | undefined, run: Pick<ActionRun, 'target' | 'outcome'>): boolean;
  /** Asks for the state before; absent where nothing brings it back. */
  undo?(run: ActionRun): Promise<void>;
  /** Whether it is as before again. */
  isUndone?(observed: ObservedResource | undefined, run: Pick<ActionRun, 'target' | 'outcome'>): boolean;
}
