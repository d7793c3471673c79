import type { Log } from '../log.ts';

/**
 * Calls `work` at once and then each second, never twice at a time, whatever becomes of it. The function it returns ends that, once the call under
 * way is done.
 */
export function repeat(work: () => Promise<void>, log: Log, problem: string): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  const call = (): void => {
    underWay ??= work()
      .catch((err: unknown) => log.warn({ err }, problem))
      .finally(() => {
        underWay = undefined;
      });
  };
  call();
  const timer = setInterval(call, 1_000);
  return async () => {
    clearInterval(timer);
    await underWay;
  };
}
