import type { Config } from '../config.ts';
import { PennyError } from '../errors.ts';
import type { CloudAction } from './action.ts';
import { curLegacy } from './aws/billing/cur-legacy.ts';
import { cur2 } from './aws/billing/cur2.ts';
import { readAwsManifest } from './aws/billing/manifest.ts';
import type { BillingSource, Cloud, Manifest, OpenCloud, OpenWorkloads, Warehouse } from './contract.ts';
import { focus } from './focus/billing/focus.ts';
import { dailySource } from './warehouse/daily-source.ts';
import { openTrino } from './warehouse/trino.ts';

/** The billing exports that lie in files, or in tables of a warehouse. */
export const EXPORTS: readonly BillingSource[] = [focus, cur2, curLegacy];

/** The billing exports Penny reads, in the order they are tried, those first that a warehouse has summed to days. */
export const BILLING_SOURCES: readonly BillingSource[] = [...EXPORTS.map(dailySource), ...EXPORTS];

/** Each says what a manifest (of a path with '/') tells, or undefined when the document is none of its own. */
export const MANIFEST_READERS: readonly ((document: unknown, path: string) => Manifest | undefined)[] = [
  readAwsManifest,
];

/** The clouds Penny reads by their APIs. What speaks to one is loaded when it is opened: it is large. */
export const CLOUDS: readonly Cloud[] = [
  {
    id: 'aws',
    title: 'Amazon Web Services',
    scheme: 's3://',
    missing: (config) =>
      config.PENNY_AWS_ROLE_ARN === undefined && config.PENNY_AWS_ACCOUNTS === undefined
        ? 'Set PENNY_AWS_ROLE_ARN to the role that reads the accounts, or PENNY_AWS_ACCOUNTS to the one account to read.'
        : undefined,
    open: async (config, signal) => (await import('./aws/index.ts')).openAwsCloud(config, signal ? { signal } : {}),
    openWarehouse: async (config) =>
      config.PENNY_ATHENA_DATABASE === undefined
        ? undefined
        : (await import('./aws/index.ts')).openAwsWarehouse(config),
  },
];

/** The types of Kubernetes clusters in the inventory, and those of what runs in them. */
export const KUBERNETES_TYPES: readonly { cluster: string; workload: string }[] = [
  { cluster: 'eks:cluster', workload: 'eks:workload' },
];

/**
 * Returns the monitoring of Kubernetes clusters as it is at `now`.
 * @throws PennyError `invalid_config` when `missingPrometheus`
 */
export async function openClusters(config: Config, now: Date, signal: AbortSignal): Promise<OpenWorkloads> {
  return (await import('./kubernetes/index.ts')).openWorkloads(config, now, signal);
}

/** Returns what has to be set before Kubernetes clusters are read on a clock; undefined when it is. */
export function missingPrometheus({ PROMETHEUS_URL: url }: Config): string | undefined {
  return url === undefined ? 'Set PROMETHEUS_URL to the address of the Prometheus that clusters report to.' : undefined;
}

/** Returns the cloud in whose store a URI lies; undefined for a path. */
export function cloudOf(uri: string): Cloud | undefined {
  return CLOUDS.find(({ scheme }) => uri.toLowerCase().startsWith(scheme));
}

/** Returns what has to be set before any cloud is read on a clock; undefined when one is. */
export function missingCloud(config: Config): string | undefined {
  const missing = CLOUDS.map((cloud) => cloud.missing(config));
  return missing.includes(undefined) ? undefined : missing.join(' ');
}

/** Returns the clouds that are set up, each with a new budget of calls. */
export function openClouds(config: Config, signal?: AbortSignal): Promise<OpenCloud[]> {
  const ready = CLOUDS.filter((cloud) => cloud.missing(config) === undefined);
  return Promise.all(ready.map((cloud) => cloud.open(config, signal)));
}

/**
 * Returns the engine that sums exports where they lie: Trino, or that of a cloud.
 * @throws PennyError `invalid_config` when none is set up
 */
export async function openWarehouse(config: Config): Promise<Warehouse> {
  const { PENNY_TRINO_URL: url, PENNY_TRINO_USER: user, PENNY_TRINO_PASSWORD: password } = config;
  if (url !== undefined) return openTrino({ url, user, password });
  for (const cloud of CLOUDS) {
    const warehouse = await cloud.openWarehouse(config);
    if (warehouse !== undefined) return warehouse;
  }
  throw new PennyError('invalid_config', NO_WAREHOUSE);
}

/** Returns what has to be set before a warehouse can be asked; undefined when one is set up. */
export function missingWarehouse({ PENNY_TRINO_URL, PENNY_ATHENA_DATABASE }: Config): string | undefined {
  return PENNY_TRINO_URL === undefined && PENNY_ATHENA_DATABASE === undefined ? NO_WAREHOUSE : undefined;
}

const NO_WAREHOUSE =
  'Set PENNY_TRINO_URL to the address of Trino, or PENNY_ATHENA_DATABASE to the database of Athena that holds the export.';

/** The changes of clouds that the settings let Penny make, and what lets go of their connections. */
export interface OpenActions {
  actions: readonly CloudAction[];
  /** What has to be set before anything can be changed; undefined when it is. */
  missing: string | undefined;
  close(): void;
}

/** Returns the changes Penny may make. They are made with a role of their own, so that what reads cannot write. */
export async function openActions(config: Config, signal?: AbortSignal): Promise<OpenActions> {
  const role = config.PENNY_AWS_ACTION_ROLE_ARN;
  if (role === undefined) {
    const missing = 'Penny may change nothing: PENNY_AWS_ACTION_ROLE_ARN is not set.';
    return { actions: [], missing, close: () => {} };
  }
  const { openAwsActions } = await import('./aws/actions/index.ts');
  const settings = { ...config, PENNY_AWS_ROLE_ARN: role };
  return { ...openAwsActions(settings, signal ? { signal } : {}), missing: undefined };
}
