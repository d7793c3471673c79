import type { Curve } from '../curves.ts';
import type { Estate, Part } from '../estate.ts';
import type { Owner } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';

/** What watches the rest: logs and metrics, audit, configuration, threats, keys and secrets. */
export const oversight: Part = (estate, unit, rng) => {
  logs(estate, unit, rng);
  metrics(estate, unit);
  security(estate, unit);
  keys(estate, unit, rng);
};

interface Item {
  product: string;
  service: string;
  item: string;
  usageType: string;
  unit: string;
  family: string;
  monthly?: true;
}

function sku(estate: Estate, owner: Owner, { product, service, item, usageType, unit, family, monthly }: Item): number {
  const price = estate.prices.other(service, item, owner.region);
  return estate.sku({
    product,
    usageType: `${usagePrefix(owner.region)}${usageType}`,
    operation: '',
    description: `$${price} per ${unit} - ${item}`,
    unit,
    price,
    family,
    region: owner.region,
    ...(monthly ? { monthly } : {}),
  });
}

const INGEST: Item = {
  product: 'AmazonCloudWatch',
  service: 'CloudWatch',
  item: 'log ingestion',
  usageType: 'DataProcessing-Bytes',
  unit: 'GB',
  family: 'Data Payload',
};
const STORE: Item = {
  product: 'AmazonCloudWatch',
  service: 'CloudWatch',
  item: 'log storage',
  usageType: 'TimedStorage-ByteHrs',
  unit: 'GB-Mo',
  family: 'Storage Snapshot',
  monthly: true,
};
const CUSTOM: Item = {
  product: 'AmazonCloudWatch',
  service: 'CloudWatch',
  item: 'custom metrics',
  usageType: 'CW:MetricMonitorUsage',
  unit: 'Metrics',
  family: 'Metric',
  monthly: true,
};
const ALARMS: Item = {
  product: 'AmazonCloudWatch',
  service: 'CloudWatch',
  item: 'alarms',
  usageType: 'CW:AlarmMonitorUsage',
  unit: 'Alarms',
  family: 'Alarm',
  monthly: true,
};
const READ: Item = {
  product: 'AmazonCloudWatch',
  service: 'CloudWatch',
  item: 'GetMetricData requests',
  usageType: 'CW:GMD-Metrics',
  unit: 'Metrics',
  family: 'API Request',
};

/** One service has logged every detail since somebody looked for a bug and left it that way. */
function logs(estate: Estate, unit: Unit, rng: Random): void {
  const groups: [string, ApplicationName, Role, gbPerDay: number, storedGb: number][] = [
    ['checkout', 'checkout', 'production', 21, 2600],
    ['storefront', 'storefront', 'production', 36, 3900],
    ['orders', 'order-routing', 'production', 22, 2900],
    ['search', 'search', 'production', 22, 1500],
    ['storefront', 'storefront', 'production-eu', 27, 2100],
    ['pipelines', 'data-lake', 'data', 27, 4200],
    ['training', 'recommendations', 'machine-learning', 9, 700],
    ['builds', 'build-system', 'shared-services', 17, 1900],
    ['shop', 'storefront', 'staging', 6, 300],
  ];
  for (const [shortName, application, role, gb, stored] of groups) {
    const owner = ownerOf(unit, role, application, role === 'production-eu' ? 'eu-west-1' : 'us-east-1');
    const name = `/fernhill/${shortName}${unit.suffix}`;
    const group = estate.resource(
      {
        ...owner,
        id: `arn:aws:logs:${owner.region}:${owner.account.id}:log-group:${name}`,
        type: 'logs:log-group',
        name,
        configuration: { retentionInDays: null },
      },
      rng,
    );
    const ingest = estate.charge(group, sku(estate, owner, INGEST), gb, {
      curve: { growth: 0.012, weekend: 0.82, visitors: role.startsWith('production') },
    });
    estate.charge(group, sku(estate, owner, STORE), stored, { curve: { growth: 0.02 }, noise: 0.004 });
    if (shortName !== 'checkout') continue;
    estate.events.push({
      id: `shift-checkout-logs${unit.suffix}`,
      kind: 'anomaly',
      shape: 'level shift',
      fromDay: estate.calendar.ago(36),
      toDay: estate.calendar.days,
      dimensions: { service: 'AmazonCloudWatch', account: owner.account.id, region: owner.region, resource: group.id },
      reason: 'Debug logging was switched on for the checkout and never off again.',
      effects: [{ stream: ingest, factor: () => 4.1 }],
      born: [],
    });
  }
}

function metrics(estate: Estate, unit: Unit): void {
  for (const [role, application, count] of [
    ['production', 'observability', 3600],
    ['production-eu', 'observability', 1300],
    ['data', 'observability', 900],
    ['shared-services', 'observability', 700],
  ] as const) {
    const owner = ownerOf(unit, role, application, role === 'production-eu' ? 'eu-west-1' : 'us-east-1');
    estate.charge(owner, sku(estate, owner, CUSTOM), count, { curve: { growth: 0.01 }, noise: 0.01 });
    estate.charge(owner, sku(estate, owner, ALARMS), count / 4, { noise: 0.01 });
    estate.charge(owner, sku(estate, owner, READ), count * 700, { noise: 0.05 });
  }
}

