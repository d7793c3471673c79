import { useCallback, useEffect, useState } from 'react';

/** What `load` brings, and a function that asks again; what came before stays while it does, and when it fails. */
export function useLoaded<T>(load: () => Promise<T>): { value: T | undefined; failed: boolean; refresh: () => void } {
  const [state, setState] = useState<{ value: T | undefined; failed: boolean }>({ value: undefined, failed: false });
  const refresh = useCallback(() => {
    load().then(
      (value) => setState({ value, failed: false }),
      () => setState((before) => ({ ...before, failed: true })),
    );
  }, [load]);
  useEffect(refresh, [refresh]);
  return { ...state, refresh };
}
