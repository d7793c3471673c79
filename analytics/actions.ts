/** A change that Penny can make itself once it is approved. */
export interface KnownAction {
  /** In the imperative, for cards and buttons. */
  title: string;
  /** How it is undone, in words; null where nothing brings it back. */
  undo: string | null;
}

/**
 * The changes that Penny can make, by the names that recommendations and the clouds' actions use. What a check recommends beyond these is work
 * for people.
 */
export const ACTIONS: ReadonlyMap<string, KnownAction> = new Map(
  Object.entries({
    'stop-instance': { title: 'Stop the instance', undo: 'Start it again.' },
    'resize-instance': {
      title: 'Change the type of the instance; it stops for some minutes',
      undo: 'Give it back the type it had; it stops for some minutes again.',
    },
  }),
);
