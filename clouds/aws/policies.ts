import { type Feature, OPERATIONS } from './permissions.ts';

/** By which prefix IAM knows a service's actions, by the client's name. */
const PREFIX: Readonly<Record<string, string>> = {
  STS: 'sts',
  Organizations: 'organizations',
  EC2: 'ec2',
  ElasticLoadBalancingV2: 'elasticloadbalancing',
  AutoScaling: 'autoscaling',
  ECS: 'ecs',
  EKS: 'eks',
  Lambda: 'lambda',
  S3: 's3',
  CloudWatch: 'cloudwatch',
  Pricing: 'pricing',
  CostExplorer: 'ce',
};

/**
 * Operations whose action has another name; null needs no permission.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const OTHERWISE: Readonly<Record<string, string | null>> = {
  'S3.ListObjectsV2': 's3:ListBucket',
  'STS.GetCallerIdentity': null,
};

/** Actions that can be granted for less than everything; the others know no resources, or Penny needs all of them. */
const RESOURCES: Readonly<Record<string, string>> = {
  's3:ListBucket': 'arn:aws:s3:::YOUR-BILLING-BUCKET',
  's3:GetObject': 'arn:aws:s3:::YOUR-BILLING-BUCKET/*',
  'sts:AssumeRole': 'arn:aws:iam::*:role/penny-reader',
};

/** Returns the IAM action of an operation, such as 'ec2:DescribeInstances' for 'EC2.DescribeInstances'; null when it needs none. */
export function actionOf(operation: string): string | null {
  const other = OTHERWISE[operation];
  if (other !== undefined) return other;
  const [client = '', name = ''] = operation.split('.');
  const prefix = PREFIX[client];
  if (prefix === undefined) throw new Error(`${client} has no prefix: add it to clouds/aws/policies.ts`);
  return `${prefix}:${name}`;
}

/** Returns the actions a feature needs. */
export function actionsOf(feature: Feature): string[] {
  return Object.entries(OPERATIONS[feature])
    .flatMap(([client, names]) => names.flatMap((name) => actionOf(`${client}.${name}`) ?? []))
    .sort();
}

/** Returns the policy document that allows a feature and nothing else, as JSON. */
export function policyOf(feature: Feature): string {
  const actions = actionsOf(feature);
  const resources = [...new Set(actions.map((action) => RESOURCES[action] ?? '*'))];
  const statements = resources.map((resource) => ({
    Effect: 'Allow',
    Action: actions.filter((action) => (RESOURCES[action] ?? '*') === resource),
    Resource: resource,
  }));
  return `${shortened(JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2))}\n`;
}

/** Puts lists on one line where they have room there, as the formatter does. */
function shortened(json: string): string {
  return json.replace(/^( +"Action": )(\[[^\]]*\])/gm, (all, key: string, list: string) => {
    const line = `${key}[${(JSON.parse(list) as string[]).map((word) => JSON.stringify(word)).join(', ')}]`;
    return line.length < 120 ? line : all;
  });
}
