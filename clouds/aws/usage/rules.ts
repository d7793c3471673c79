import type { MeasuredResource } from '../../contract.ts';
import { lastPart } from '../inventory/kind.ts';

/** A metric as CloudWatch names it. */
export interface MetricPart {
  name: string;
  dimensions: Record<string, string>;
  /** What its values are multiplied with, to be in the unit they are stored in; unset: they are. */
  times?: number;
}

/** A metric of CloudWatch by which a metric of a resource is known. */
export interface MetricRule {
  resourceType: string;
  /** As stored. */
  metric: string;
  namespace: string;
  /**
   * Returns what is added up; none when the resource has no such metric. Of several, max and p95 are not below the true ones,
   * which they need not share an hour's minute with.
   */
  parts(resource: MeasuredResource): MetricPart[];
  /** The service reports only while there is use, so an hour it is silent about is an hour of zero. */
  silenceIsZero?: true;
}

type Named = (resource: MeasuredResource) => Record<string, string> | undefined;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.flatMap((one) => text(one) ?? []) : []);
const named = (key: string, value: string | null | undefined) => (value ? { [key]: value } : undefined);

const instance: Named = ({ resourceId }) => ({ InstanceId: resourceId });
const volume: Named = ({ resourceId }) => ({ VolumeId: resourceId });
const gateway: Named = ({ resourceId }) => ({ NatGatewayId: lastPart(resourceId) });
const lambda: Named = ({ name }) => named('FunctionName', name);
const service: Named = ({ name, configuration }) => {
  const cluster = text(configuration.cluster);
  return cluster === undefined || name === null ? undefined : { ClusterName: cluster, ServiceName: name };
};
/** The group that AWS keeps for the nodes; its metrics are over all its instances. */
const nodes: Named = ({ configuration }) => named('AutoScalingGroupName', texts(configuration.autoScalingGroups)[0]);
const scalingGroup: Named = ({ name }) => named('AutoScalingGroupName', name);

const database: Named = ({ name }) => named('DBInstanceIdentifier', name);

/** CloudWatch tells free memory in bytes; how much of all it is, says the class. */
const freeableMemory: MetricRule = {
  ...{ resourceType: 'rds:db', metric: 'freeable_memory_percent', namespace: 'AWS/RDS' },
  parts(resource) {
    const dimensions = database(resource);
    const { memoryGib } = resource.configuration;
    if (dimensions === undefined || typeof memoryGib !== 'number' || memoryGib <= 0) return [];
    return [{ name: 'FreeableMemory', dimensions, times: 100 / (memoryGib * 2 ** 30) }];
  },
};

type BalancerType = 'application' | 'network' | 'gateway' | 'classic';

/** CloudWatch knows a load balancer by the end of its ARN, as app/name/id, and a classic one by its name. */
const balancer =
  (type: BalancerType): Named =>
  ({ resourceId, name, configuration }) => {
    if (configuration.type !== type) return undefined;
    return type === 'classic'
      ? named('LoadBalancerName', name)
      : named('LoadBalancer', resourceId.split(':loadbalancer/')[1]);
  };

/** Healthy targets are counted by target group. */
const healthyTargets = (type: BalancerType) => (resource: MeasuredResource) => {
  const own = balancer(type)(resource);
  if (own === undefined) return [];
  return texts(resource.configuration.targetGroupIds).map((TargetGroup) => ({
    name: 'HealthyHostCount',
    dimensions: { ...own, TargetGroup },
  }));
};

function rule(
  resourceType: string,
  metric: string,
  namespace: string,
  names: readonly string[],
  of: Named,
): MetricRule {
  const parts = (resource: MeasuredResource) => {
    const dimensions = of(resource);
    return dimensions === undefined ? [] : names.map((name) => ({ name, dimensions }));
  };
  return { resourceType, metric, namespace, parts };
}

const silent = (one: MetricRule): MetricRule => ({ ...one, silenceIsZero: true });

const ELB = 'elasticloadbalancing:loadbalancer';

