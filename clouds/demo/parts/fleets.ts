import type { Curve } from '../curves.ts';
import type { ApplicationName, Role } from '../organisation.ts';
import type { Activity, VolumeSpec } from './instance.ts';

/** A group of equal instances. */
export type Fleet = [
  name: string,
  application: ApplicationName,
  role: Role,
  region: string,
  type: string,
  count: number,
  activity: Activity | null,
  options?: { curve?: Curve; data?: VolumeSpec; endAgo?: number; group?: boolean },
];

/** Switched on for twelve hours of weekdays; shapes that end in `-hours` have no samples while it is off. */
export const OFFICE_HOURS: Curve = { weekday: 0.5, weekend: 0 };
const BURST: Curve = { weekday: 0.5, weekend: 0.375 };
const NIGHTLY: Curve = { weekday: 1 / 3, weekend: 1 / 3 };

export const busy = (cpu: number, networkMb: number, memory?: number): Activity => ({
  cpu,
  networkMb,
  shape: 'visitors',
  ...(memory === undefined ? {} : { memory }),
});
export const office = (cpu: number, networkMb: number, memory?: number): Activity => ({
  ...busy(cpu, networkMb, memory),
  shape: 'office',
});
export const nightly = (cpu: number, networkMb: number, memory?: number): Activity => ({
  ...busy(cpu, networkMb, memory),
  shape: 'night',
  peak: 1.25,
});

/** Instances that earn their keep. */
export const FLEETS: Fleet[] = [
  ['storefront-web', 'storefront', 'production', 'us-east-1', 'm6i.xlarge', 8, busy(46, 52_000, 58), { group: true }],
  [
    'storefront-web-peak',
    'storefront',
    'production',
    'us-east-1',
    'm6i.xlarge',
    6,
    { ...busy(51, 30_000, 55), shape: 'peak-hours' },
    { curve: BURST, group: true },
  ],
  ['catalog-api', 'catalog', 'production', 'us-east-1', 'c6i.2xlarge', 5, busy(52, 41_000, 47), { group: true }],
  ['mobile-gateway', 'mobile-api', 'production', 'us-east-1', 'c6i.xlarge', 4, busy(44, 38_000), { group: true }],
  [
    'search-node',
    'search',
    'production',
    'us-east-1',
    'r6i.2xlarge',
    5,
    busy(49, 64_000, 78),
    { data: { gb: 900, type: 'gp3' } },
  ],
  ['checkout-api', 'checkout', 'production', 'us-east-1', 'm6i.2xlarge', 5, busy(43, 29_000, 61), { group: true }],
  [
    'ledger-core',
    'ledger',
    'production',
    'us-east-1',
    'm5.xlarge',
    4,
    busy(38, 8_000, 64),
    { data: { gb: 500, type: 'gp3' } },
  ],
  ['order-routing', 'order-routing', 'production', 'us-east-1', 'm5.2xlarge', 4, busy(47, 12_000, 56)],
  ['warehouse-sync', 'warehouse-sync', 'production', 'us-east-1', 'm5.xlarge', 4, busy(41, 9_000)],
  ['label-printer', 'shipping-labels', 'production', 'us-east-1', 'c5.large', 3, office(35, 1_500)],
  ['notify-sender', 'notifications', 'production', 'us-east-1', 't3.large', 4, busy(28, 6_000)],
  ['identity-api', 'identity', 'production', 'us-east-1', 'm5.large', 4, busy(36, 5_500, 52)],
  ['storefront-web', 'storefront', 'production-eu', 'eu-west-1', 'm5.xlarge', 5, busy(42, 33_000, 54), { group: true }],
  ['catalog-api', 'catalog', 'production-eu', 'eu-west-1', 'c5.2xlarge', 3, busy(48, 24_000)],
  [
    'search-node',
    'search',
    'production-eu',
    'eu-west-1',
    'r5.2xlarge',
    3,
    busy(45, 31_000, 74),
    { data: { gb: 700, type: 'gp3' } },
  ],
  ['checkout-api', 'checkout', 'production-eu', 'eu-west-1', 'm5.2xlarge', 2, busy(39, 14_000, 57)],
  ['standby-web', 'storefront', 'production', 'us-west-2', 'm5.xlarge', 2, busy(21, 2_100)],
  ['storefront-web', 'storefront', 'staging', 'us-east-1', 't3.large', 4, office(22, 900)],
  ['checkout-api', 'checkout', 'staging', 'us-east-1', 'm5.large', 2, office(19, 700, 46)],
  ['search-node', 'search', 'staging', 'us-west-2', 'r5.xlarge', 2, office(24, 1_100, 66)],
  [
    'etl-runner',
    'data-lake',
    'data',
    'us-east-1',
    'r6i.4xlarge',
    4,
    { ...nightly(74, 90_000, 71), shape: 'night-hours' },
    { curve: NIGHTLY },
  ],
  ['lake-loader', 'data-lake', 'data', 'us-east-1', 'i3.2xlarge', 3, nightly(58, 120_000, 66)],
  ['lake-loader-b', 'data-lake', 'data', 'us-east-1', 'i3.2xlarge', 1, nightly(55, 110_000, 64), { endAgo: 160 }],
  ['report-builder', 'reporting', 'analytics', 'us-east-1', 'm5.2xlarge', 2, office(44, 9_000, 59)],
  [
    'model-training',
    'demand-forecast',
    'machine-learning',
    'us-east-1',
    'g5.xlarge',
    3,
    { ...office(67, 12_000, 69), shape: 'office-hours' },
    { curve: OFFICE_HOURS },
  ],
  ['scanner', 'threat-detection', 'security', 'us-east-1', 'm5.large', 3, nightly(52, 4_000)],
  [
    'build-agent',
    'build-system',
    'shared-services',
    'us-east-1',
    'c6i.4xlarge',
    5,
    { ...office(63, 21_000, 49), shape: 'office-hours' },
    { curve: OFFICE_HOURS },
  ],
  [
    'code-host',
    'build-system',
    'shared-services',
    'us-east-1',
    'm6i.2xlarge',
    1,
    office(47, 15_000, 68),
    { data: { gb: 1500, type: 'gp3' } },
  ],
  [
    'package-mirror',
    'build-system',
    'shared-services',
    'us-east-1',
    'm6i.xlarge',
    2,
    office(31, 22_000, 51),
    { data: { gb: 2000, type: 'gp3' } },
  ],
  ['edge-router', 'networking', 'network', 'us-east-1', 'c5.large', 2, busy(26, 45_000)],
  ['edge-router', 'networking', 'network', 'eu-west-1', 'c5.xlarge', 1, busy(22, 28_000)],
];

