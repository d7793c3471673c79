import { curLegacy } from './aws/billing/cur-legacy.ts';
import { cur2 } from './aws/billing/cur2.ts';
import { readAwsManifest } from './aws/billing/manifest.ts';
import type { BillingSource, Cloud, Manifest } from './contract.ts';
import { focus } from './focus/billing/focus.ts';

/** The billing exports Penny reads, in the order they are tried. */
export const BILLING_SOURCES: readonly BillingSource[] = [focus, cur2, curLegacy];

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
    open: async (config) => (await import('./aws/index.ts')).openAwsCloud(config),
  },
];

/** Returns the cloud in whose store a URI lies; undefined for a path. */
export function cloudOf(uri: string): Cloud | undefined {
  return CLOUDS.find(({ scheme }) => uri.toLowerCase().startsWith(scheme));
}
