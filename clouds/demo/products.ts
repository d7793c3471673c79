/** AWS product codes the estate uses, with the name the bill's `product` map gives each. */
export const PRODUCTS = {
  AmazonEC2: 'Amazon Elastic Compute Cloud',
  AmazonECS: 'Amazon Elastic Container Service',
  AmazonEKS: 'Amazon Elastic Container Service for Kubernetes',
  AmazonECR: 'Amazon EC2 Container Registry (ECR)',
  AWSLambda: 'AWS Lambda',
  AmazonRDS: 'Amazon Relational Database Service',
  AmazonDynamoDB: 'Amazon DynamoDB',
  AmazonElastiCache: 'Amazon ElastiCache',
  AmazonES: 'Amazon OpenSearch Service',
  AmazonRedshift: 'Amazon Redshift',
  AmazonS3: 'Amazon Simple Storage Service',
  AmazonEFS: 'Amazon Elastic File System',
  AWSBackup: 'AWS Backup',
  AmazonCloudFront: 'Amazon CloudFront',
  AWSELB: 'Elastic Load Balancing',
  AmazonVPC: 'Amazon Virtual Private Cloud',
  AmazonRoute53: 'Amazon Route 53',
  AmazonApiGateway: 'Amazon API Gateway',
  AmazonStates: 'AWS Step Functions',
  AWSQueueService: 'Amazon Simple Queue Service',
  AmazonSNS: 'Amazon Simple Notification Service',
  AmazonKinesis: 'Amazon Kinesis',
  AmazonMSK: 'Amazon Managed Streaming for Apache Kafka',
  AWSGlue: 'AWS Glue',
  AmazonAthena: 'Amazon Athena',
  AmazonSageMaker: 'Amazon SageMaker',
  AmazonBedrock: 'Amazon Bedrock',
  AmazonTextract: 'Amazon Textract',
  AmazonCloudWatch: 'AmazonCloudWatch',
  AWSCloudTrail: 'AWS CloudTrail',
  AWSConfig: 'AWS Config',
  AmazonGuardDuty: 'Amazon GuardDuty',
  AWSSecretsManager: 'AWS Secrets Manager',
  awskms: 'AWS Key Management Service',
  awswaf: 'AWS WAF',
  ComputeSavingsPlans: 'Savings Plans for AWS Compute usage',
  AWSSupportEnterprise: 'AWS Support (Enterprise)',
} as const;

export type ProductCode = keyof typeof PRODUCTS;

/** A subscription of AWS Marketplace has a product code of its own and stands apart on the bill. */
export const MARKETPLACE_CODE = '7vq2m9xk4tdz1bn8hc5wyl0re';
export const MARKETPLACE_NAME = 'Quillstream Observability Pro';

const PREFIXES: Record<string, { short: string; modern: string; location: string }> = {
  'us-east-1': { short: '', modern: 'USE1-', location: 'US East (N. Virginia)' },
  'us-west-2': { short: 'USW2-', modern: 'USW2-', location: 'US West (Oregon)' },
  'eu-west-1': { short: 'EU-', modern: 'EUW1-', location: 'EU (Ireland)' },
  'ap-southeast-2': { short: 'APS2-', modern: 'APS2-', location: 'Asia Pacific (Sydney)' },
};

/** What usage types of the older services begin with in a region; us-east-1, the first region, has no prefix there. */
export function usagePrefix(region: string): string {
  return PREFIXES[region]?.short ?? '';
}

/** What usage types of the younger services begin with in a region. */
export function regionPrefix(region: string): string {
  return PREFIXES[region]?.modern ?? '';
}

/** The name AWS gives the place in its price list. */
export function locationOf(region: string): string {
  return PREFIXES[region]?.location ?? region;
}
