import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ForecastOptions, SeriesForecast } from '../../analytics/forecasting/forecast.ts';
import { PennyError } from '../../errors.ts';
import type { ForecastTask } from './worker.ts';

/** Threads that forecast series, so that the thread that asks stays free. */
export interface ForecastPool {
  /** Returns the forecast of one series; `NaN` is a missing row. Throws PennyError `internal` when its thread died over it. */
  forecast(values: Float64Array, options: ForecastOptions): Promise<SeriesForecast>;
  close(): Promise<void>;
}

interface Waiting extends ForecastTask {
  resolve(forecast: SeriesForecast): void;
  reject(error: unknown): void;
}

/** Returns a pool whose threads start with the first series that need them. */
export function openForecastPool(threads = availableParallelism()): ForecastPool {
  const waiting: Waiting[] = [];
  const idle: Worker[] = [];
  const working = new Map<Worker, Waiting | undefined>();
  const next = () => {
    const [task] = waiting;
    if (task === undefined) return;
    const worker = idle.pop() ?? (working.size < threads ? start() : undefined);
    if (worker === undefined) return;
    waiting.shift();
    working.set(worker, task);
    worker.postMessage({ values: task.values, options: task.options } satisfies ForecastTask);
  };
  const start = () => {
    const worker = startThread();
    working.set(worker, undefined);
    worker.on('message', (forecast: SeriesForecast) => {
      const task = working.get(worker);
      working.set(worker, undefined);
      idle.push(worker);
      task?.resolve(forecast);
      next();
    });
    worker.on('error', (cause) => {
      const task = working.get(worker);
      working.delete(worker);
      task?.reject(new PennyError('internal', 'A series could not be forecast.', { cause }));
      next();
    });
    return worker;
  };
  return {
    forecast: (values, options) =>
      new Promise((resolve, reject) => {
        waiting.push({ values, options, resolve, reject });
        next();
      }),
    async close() {
      for (const { reject } of waiting.splice(0)) reject(new PennyError('internal', 'Forecasting was stopped.'));
      await Promise.all([...working.keys()].map((worker) => worker.terminate()));
    },
  };
}

function startThread(): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const script = new URL(isSource ? './worker.ts' : './worker.js', import.meta.url);
  // What the engines print about series they cannot fit is of no use to anybody.
  const quiet = { stdout: true, stderr: true };
  const worker = isSource ? new Worker(fromSource(script), { ...quiet, eval: true }) : new Worker(script, quiet);
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}

/** In a checkout: threads do not take over the loader of TypeScript. */
const fromSource = ({ href }: URL) =>
  `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(href)}); })`;
