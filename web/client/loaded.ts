import { useCallback, useEffect, useState } from 'react';
import { failureOf } from './api.ts';
import type { Failure } from './chat-state.ts';

export interface Loaded<T> {
  value: T | undefined;
  /** Why the last try failed. */
  failure: Failure | undefined;
  refresh: () => void;
}

/** What `load` brings, and a function that asks again; what came before stays while it does, and when it fails. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'refresh'>>({ value: undefined, failure: undefined });
  const refresh = useCallback(() => {
    load().then(
      (value) => setState({ value, failure: undefined }),
      (error: unknown) => setState((before) => ({ ...before, failure: failureOf(error) })),
    );
  }, [load]);
  useEffect(refresh, [refresh]);
  return { ...state, refresh };
}
