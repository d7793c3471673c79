import type { MeasuredResource } from '../../contract.ts';
import { lastPart } from '../inventory/kind.ts';

/** A metric of CloudWatch by which a metric of a resource is known. */
export interface MetricRule {
  resourceType: string;
  /** As stored. */
  metric: string;
  namespace: string;
  /** Metrics that are added up: then max and p95 are not below the true ones, which they need not share an hour's minute with. */
  names: readonly string[];
  /** Returns what names the resource there; undefined when it has no such metric. */
  dimensions(resource: MeasuredResource): Record<string, string> | undefined;
  /** The service reports only while there is use, so an hour it is silent about is an hour of zero. */
  silenceIsZero?: true;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const named = (key: string, value: string | undefined) => (value === undefined ? undefined : { [key]: value });

const instance = ({ resourceId }: MeasuredResource) => ({ InstanceId: resourceId });
const volume = ({ resourceId }: MeasuredResource) => ({ VolumeId: resourceId });
const gateway = ({ resourceId }: MeasuredResource) => ({ NatGatewayId: lastPart(resourceId) });
const lambda = ({ name }: MeasuredResource) => named('FunctionName', name ?? undefined);
const service = ({ name, configuration }: MeasuredResource) => {
  const cluster = text(configuration.cluster);
  return cluster === undefined || name === null ? undefined : { ClusterName: cluster, ServiceName: name };
};
/** The group that AWS keeps for the nodes; its metrics are over all its instances. */
const nodes = ({ configuration: { autoScalingGroups: groups } }: MeasuredResource) =>
  named('AutoScalingGroupName', Array.isArray(groups) ? text(groups[0]) : undefined);
const scalingGroup = ({ name }: MeasuredResource) => named('AutoScalingGroupName', name ?? undefined);
/** CloudWatch knows a load balancer by the end of its ARN: app/name/id. */
const balancer =
  (kind: 'application' | 'network') =>
  ({ resourceId, configuration }: MeasuredResource) =>
    configuration.type === kind ? named('LoadBalancer', resourceId.split(':loadbalancer/')[1]) : undefined;

/**
 * What is asked of CloudWatch, by the type of the resource. Sources: the pages on CloudWatch metrics of each service in the AWS
 * documentation; that Lambda and Application Load Balancers are silent while unused stands there too.
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
  {
    ...rule(
      'elasticloadbalancing:loadbalancer',
      'request_count',
      'AWS/ApplicationELB',
      ['RequestCount'],
      balancer('application'),
    ),
    silenceIsZero: true,
  },
  rule(
    'elasticloadbalancing:loadbalancer',
    'active_flow_count',
    'AWS/NetworkELB',
    ['ActiveFlowCount'],
    balancer('network'),
  ),
  rule('autoscaling:autoScalingGroup', 'cpu_utilization', 'AWS/EC2', ['CPUUtilization'], scalingGroup),
  rule('eks:nodegroup', 'cpu_utilization', 'AWS/EC2', ['CPUUtilization'], nodes),
  rule('ecs:service', 'cpu_utilization', 'AWS/ECS', ['CPUUtilization'], service),
  rule('ecs:service', 'memory_utilization', 'AWS/ECS', ['MemoryUtilization'], service),
  { ...rule('lambda:function', 'invocations', 'AWS/Lambda', ['Invocations'], lambda), silenceIsZero: true },
  rule('lambda:function', 'duration_ms', 'AWS/Lambda', ['Duration'], lambda),
  rule('lambda:function', 'errors', 'AWS/Lambda', ['Errors'], lambda),
  rule('lambda:function', 'throttles', 'AWS/Lambda', ['Throttles'], lambda),
];

function rule(
  resourceType: string,
  metric: string,
  namespace: string,
  names: readonly string[],
  dimensions: MetricRule['dimensions'],
): MetricRule {
  return { resourceType, metric, namespace, names, dimensions };
}

/**
 * A metric that only some resources have, because an agent must report it, under dimensions of the agent's choosing. Where it
 * is, is asked with ListMetrics.
 */
export interface AgentRule {
  resourceType: string;
  metric: string;
  namespace: string;
  name: string;
  /** The dimension that names the resource. */
  key: string;
  /** Further dimensions it must have. */
  where?: Readonly<Record<string, string>>;
}

/** Sources: the metrics of the CloudWatch agent and of Lambda Insights in the AWS documentation. */
export const AGENT_RULES: readonly AgentRule[] = [
  {
    resourceType: 'ec2:instance',
    metric: 'memory_utilization',
    namespace: 'CWAgent',
    name: 'mem_used_percent',
    key: 'InstanceId',
  },
  {
    resourceType: 'ec2:instance',
    metric: 'memory_utilization',
    namespace: 'CWAgent',
    name: 'Memory % Committed Bytes In Use',
    key: 'InstanceId',
  },
  {
    resourceType: 'ec2:instance',
    metric: 'disk_used_percent',
    namespace: 'CWAgent',
    name: 'disk_used_percent',
    key: 'InstanceId',
    where: { path: '/' },
  },
  {
    resourceType: 'lambda:function',
    metric: 'max_memory_used_mb',
    namespace: 'LambdaInsights',
    name: 'used_memory_max',
    key: 'function_name',
  },
];
