import { parentPort } from 'node:worker_threads';
import { type ForecastOptions, forecastSeries } from '../../analytics/forecasting/forecast.ts';
import { loadEngines } from './engines.ts';

/** What a thread is asked: one series. */
export interface ForecastTask {
  values: Float64Array;
  options: ForecastOptions;
}

const engines = loadEngines();

parentPort?.on('message', ({ values, options }: ForecastTask) => {
  parentPort?.postMessage(forecastSeries(values, options, engines));
});
