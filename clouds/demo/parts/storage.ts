import type { Curve } from '../curves.ts';
import type { Estate, Part } from '../estate.ts';
import type { Owner } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { locationOf, usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';

type Bucket = [
  name: string,
  application: ApplicationName,
  role: Role,
  standardTb: number,
  growth: number,
  other?: { infrequentTb?: number; instantTb?: number; archiveTb?: number; getMillions?: number },
];

const BUCKETS: Bucket[] = [
  ['product-images', 'catalog', 'production', 36, 0.02, { infrequentTb: 30, getMillions: 38 }],
  ['storefront-assets', 'storefront', 'production', 6, 0.015, { getMillions: 24 }],
  ['order-documents', 'order-routing', 'production', 10, 0.025, { infrequentTb: 30, getMillions: 1.2 }],
  ['label-archive', 'shipping-labels', 'production', 4, 0.02, { instantTb: 38, getMillions: 0.4 }],
  ['payment-records', 'ledger', 'production', 9, 0.02, { archiveTb: 60, getMillions: 0.2 }],
  ['product-images-eu', 'catalog', 'production-eu', 22, 0.02, { infrequentTb: 16, getMillions: 18 }],
  ['lake-raw', 'data-lake', 'data', 40, 0.04, { infrequentTb: 90, getMillions: 12 }],
  ['lake-curated', 'data-lake', 'data', 30, 0.035, { getMillions: 30 }],
  ['event-archive', 'event-stream', 'data', 21, 0.04, { archiveTb: 210, getMillions: 0.6 }],
  ['warehouse-export', 'reporting', 'analytics', 12, 0.02, { getMillions: 1.8 }],
  ['training-data', 'demand-forecast', 'machine-learning', 22, 0.035, { infrequentTb: 25, getMillions: 8 }],
  ['model-registry', 'recommendations', 'machine-learning', 5, 0.03, { getMillions: 0.8 }],
  ['build-artifacts', 'build-system', 'shared-services', 18, 0.01, { getMillions: 4.4 }],
  ['trail-logs', 'audit-trail', 'log-archive', 11, 0.02, { archiveTb: 140 }],
  ['flow-logs', 'networking', 'log-archive', 13, 0.01, { instantTb: 30 }],
  ['access-logs', 'observability', 'log-archive', 9, 0.012, { instantTb: 22 }],
  ['findings', 'threat-detection', 'security', 2, 0.01],
  ['staging-assets', 'storefront', 'staging', 3, 0.005, { getMillions: 0.6 }],
  ['dev-scratch', 'build-system', 'development', 7, 0.005, { getMillions: 0.4 }],
  ['team-playground', 'assistant', 'sandbox', 4, 0.01, { getMillions: 0.2 }],
];

/** Buckets, file systems and backups. */
export const storage: Part = (estate, unit, rng) => {
  for (const bucket of BUCKETS) addBucket(estate, unit, rng, bucket);
  driftingLogs(estate, unit, rng);
  fileSystems(estate, unit, rng);
  backups(estate, unit, rng);
};

export const regionOf = (role: Role) => (role === 'production-eu' ? 'eu-west-1' : 'us-east-1');

function addBucket(estate: Estate, unit: Unit, rng: Random, [name, application, role, tb, growth, other = {}]: Bucket) {
  const owner = ownerOf(unit, role, application, regionOf(role));
  const bucket = bucketOf(estate, owner, rng, `fernhill-${name}${unit.suffix}`);
  const curve: Curve = { growth };
  storageCharge(estate, bucket, 'standard storage', tb, curve);
  if (other.infrequentTb)
    storageCharge(estate, bucket, 'standard infrequent access storage', other.infrequentTb, curve);
  if (other.instantTb) storageCharge(estate, bucket, 'glacier instant retrieval storage', other.instantTb, curve);
  if (other.archiveTb) storageCharge(estate, bucket, 'glacier deep archive storage', other.archiveTb, curve);
  const visitors: Curve = { growth: 0.015, weekend: 0.8, visitors: role.startsWith('production') };
  estate.charge(bucket, requestSku(estate, owner.region, 'PUT'), tb * 25_000, { curve: visitors });
  if (other.getMillions) {
    estate.charge(bucket, requestSku(estate, owner.region, 'GET'), other.getMillions * 1e6, { curve: visitors });
  }
  return bucket;
}

function bucketOf(estate: Estate, owner: Owner, rng: Random, name: string) {
  const id = `${name}-${rng.hex(4)}`;
  return estate.resource({ ...owner, id, type: 's3:bucket', name: id, state: 'available' }, rng);
}

const STORAGE_CLASSES: Record<string, [usageType: string, operation: string]> = {
  'standard storage': ['TimedStorage-ByteHrs', 'StandardStorage'],
  'standard infrequent access storage': ['TimedStorage-SIA-ByteHrs', 'StandardIAStorage'],
  'glacier instant retrieval storage': ['TimedStorage-GIR-ByteHrs', 'GlacierInstantRetrievalStorage'],
  'glacier deep archive storage': ['TimedStorage-GDA-ByteHrs', 'DeepArchiveStorage'],
};

function storageCharge(
  estate: Estate,
  bucket: ReturnType<typeof bucketOf>,
  item: string,
  tb: number,
  curve: Curve,
): number {
  const [usageType, operation] = STORAGE_CLASSES[item] ?? ['', ''];
  const price = estate.prices.other('S3', item, bucket.region);
  const sku = estate.sku({
    product: 'AmazonS3',
    usageType: `${usagePrefix(bucket.region)}${usageType}`,
    operation,
    description: `$${price} per GB - ${item} in ${locationOf(bucket.region)}`,
    unit: 'GB-Mo',
    monthly: true,
    price,
    family: 'Storage',
    region: bucket.region,
    attributes: { volume_type: item },
  });
  return estate.charge(bucket, sku, tb * 1024, { curve, noise: 0.004 });
}

function requestSku(estate: Estate, region: string, kind: 'PUT' | 'GET'): number {
  const item = kind === 'PUT' ? 'PUT COPY POST LIST requests' : 'GET and other requests';
  const price = estate.prices.other('S3', item, region);
  return estate.sku({
    product: 'AmazonS3',
    usageType: `${usagePrefix(region)}Requests-Tier${kind === 'PUT' ? 1 : 2}`,
    operation: kind === 'PUT' ? 'PutObject' : 'GetObject',
    description: `$${price} per request - ${item}`,
    unit: 'Requests',
    price,
    family: 'API Request',
    region,
  });
}

/** The application logs lost their expiry rule, and have grown a little every day since. */
function driftingLogs(estate: Estate, unit: Unit, rng: Random): void {
  const owner = ownerOf(unit, 'log-archive', 'observability', 'us-east-1');
  const bucket = bucketOf(estate, owner, rng, `fernhill-application-logs${unit.suffix}`);
  const stream = storageCharge(estate, bucket, 'standard storage', 38, {});
  const fromDay = estate.calendar.ago(56);
  estate.events.push({
    id: `drift-application-logs${unit.suffix}`,
    kind: 'anomaly',
    shape: 'slow drift',
    fromDay,
    toDay: estate.calendar.days,
    dimensions: { service: 'AmazonS3', account: owner.account.id, region: owner.region, resource: bucket.id },
    reason: 'The bucket lost its expiry rule; nothing is deleted any more.',
    effects: [{ stream, factor: (days) => 1 + 0.011 * days }],
    born: [],
  });
}

function fileSystems(estate: Estate, unit: Unit, rng: Random): void {
  const list: [string, ApplicationName, Role, number, number][] = [
    ['media-share', 'catalog', 'production', 1900, 9000],
    ['notebook-home', 'demand-forecast', 'machine-learning', 1200, 3000],
    ['build-cache', 'build-system', 'shared-services', 900, 1500],
  ];
  for (const [name, application, role, standardGb, infrequentGb] of list) {
    const owner = ownerOf(unit, role, application, 'us-east-1');
    const id = `arn:aws:elasticfilesystem:us-east-1:${owner.account.id}:file-system/fs-0${rng.hex(16)}`;
    const system = estate.resource(
      { ...owner, id, type: 'elasticfilesystem:file-system', name: `${name}${unit.suffix}` },
      rng,
    );
    estate.charge(
      system,
      simpleStorage(estate, 'AmazonEFS', 'EFS', 'standard storage', 'TimedStorage-ByteHrs'),
      standardGb,
      {
        curve: { growth: 0.01 },
        noise: 0.01,
      },
    );
    estate.charge(
      system,
      simpleStorage(estate, 'AmazonEFS', 'EFS', 'infrequent access storage', 'IATimedStorage-ByteHrs'),
      infrequentGb,
      {
        curve: { growth: 0.015 },
        noise: 0.01,
      },
    );
  }
}

/** A GB-month of storage in us-east-1 at its listed price. */
export function simpleStorage(
  estate: Estate,
  product: string,
  service: string,
  item: string,
  usageType: string,
  region = 'us-east-1',
) {
  const price = estate.prices.other(service, item, region);
  return estate.sku({
    product,
    usageType: `${usagePrefix(region)}${usageType}`,
    operation: '',
    description: `$${price} per GB-Mo - ${item} in ${locationOf(region)}`,
    unit: 'GB-Mo',
    monthly: true,
    price,
    family: 'Storage',
    region,
  });
}

function backups(estate: Estate, unit: Unit, rng: Random): void {
  const vaults: [ApplicationName, Role, number, number][] = [
    ['ledger', 'production', 9_000, 3_400],
    ['catalog', 'production-eu', 6_500, 2_400],
    ['data-lake', 'data', 9_000, 1_500],
  ];
  for (const [application, role, fileGb, tableGb] of vaults) {
    const owner = ownerOf(unit, role, application, regionOf(role));
    const id = `arn:aws:backup:${owner.region}:${owner.account.id}:backup-vault:${application}${unit.suffix}`;
    const vault = estate.resource(
      { ...owner, id, type: 'backup:backup-vault', name: `${application}${unit.suffix}` },
      rng,
    );
    const curve: Curve = { growth: 0.012 };
    estate.charge(
      vault,
      simpleStorage(estate, 'AWSBackup', 'Backup', 'EFS warm backup storage', 'WarmStorage-ByteHrs-EFS', owner.region),
      fileGb,
      { curve, noise: 0.01 },
    );
    estate.charge(
      vault,
      simpleStorage(
        estate,
        'AWSBackup',
        'Backup',
        'DynamoDB warm backup storage',
        'WarmStorage-ByteHrs-DynamoDB',
        owner.region,
      ),
      tableGb,
      { curve, noise: 0.01 },
    );
  }
}