/** Kept on though nothing uses them any more: the CPU never wakes and next to nothing crosses the network. */
export const FORGOTTEN: Fleet[] = [
  ['erp-bridge', 'order-routing', 'production', 'us-east-1', 'm5.2xlarge', 5, null, { data: { gb: 300, type: 'gp2' } }],
  ['pricing-sim', 'demand-forecast', 'machine-learning', 'us-east-1', 'g4dn.xlarge', 3, null],
  [
    'feature-export',
    'recommendations',
    'machine-learning',
    'us-east-1',
    'r5.4xlarge',
    4,
    null,
    { data: { gb: 800, type: 'gp2' } },
  ],
  ['load-test', 'checkout', 'staging', 'us-east-1', 'c5.4xlarge', 5, null],
  ['migration-host', 'data-lake', 'data', 'us-east-1', 'r5.4xlarge', 5, null, { data: { gb: 1000, type: 'gp2' } }],
  ['partner-demo', 'mobile-api', 'development', 'us-east-1', 'm5.2xlarge', 3, null],
  ['index-rebuild', 'search', 'production-eu', 'eu-west-1', 'm5.4xlarge', 2, null, { data: { gb: 500, type: 'gp2' } }],
  ['workshop', 'assistant', 'sandbox', 'us-east-1', 'm5.2xlarge', 5, null],
  ['dashboard-v1', 'reporting', 'analytics', 'us-east-1', 'm5.4xlarge', 5, null],
];

/** Busy enough to be needed, and several sizes too large; the agent reports memory, so one can be sure. */
export const OVERSIZED: [Fleet, target: string][] = [
  [['order-planner', 'order-routing', 'production', 'us-east-1', 'm5.4xlarge', 6, busy(8, 6_000, 17)], 'm5.2xlarge'],
  [['session-store', 'storefront', 'production', 'us-east-1', 'r6i.4xlarge', 4, busy(6, 9_000, 14)], 'r6i.xlarge'],
  [['image-resize', 'catalog', 'production', 'us-east-1', 'c6i.8xlarge', 5, busy(7, 26_000, 12)], 'c6i.2xlarge'],
  [['settlement', 'ledger', 'production', 'us-east-1', 'm6i.8xlarge', 2, nightly(11, 3_000, 13)], 'm6i.4xlarge'],
  [['suggest-api', 'suggestions', 'production', 'us-east-1', 'm6i.4xlarge', 4, busy(9, 8_000, 16)], 'm6i.xlarge'],
  [['query-gateway', 'reporting', 'analytics', 'us-east-1', 'r5.4xlarge', 3, office(8, 5_000, 18)], 'r5.2xlarge'],
  [['stream-worker', 'event-stream', 'data', 'us-east-1', 'c5.4xlarge', 5, busy(10, 14_000, 19)], 'c5.2xlarge'],
];

type Switched = [name: string, application: ApplicationName, type: string, count: number];

/** Developers' machines that were taught office hours. */
export const DEV_MACHINES: Switched[] = [
  ['dev-checkout', 'checkout', 't3.xlarge', 4],
  ['dev-search', 'search', 'r5.xlarge', 4],
  ['dev-storefront', 'storefront', 't3.xlarge', 4],
  ['dev-routing', 'order-routing', 'm5.xlarge', 3],
];
