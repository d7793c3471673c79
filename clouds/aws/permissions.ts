/** What Penny does in AWS. Each has a policy document of its own, so that one grants only what one wants. */
export type Feature =
  | 'assume-role'
  | 'organization'
  | 'inventory'
  | 'billing-export'
  | 'usage'
  | 'prices'
  | 'cost-explorer'
  | 'warehouse'
  | 'remediation';

/**
 * Every operation the code may call, by feature and by client as the SDK names it. The client factory refuses any other one,
 * and the policies in docs/aws-policies are made of this table, so code and documents cannot part.
 */
export const OPERATIONS: Readonly<Record<Feature, Readonly<Record<string, readonly string[]>>>> = {
  'assume-role': { STS: ['AssumeRole', 'GetCallerIdentity'] },
  organization: {
    Organizations: ['DescribeOrganization', 'ListAccounts', 'ListTagsForResource'],
  },
  inventory: {
    EC2: [
      'DescribeRegions',
      'DescribeInstances',
      'DescribeInstanceTypes',
      'DescribeVolumes',
      'DescribeSnapshots',
      'DescribeImages',
      'DescribeAddresses',
      'DescribeNatGateways',
      'DescribeSubnets',
      'DescribeRouteTables',
      'DescribeReservedInstances',
    ],
    ElasticLoadBalancingV2: ['DescribeLoadBalancers', 'DescribeTags', 'DescribeTargetGroups', 'DescribeTargetHealth'],
    ElasticLoadBalancing: ['DescribeLoadBalancers', 'DescribeTags', 'DescribeInstanceHealth'],
    AutoScaling: ['DescribeAutoScalingGroups'],
    ECS: ['ListClusters', 'DescribeClusters', 'ListServices', 'DescribeServices', 'DescribeTaskDefinition'],
    ApplicationAutoScaling: ['DescribeScalableTargets', 'DescribeScalingPolicies', 'DescribeScheduledActions'],
    EKS: ['ListClusters', 'DescribeCluster', 'ListNodegroups', 'DescribeNodegroup'],
    Lambda: ['ListFunctions', 'ListTags', 'ListProvisionedConcurrencyConfigs'],
    RDS: ['DescribeDBInstances', 'DescribeDBClusters', 'DescribeReservedDBInstances'],
  },
  'billing-export': { S3: ['ListObjectsV2', 'GetObject'] },
  usage: { CloudWatch: ['GetMetricData', 'ListMetrics'] },
  prices: { Pricing: ['GetProducts'] },
  'cost-explorer': { CostExplorer: ['GetCostAndUsage'] },
  warehouse: {
    Athena: ['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults', 'StopQueryExecution'],
    S3: ['GetObject'],
  },
  // Of the role that changes are made with, which is another one: what each action calls stands in its file.
  remediation: {
    EC2: [
      'DescribeInstances',
      'DescribeInstanceAttribute',
      'StopInstances',
      'StartInstances',
      'ModifyInstanceAttribute',
      'TerminateInstances',
      'DescribeVolumes',
      'DescribeVolumesModifications',
      'ModifyVolume',
      'DetachVolume',
      'DeleteVolume',
      'CreateVolume',
      'DescribeSnapshots',
      'DescribeImages',
      'CreateSnapshot',
      'DeleteSnapshot',
      'DescribeAddresses',
      'ReleaseAddress',
      'DescribeNatGateways',
      'DescribeRouteTables',
      'DescribeSubnets',
      'DescribeNetworkInterfaces',
      'ReplaceRoute',
      'DeleteNatGateway',
      'CreateNatGateway',
    ],
    AutoScaling: ['DescribeAutoScalingGroups', 'UpdateAutoScalingGroup'],
    ElasticLoadBalancingV2: [
      'DescribeLoadBalancers',
      'DescribeLoadBalancerAttributes',
      'DescribeTags',
      'DescribeTargetGroups',
      'DescribeTargetHealth',
      'DeleteLoadBalancer',
    ],
    ElasticLoadBalancing: ['DescribeLoadBalancers', 'DescribeTags', 'DescribeInstanceHealth', 'DeleteLoadBalancer'],
    ECS: [
      'DescribeServices',
      'DescribeTaskDefinition',
      'ListTaskDefinitions',
      'RegisterTaskDefinition',
      'UpdateService',
    ],
    ApplicationAutoScaling: [
      'DescribeScalableTargets',
      'DescribeScalingPolicies',
      'RegisterScalableTarget',
      'PutScalingPolicy',
      'DeregisterScalableTarget',
    ],
    EKS: ['DescribeNodegroup', 'UpdateNodegroupConfig'],
    Lambda: [
      'GetFunction',
      'ListAliases',
      'UpdateFunctionConfiguration',
      'GetPolicy',
      'ListEventSourceMappings',
      'DeleteFunction',
      'ListProvisionedConcurrencyConfigs',
      'PutProvisionedConcurrencyConfig',
      'DeleteProvisionedConcurrencyConfig',
    ],
  },
};

/** The feature that changes what is there; its operations are sent by nothing else. */
const CHANGES: Feature = 'remediation';

const operationsOf = (features: readonly Feature[]): Set<string> =>
  new Set(
    features.flatMap((feature) =>
      Object.entries(OPERATIONS[feature]).flatMap(([client, names]) => names.map((name) => `${client}.${name}`)),
    ),
  );

const FEATURES = Object.keys(OPERATIONS) as Feature[];
const READING = operationsOf(FEATURES.filter((feature) => feature !== CHANGES));
const CHANGING = operationsOf([CHANGES, 'assume-role']);

/** Returns whether an operation, such as 'EC2.DescribeInstances', is one that the policies of whoever reads, or of whoever makes changes, know. */
export function isDocumented(operation: string, who: 'reads' | 'changes'): boolean {
  return (who === 'reads' ? READING : CHANGING).has(operation);
}
