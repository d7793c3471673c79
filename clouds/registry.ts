import type { Config } from '../config.ts';
import { curLegacy } from './aws/billing/cur-legacy.ts';
import { cur2 } from './aws/billing/cur2.ts';
import { readAwsManifest } from './aws/billing/manifest.ts';
import type { BillingSource, Cloud, Manifest, OpenCloud } from './contract.ts';
import { focus } from './focus/billing/focus.ts';
import { dailySource } from './warehouse/daily-source.ts';

const EXPORTS: readonly BillingSource[] = [focus, cur2, curLegacy];

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
  },
];

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
