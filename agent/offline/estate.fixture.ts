import type { Catalog, KnownResource } from './catalog.ts';

const SERVICES: [name: string, code: string, category: string][] = [
  ['Amazon Elastic Compute Cloud', 'AmazonEC2', 'Compute'],
  ['Amazon Elastic Container Service', 'AmazonECS', 'Compute'],
  ['Amazon Elastic Container Service for Kubernetes', 'AmazonEKS', 'Compute'],
  ['Amazon EC2 Container Registry (ECR)', 'AmazonECR', 'Compute'],
  ['AWS Lambda', 'AWSLambda', 'Compute'],
  ['Amazon Relational Database Service', 'AmazonRDS', 'Databases'],
  ['Amazon DynamoDB', 'AmazonDynamoDB', 'Databases'],
  ['Amazon ElastiCache', 'AmazonElastiCache', 'Databases'],
  ['Amazon OpenSearch Service', 'AmazonES', 'Analytics'],
  ['Amazon Redshift', 'AmazonRedshift', 'Analytics'],
  ['Amazon Simple Storage Service', 'AmazonS3', 'Storage'],
  ['Amazon Elastic File System', 'AmazonEFS', 'Storage'],
  ['AWS Backup', 'AWSBackup', 'Storage'],
  ['Amazon CloudFront', 'AmazonCloudFront', 'Networking'],
  ['Elastic Load Balancing', 'AWSELB', 'Networking'],
  ['Amazon Virtual Private Cloud', 'AmazonVPC', 'Networking'],
  ['Amazon Route 53', 'AmazonRoute53', 'Networking'],
  ['Amazon API Gateway', 'AmazonApiGateway', 'Networking'],
  ['AWS Step Functions', 'AmazonStates', 'Integration'],
  ['Amazon Simple Queue Service', 'AWSQueueService', 'Integration'],
  ['Amazon Simple Notification Service', 'AmazonSNS', 'Integration'],
  ['Amazon Kinesis', 'AmazonKinesis', 'Analytics'],
  ['Amazon Managed Streaming for Apache Kafka', 'AmazonMSK', 'Integration'],
  ['AWS Glue', 'AWSGlue', 'Analytics'],
  ['Amazon Athena', 'AmazonAthena', 'Analytics'],
  ['Amazon SageMaker', 'AmazonSageMaker', 'AI and Machine Learning'],
  ['Amazon Bedrock', 'AmazonBedrock', 'AI and Machine Learning'],
  ['Amazon Textract', 'AmazonTextract', 'AI and Machine Learning'],
  ['AmazonCloudWatch', 'AmazonCloudWatch', 'Management and Governance'],
  ['AWS CloudTrail', 'AWSCloudTrail', 'Management and Governance'],
  ['AWS Config', 'AWSConfig', 'Management and Governance'],
  ['Amazon GuardDuty', 'AmazonGuardDuty', 'Security'],
  ['AWS Secrets Manager', 'AWSSecretsManager', 'Security'],
  ['AWS Key Management Service', 'awskms', 'Security'],
  ['AWS WAF', 'awswaf', 'Security'],
  ['AWS Support (Enterprise)', 'AWSSupportEnterprise', 'Other'],
];

const ACCOUNTS = [
  'management',
  'production',
  'production-eu',
  'staging',
  'development',
  'data',
  'analytics',
  'shared-services',
  'network',
  'sandbox',
];

const RESOURCES: KnownResource[] = [
  { id: 'i-0a1b2c3d4e5f60718', name: 'ledger-worker-7', type: 'instance' },
  { id: 'northgate-invoices-archive', name: 'northgate-invoices-archive', type: 'bucket' },
];

/** The names of an invented AWS organisation of middle size, for tests: two and a half years of bill up to 14 January 2026. */
export const ESTATE: Catalog = {
  services: SERVICES.map(([name, code, category]) => ({ name, code, category })),
  accounts: ACCOUNTS.map((name, index) => ({
    id: String(410_000_000_000 + index * 7_654_321),
    name: `northgate-${name}`,
  })),
  regions: ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-2'],
  tagKeys: [
    { key: 'team', values: ['storefront', 'payments', 'search', 'data-platform', 'platform', 'security'] },
    { key: 'environment', values: ['production', 'prod', 'staging', 'development', 'sandbox'] },
    {
      key: 'application',
      values: ['checkout', 'ledger', 'search', 'mobile-api', 'demand-forecast', 'recommendations', 'data-lake'],
    },
    { key: 'cost_center', values: ['CC-1100', 'CC-1150', 'CC-2100'] },
  ],
  instanceTypes: ['m5.large', 'm5.xlarge', 'm7g.large', 'c6i.2xlarge', 't3.micro', 'r6g.xlarge', 'db.r6g.large'],
  usageTypes: [
    'BoxUsage:m5.large',
    'EBS:VolumeUsage.gp3',
    'EBS:SnapshotUsage',
    'NatGateway-Hours',
    'NatGateway-Bytes',
    'DataTransfer-Out-Bytes',
    'DataTransfer-Regional-Bytes',
    'USE1-EUW1-AWS-Out-Bytes',
    'TimedStorage-ByteHrs',
    'TimedStorage-GlacierStaging',
    'PublicIPv4:InUseAddress',
    'LoadBalancerUsage',
    'Lambda-GB-Second',
  ],
  currencies: ['USD'],
  dataFrom: '2024-11-15',
  dataThrough: '2026-01-14',
  providers: ['AWS'],
  findResources: async (text) =>
    RESOURCES.filter((resource) => resource.id === text.toLowerCase() || resource.name === text.toLowerCase()),
};