function security(estate: Estate, unit: Unit): void {
  const items: [Item, Role, number, Curve][] = [
    [
      {
        product: 'AmazonGuardDuty',
        service: 'GuardDuty',
        item: 'CloudTrail events analyzed',
        usageType: 'PaidEventsAnalyzed',
        unit: 'Events',
        family: 'Security Services',
      },
      'production',
      6.2e6,
      {},
    ],
    [
      {
        product: 'AmazonGuardDuty',
        service: 'GuardDuty',
        item: 'flow and DNS logs analyzed',
        usageType: 'PaidEventsAnalyzed-Bytes',
        unit: 'GB',
        family: 'Security Services',
      },
      'production',
      24,
      {},
    ],
    [
      {
        product: 'AmazonGuardDuty',
        service: 'GuardDuty',
        item: 'flow and DNS logs analyzed',
        usageType: 'PaidEventsAnalyzed-Bytes',
        unit: 'GB',
        family: 'Security Services',
      },
      'data',
      9,
      {},
    ],
    [
      {
        product: 'AWSConfig',
        service: 'Config',
        item: 'configuration items recorded',
        usageType: 'ConfigurationItemRecorded',
        unit: 'ConfigurationItemRecorded',
        family: 'Management Tools - AWS Config',
      },
      'production',
      4800,
      { weekend: 0.5 },
    ],
    [
      {
        product: 'AWSConfig',
        service: 'Config',
        item: 'configuration items recorded',
        usageType: 'ConfigurationItemRecorded',
        unit: 'ConfigurationItemRecorded',
        family: 'Management Tools - AWS Config',
      },
      'development',
      3100,
      { weekend: 0.15 },
    ],
    [
      {
        product: 'AWSConfig',
        service: 'Config',
        item: 'rule evaluations',
        usageType: 'ConfigRuleEvaluations',
        unit: 'ConfigRuleEvaluations',
        family: 'Management Tools - AWS Config Rules',
      },
      'security',
      9500,
      { weekend: 0.6 },
    ],
    [
      {
        product: 'AWSCloudTrail',
        service: 'CloudTrail',
        item: 'data events',
        usageType: 'DataEventsRecorded',
        unit: 'Events',
        family: 'Management Tools - AWS CloudTrail Data Events Recorded',
      },
      'log-archive',
      11e6,
      { weekend: 0.8, visitors: true },
    ],
    [
      {
        product: 'AWSCloudTrail',
        service: 'CloudTrail',
        item: 'additional management events',
        usageType: 'PaidEventsRecorded',
        unit: 'Events',
        family: 'Management Tools - AWS CloudTrail Paid Events Recorded',
      },
      'security',
      420_000,
      { weekend: 0.6 },
    ],
  ];
  for (const [item, role, quantity, curve] of items) {
    const application = role === 'log-archive' || role === 'security' ? 'audit-trail' : 'threat-detection';
    const owner = ownerOf(unit, role, application, 'us-east-1');
    estate.charge(owner, sku(estate, owner, item), quantity, { curve: { growth: 0.008, ...curve } });
  }
}

function keys(estate: Estate, unit: Unit, rng: Random): void {
  const key: Item = {
    product: 'awskms',
    service: 'KMS',
    item: 'customer key',
    usageType: 'KMS-Keys',
    unit: 'Keys',
    family: 'Encryption Key',
    monthly: true,
  };
  const use: Item = {
    product: 'awskms',
    service: 'KMS',
    item: 'requests',
    usageType: 'KMS-Requests',
    unit: 'Requests',
    family: 'API Request',
  };
  const secret: Item = {
    product: 'AWSSecretsManager',
    service: 'Secrets Manager',
    item: 'secret',
    usageType: 'AWSSecretsManager-Secrets',
    unit: 'Secrets',
    family: 'Secret',
    monthly: true,
  };
  for (const [role, keyCount, requests, secrets] of [
    ['production', 64, 2.9e6, 240],
    ['production-eu', 28, 1.1e6, 110],
    ['data', 22, 1.6e6, 45],
    ['staging', 14, 120_000, 90],
    ['shared-services', 12, 300_000, 120],
  ] as const) {
    const owner = ownerOf(unit, role, 'identity', role === 'production-eu' ? 'eu-west-1' : 'us-east-1');
    const id = `arn:aws:kms:${owner.region}:${owner.account.id}:key/${rng.hex(8)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(12)}`;
    const resource = estate.resource(
      { ...owner, id, type: 'kms:key', name: `${role}-data${unit.suffix}`, state: 'enabled' },
      rng,
    );
    estate.charge(owner, sku(estate, owner, key), keyCount, { noise: 0 });
    estate.charge(resource, sku(estate, owner, use), requests, { curve: { growth: 0.008, weekend: 0.8 } });
    estate.charge(owner, sku(estate, owner, secret), secrets, { noise: 0 });
  }
}
