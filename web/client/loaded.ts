import { useCallback, useEffect, useRef, useState } from 'react';
import { failureOf } from './api.ts';
import type { Failure } from './chat-state.ts';

export interface Loaded<T> {
  value: T | undefined;
  /** Why the last try failed. */
  failure: Failure | undefined;
  refresh: () => void;
}

type Result<T> = Omit<Loaded<T>, 'refresh'>;

/** What `load` brings, and a function that asks again; what came before stays while it does, and when it fails. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<Result<T>>({ value: undefined, failure: undefined });
  const tries = useRef(0);
  const refresh = useCallback(() => {
    const own = ++tries.current;
    // What was overtaken by a later try says how things were, not how they are.
    const settle = (result: Partial<Result<T>>) => {
      if (own === tries.current) setState((before) => ({ ...before, failure: undefined, ...result }));
    };
    load().then(
      (value) => settle({ value }),
      (error: unknown) => settle({ failure: failureOf(error) }),
    );
  }, [load]);
  useEffect(refresh, [refresh]);
  return { ...state, refresh };
}
