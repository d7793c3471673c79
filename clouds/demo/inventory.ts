import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Estate } from './estate.ts';
import type { Resource } from './nouns.ts';
import { productName } from './tables.ts';
import { usageDays } from './usage.ts';

/** The inventories of the estate's last weeks, oldest first. */
export interface InventoryFile {
  observedAt: Date;
  file: string;
}

/**
 * Writes what inventories of the estate find, one a week over the last weeks and one at its end, so that what changed shows
 * between them: JSON Lines, a resource a line, with state, tags and configuration. `resourceId` is the id on the bill.
 */
export async function writeInventories(estate: Estate, folder: string): Promise<InventoryFile[]> {
  mkdirSync(folder, { recursive: true });
  const { calendar } = estate;
  const files: InventoryFile[] = [];
  for (let day = calendar.days - 7 * Math.floor(usageDays(estate) / 7); day <= calendar.days; day += 7) {
    if (day <= 0) continue;
    const file = join(folder, `${calendar.date(day)}.jsonl`);
    await writeInventory(estate, day, file);
    files.push({ observedAt: new Date(`${calendar.date(day)}T00:00:00Z`), file });
  }
  return files;
}

async function writeInventory(estate: Estate, day: number, file: string): Promise<void> {
  const out = createWriteStream(file);
  for (const [index, resource] of estate.resources.entries()) {
    const isThere =
      resource.fromDay < day && day <= Math.max(resource.toDay, resource.toDay === estate.calendar.days ? day : 0);
    if (!isThere) continue;
    if (!out.write(`${JSON.stringify(lineOf(estate, resource, index, day))}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

function lineOf(estate: Estate, resource: Resource, index: number, day: number) {
  const { calendar } = estate;
  // What was there before the estate begins was not all created on one day.
  const born = resource.fromDay > 0 ? resource.fromDay : resource.fromDay - 20 - ((index * 37) % 900);
  const earlier = resource.earlier.find(({ before }) => day <= before)?.configuration;
  return {
    resourceId: resource.id,
    resourceType: resource.type,
    serviceName: productName(serviceOf(resource.type)),
    serviceProviderName: 'AWS',
    name: resource.name,
    accountId: resource.account.id,
    billingAccountId: estate.organisation.payer.id,
    regionId: resource.region,
    availabilityZone: resource.zone,
    state: resource.toDay < calendar.days ? stateBefore(resource) : resource.state,
    createdAt: `${calendar.date(born)}T00:00:00Z`,
    tags: estate.tagSets[resource.tags] ?? {},
    configuration: { ...resource.configuration, ...earlier },
  };
}

/** The state of something that is deleted later. */
function stateBefore({ type }: Resource): string {
  if (type === 'ec2:instance') return 'running';
  if (type === 'ec2:elastic-ip') return 'unassociated';
  return type === 'ec2:snapshot' ? 'completed' : 'available';
}

const SERVICES: Record<string, string> = {
  'ec2:elastic-ip': 'AmazonVPC',
  'ec2:vpc-endpoint': 'AmazonVPC',
  'ec2:transit-gateway-attachment': 'AmazonVPC',
  ec2: 'AmazonEC2',
  ecs: 'AmazonECS',
  eks: 'AmazonEKS',
  ecr: 'AmazonECR',
  lambda: 'AWSLambda',
  rds: 'AmazonRDS',
  dynamodb: 'AmazonDynamoDB',
  elasticache: 'AmazonElastiCache',
  es: 'AmazonES',
  redshift: 'AmazonRedshift',
  s3: 'AmazonS3',
  elasticfilesystem: 'AmazonEFS',
  backup: 'AWSBackup',
  cloudfront: 'AmazonCloudFront',
  elasticloadbalancing: 'AWSELB',
  route53: 'AmazonRoute53',
  apigateway: 'AmazonApiGateway',
  states: 'AmazonStates',
  sqs: 'AWSQueueService',
  sns: 'AmazonSNS',
  kinesis: 'AmazonKinesis',
  kafka: 'AmazonMSK',
  glue: 'AWSGlue',
  athena: 'AmazonAthena',
  sagemaker: 'AmazonSageMaker',
  bedrock: 'AmazonBedrock',
  logs: 'AmazonCloudWatch',
  kms: 'awskms',
  wafv2: 'awswaf',
};

/** The product code of the service a resource type belongs to. */
function serviceOf(type: string): string {
  return SERVICES[type] ?? SERVICES[type.split(':')[0] ?? ''] ?? type;
}