function balancerRules(type: BalancerType, namespace: string): MetricRule[] {
  const own = (metric: string, name: string) => rule(ELB, metric, namespace, [name], balancer(type));
  if (type === 'classic')
    return [
      silent(own('request_count', 'RequestCount')),
      silent(own('processed_bytes', 'EstimatedProcessedBytes')),
      own('healthy_host_count', 'HealthyHostCount'),
    ];
  const bytes = own('processed_bytes', 'ProcessedBytes');
  const healthy = { resourceType: ELB, metric: 'healthy_host_count', namespace, parts: healthyTargets(type) };
  return type === 'application'
    ? [silent(own('request_count', 'RequestCount')), silent(bytes), healthy]
    : [own('active_flow_count', 'ActiveFlowCount'), bytes, healthy];
}

/**
 * What is asked of CloudWatch, by the type of the resource. Sources: the pages on CloudWatch metrics of each service in the AWS
 * documentation; that Lambda, Application and Classic Load Balancers are silent while unused stands there too.
 */
export const RULES: readonly MetricRule[] = [
  rule('ec2:instance', 'cpu_utilization', 'AWS/EC2', ['CPUUtilization'], instance),
  rule('ec2:instance', 'network_bytes', 'AWS/EC2', ['NetworkIn', 'NetworkOut'], instance),
  rule('ec2:instance', 'disk_operations', 'AWS/EC2', ['EBSReadOps', 'EBSWriteOps'], instance),
  rule('ec2:volume', 'volume_operations', 'AWS/EBS', ['VolumeReadOps', 'VolumeWriteOps'], volume),
  rule('ec2:volume', 'volume_bytes', 'AWS/EBS', ['VolumeReadBytes', 'VolumeWriteBytes'], volume),
  rule('ec2:natgateway', 'active_connection_count', 'AWS/NATGateway', ['ActiveConnectionCount'], gateway),
  rule('ec2:natgateway', 'bytes_in_from_source', 'AWS/NATGateway', ['BytesInFromSource'], gateway),
  rule('ec2:natgateway', 'bytes_in_from_destination', 'AWS/NATGateway', ['BytesInFromDestination'], gateway),
  ...balancerRules('application', 'AWS/ApplicationELB'),
  ...balancerRules('network', 'AWS/NetworkELB'),
  ...balancerRules('gateway', 'AWS/GatewayELB'),
  ...balancerRules('classic', 'AWS/ELB'),
  rule('autoscaling:autoScalingGroup', 'cpu_utilization', 'AWS/EC2', ['CPUUtilization'], scalingGroup),
  rule('autoscaling:autoScalingGroup', 'network_bytes', 'AWS/EC2', ['NetworkIn', 'NetworkOut'], scalingGroup),
  rule('eks:nodegroup', 'cpu_utilization', 'AWS/EC2', ['CPUUtilization'], nodes),
  rule('ecs:service', 'cpu_utilization', 'AWS/ECS', ['CPUUtilization'], service),
  rule('ecs:service', 'memory_utilization', 'AWS/ECS', ['MemoryUtilization'], service),
  silent(rule('lambda:function', 'invocations', 'AWS/Lambda', ['Invocations'], lambda)),
  rule('lambda:function', 'concurrent_executions', 'AWS/Lambda', ['ConcurrentExecutions'], lambda),
  rule('lambda:function', 'duration_ms', 'AWS/Lambda', ['Duration'], lambda),
  rule('lambda:function', 'errors', 'AWS/Lambda', ['Errors'], lambda),
  rule('lambda:function', 'throttles', 'AWS/Lambda', ['Throttles'], lambda),
  rule('rds:db', 'cpu_utilization', 'AWS/RDS', ['CPUUtilization'], database),
  rule('rds:db', 'database_connections', 'AWS/RDS', ['DatabaseConnections'], database),
  freeableMemory,
  rule('rds:db', 'disk_operations_per_second', 'AWS/RDS', ['ReadIOPS', 'WriteIOPS'], database),
];

