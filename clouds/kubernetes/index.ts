import type { Config } from '../../config.ts';
import { PennyError } from '../../errors.ts';
import type { OpenWorkloads } from '../contract.ts';
import { readUsage } from './read-usage.ts';
import { readWorkloads } from './read-workloads.ts';
import { reportingClusters, sourceOf } from './source.ts';

/** The settings that say where clusters report. */
export type WorkloadSettings = Pick<
  Config,
  'PROMETHEUS_URL' | 'PROMETHEUS_TOKEN' | 'PENNY_KUBERNETES_CLUSTER' | 'PENNY_KUBERNETES_CLUSTER_LABEL'
>;

/**
 * Returns the monitoring of Kubernetes clusters at PROMETHEUS_URL, as it is at `now`, for one run that ends with `signal`.
 * @throws PennyError `invalid_config` when the address is not set
 */
export function openWorkloads(settings: WorkloadSettings, now: Date, signal?: AbortSignal): OpenWorkloads {
  const { PROMETHEUS_URL: url, PROMETHEUS_TOKEN: token } = settings;
  if (url === undefined) throw new PennyError('invalid_config', 'PROMETHEUS_URL is not set.');
  if (token !== undefined && !/^(https:|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])/.test(url))
    throw new PennyError('invalid_config', 'PROMETHEUS_TOKEN goes over https only; correct PROMETHEUS_URL.');
  const label = { label: settings.PENNY_KUBERNETES_CLUSTER_LABEL, otherwise: settings.PENNY_KUBERNETES_CLUSTER };
  const source = sourceOf({ url, token, signal }, label);
  const time = Math.floor(now.getTime() / 1000);
  return {
    findClusters: (known) => reportingClusters(source, known, time),
    readWorkloads: (clusters) => readWorkloads(source, clusters, time),
    readUsage: (run, asked) => readUsage(source, run, asked),
  };
}
