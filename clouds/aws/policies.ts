import { type Feature, OPERATIONS } from './permissions.ts';

/** By which prefix IAM knows a service's actions, by the client's name. */
const PREFIX: Readonly<Record<string, string>> = {
  STS: 'sts',
  Organizations: 'organizations',
  EC2: 'ec2',
  ElasticLoadBalancing: 'elasticloadbalancing',
  ElasticLoadBalancingV2: 'elasticloadbalancing',
  AutoScaling: 'autoscaling',
  ECS: 'ecs',
  ApplicationAutoScaling: 'application-autoscaling',
  EKS: 'eks',
  Lambda: 'lambda',
  RDS: 'rds',
  S3: 's3',
  CloudWatch: 'cloudwatch',
  Pricing: 'pricing',
  CostExplorer: 'ce',
  Athena: 'athena',
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
const RESOURCES: Readonly<Record<string, string | readonly string[]>> = {
  's3:ListBucket': 'arn:aws:s3:::YOUR-BILLING-BUCKET',
  's3:GetObject': 'arn:aws:s3:::YOUR-BILLING-BUCKET/*',
  'sts:AssumeRole': ['arn:aws:iam::*:role/penny-reader', 'arn:aws:iam::*:role/penny-actor'],
};

/**
 * What a service does on Penny's behalf, for which it asks Penny's permissions; sources: Amazon Athena user guide, "Access to workgroups";
 * Amazon EC2 user guide, "Grant permission to tag Amazon EC2 resources during creation"; Amazon ECS developer guide, "Grant permission to tag
 * resources on creation" "Amazon ECS task execution IAM role" and
 * "Required IAM permissions for Amazon ECS service auto scaling".
 */
const ON_BEHALF: Partial<Readonly<Record<Feature, readonly string[]>>> = {
  warehouse: [
    ...['GetDatabase', 'GetDatabases', 'GetTable', 'GetTables', 'GetPartition', 'GetPartitions'].map(
      (name) => `glue:${name}`,
    ),
    ...['ListBucket', 'GetBucketLocation', 'PutObject', 'AbortMultipartUpload'].map((name) => `s3:${name}`),
  ],
  // What is made is tagged as it is made; a revision of a task definition names the roles that its tasks run with; a service that scales does so
  // by alarms, and with a role that Application Auto Scaling makes itself.
  remediation: [
    ...['ec2:CreateTags', 'ecs:TagResource', 'iam:PassRole', 'iam:CreateServiceLinkedRole'],
    ...['cloudwatch:DescribeAlarms', 'cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'],
  ],
};

/** Actions that a feature needs for other resources than the other features do. */
const OWN_RESOURCES: Partial<Readonly<Record<Feature, Readonly<Record<string, readonly string[]>>>>> = {
  warehouse: {
    's3:GetObject': ['arn:aws:s3:::YOUR-BILLING-BUCKET/*', 'arn:aws:s3:::YOUR-RESULTS-BUCKET/*'],
    's3:ListBucket': ['arn:aws:s3:::YOUR-BILLING-BUCKET', 'arn:aws:s3:::YOUR-RESULTS-BUCKET'],
    's3:GetBucketLocation': ['arn:aws:s3:::YOUR-BILLING-BUCKET', 'arn:aws:s3:::YOUR-RESULTS-BUCKET'],
    's3:PutObject': ['arn:aws:s3:::YOUR-RESULTS-BUCKET/*'],
    's3:AbortMultipartUpload': ['arn:aws:s3:::YOUR-RESULTS-BUCKET/*'],
  },
  remediation: {
    'ecs:TagResource': ['arn:aws:ecs:*:*:task-definition/*'],
    'iam:PassRole': ['arn:aws:iam::*:role/YOUR-TASK-ROLE'],
    'iam:CreateServiceLinkedRole': ['arn:aws:iam::*:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/*'],
  },
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
  const own = Object.entries(OPERATIONS[feature]).flatMap(([client, names]) =>
    names.flatMap((name) => actionOf(`${client}.${name}`) ?? []),
  );
  return [...new Set([...own, ...(ON_BEHALF[feature] ?? [])])].sort();
}

/** Returns the policy document that allows a feature and nothing else, as JSON. */
export function policyOf(feature: Feature): string {
  const resourceOf = (action: string): string | readonly string[] =>
    OWN_RESOURCES[feature]?.[action] ?? RESOURCES[action] ?? '*';
  const byResource = new Map<string, { Effect: 'Allow'; Action: string[]; Resource: string | readonly string[] }>();
  for (const action of actionsOf(feature)) {
    const Resource = resourceOf(action);
    const known = byResource.get(String(Resource)) ?? { Effect: 'Allow', Action: [], Resource };
    known.Action.push(action);
    byResource.set(String(Resource), known);
  }
  const policy = { Version: '2012-10-17', Statement: [...byResource.values()] };
  return `${shortened(JSON.stringify(policy, null, 2))}\n`;
}

/** Puts lists on one line where they have room there, as the formatter does. */
function shortened(json: string): string {
  return json.replace(/^( +"(?:Action|Resource)": )(\[[^\]]*\])/gm, (all, key: string, list: string) => {
    const line = `${key}[${(JSON.parse(list) as string[]).map((word) => JSON.stringify(word)).join(', ')}]`;
    return line.length < 120 ? line : all;
  });
}