/**
 * A metric that only some resources have, because an agent must report it, under dimensions of the agent's choosing. Where it
 * is, is asked with ListMetrics.
 */
export interface AgentRule {
  resourceType: string;
  metric: string;
  namespace: string;
  name: string;
  /** The dimensions that name the resource, and their values. */
  keys: readonly string[];
  names(resource: MeasuredResource): string[] | undefined;
  /** Further dimensions it must have. */
  where?: Readonly<Record<string, string>>;
  /** With further dimensions it is that of a part. */
  alone?: true;
}

const INSTANCE = { resourceType: 'ec2:instance', keys: ['InstanceId'], names: one(instance) };
const NODES = {
  resourceType: 'eks:nodegroup',
  keys: ['AutoScalingGroupName'],
  names: one(nodes),
  alone: true,
} as const;
const CLUSTER = {
  resourceType: 'eks:cluster',
  keys: ['ClusterName'],
  names: one(({ name }) => named('', name)),
  alone: true,
} as const;
const SERVICE = {
  resourceType: 'ecs:service',
  keys: ['ClusterName', 'ServiceName'],
  names: one(service),
  alone: true,
} as const;
const FUNCTION = { resourceType: 'lambda:function', keys: ['function_name'], names: one(lambda) };

/** The values of what names a resource, in their order. */
function one(of: Named): AgentRule['names'] {
  return (resource) => {
    const dimensions = of(resource);
    return dimensions && Object.values(dimensions);
  };
}

const insights = (to: Omit<AgentRule, 'metric' | 'namespace' | 'name'>, metric: string, name: string): AgentRule => ({
  ...{ ...to, metric, name },
  namespace: to === SERVICE ? 'ECS/ContainerInsights' : 'ContainerInsights',
});

/**
 * Sources: the metrics of the CloudWatch agent, of Container Insights (Amazon ECS; Amazon EKS and Kubernetes) and of Lambda
 * Insights in the AWS documentation. What stands further down counts where two report the same.
 */
export const AGENT_RULES: readonly AgentRule[] = [
  insights(INSTANCE, 'memory_utilization', 'node_memory_utilization'),
  insights(INSTANCE, 'cpu_requested_percent', 'node_cpu_reserved_capacity'),
  insights(INSTANCE, 'memory_requested_percent', 'node_memory_reserved_capacity'),
  insights(CLUSTER, 'nodes', 'cluster_node_count'),
  insights(CLUSTER, 'cpu_utilization', 'node_cpu_utilization'),
  insights(CLUSTER, 'memory_utilization', 'node_memory_utilization'),
  insights(CLUSTER, 'pod_cpu_utilization', 'pod_cpu_utilization'),
  insights(CLUSTER, 'pod_memory_utilization', 'pod_memory_utilization'),
  insights(CLUSTER, 'pod_cpu_requested_percent', 'pod_cpu_reserved_capacity'),
  insights(CLUSTER, 'pod_memory_requested_percent', 'pod_memory_reserved_capacity'),
  insights(SERVICE, 'cpu_utilized_units', 'CpuUtilized'),
  insights(SERVICE, 'cpu_reserved_units', 'CpuReserved'),
  insights(SERVICE, 'memory_utilized_mb', 'MemoryUtilized'),
  insights(SERVICE, 'memory_reserved_mb', 'MemoryReserved'),
  insights(SERVICE, 'running_tasks', 'RunningTaskCount'),
  { ...INSTANCE, metric: 'memory_utilization', namespace: 'CWAgent', name: 'mem_used_percent' },
  { ...INSTANCE, metric: 'memory_utilization', namespace: 'CWAgent', name: 'Memory % Committed Bytes In Use' },
  { ...INSTANCE, metric: 'disk_used_percent', namespace: 'CWAgent', name: 'disk_used_percent', where: { path: '/' } },
  { ...NODES, metric: 'memory_utilization', namespace: 'CWAgent', name: 'mem_used_percent' },
  { ...FUNCTION, metric: 'max_memory_used_mb', namespace: 'LambdaInsights', name: 'used_memory_max' },
];
