import type { Log } from '../log.ts';

export interface Workers {
  /** Says that there may be something to do. */
  wake(): void;
  /** Resolves when nobody is at work. */
  idle(): Promise<void>;
  /** Takes nothing more, and resolves when what was begun has ended. */
  stop(): Promise<void>;
}

export interface WorkersOptions {
  /** How many work at the same time. */
  count: number;
  /** How often they look by themselves: for what became due, and for what a process left that is no more. */
  everyMs: number;
  /** Does one piece of work; false when there was none. */
  work(): Promise<boolean>;
  log: Log;
}

/** Returns workers that do pieces of work until there is none, when they are woken and now and then. */
export function startWorkers({ count, everyMs, work, log }: WorkersOptions): Workers {
  let wakes = 0;
  let stopped = false;
  const busy = new Set<Promise<void>>();

  async function untilNothing(): Promise<void> {
    for (let seen = -1; !stopped && seen !== wakes; ) {
      // What came while a worker found nothing is looked for once more.
      seen = wakes;
      while (!stopped && (await attempt()));
    }
  }
  async function attempt(): Promise<boolean> {
    try {
      return await work();
    } catch (err) {
      log.error({ err }, 'a worker of a chat could not go on; it tries again in a moment');
      return false;
    }
  }
  function wake(): void {
    wakes += 1;
    if (stopped || busy.size >= count) return;
    const worker: Promise<void> = untilNothing().finally(() => busy.delete(worker));
    busy.add(worker);
  }
  const timer = setInterval(wake, everyMs);
  timer.unref();
  const idle = async () => {
    while (busy.size > 0) await Promise.all(busy);
  };
  return {
    wake,
    idle,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await idle();
    },
  };
}
