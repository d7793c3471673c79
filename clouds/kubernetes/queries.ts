/**
 * What Penny asks of Prometheus. Containers are measured by cAdvisor (in the kubelet), what they are is told by kube-state-metrics 2.
 * Source: https://github.com/kubernetes/kube-state-metrics/tree/main/docs, https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
 * `cluster` is the label that tells clusters apart.
 */
export interface Queries {
  /** Which clusters report. */
  clusters: string;
  usage: {
    /** Cores in use, a container of a pod. */
    cpu: string;
    /** Mean and highest working set, in bytes: what lies between two evaluations counts too. */
    memory: string;
    memoryPeak: string;
    /** What nodes can give, by resource; pods' requests of it, and what pods use of it. */
    allocatable: string;
    nodeRequests: string;
    nodeCpu: string;
    nodeMemory: string;
  };
  /** How often a container was killed for want of memory in the hour before. */
  oomKills: string;
  /** Over a time such as '6h': who owns a pod, a replica set, a job; what containers request; what nodes have. */
  facts(window: string): Facts;
  /** What workloads are now, over a time such as '7d:1h'. */
  inventory(window: string): Inventory;
}

interface Facts {
  podOwners: string;
  replicaSetOwners: string;
  jobOwners: string;
  requests: string;
  nodes: string;
}

interface Inventory {
  limits: string;
  podsCreated: string;
  images: string;
  jvms: string;
  replicas: string;
  created: string;
  labels: string;
  namespaceLabels: string;
  autoscalers: string;
  autoscalerMin: string;
  autoscalerMax: string;
  autoscalerMetrics: string;
}

/** Each evaluation looks this far back, and they are this far apart. */
export const STEP_SECONDS = 300;

/** The kinds whose objects kube-state-metrics names by a label of their own. */
export const WORKLOAD_LABELS = ['deployment', 'statefulset', 'daemonset', 'cronjob'] as const;

/** Returns the expressions. A container of a pod may be scraped twice, or once before and once after a restart: `max` counts it once. */
export function queriesOf(cluster: string): Queries {
  const container = `${cluster}, namespace, pod, container`;
  const containers = `{container!="", container!="POD"}`;
  const max = (by: string, what: string) => `max by (${by}) (${what})`;
  const rate = max(container, `rate(container_cpu_usage_seconds_total${containers}[5m])`);
  const memory = (of: 'avg' | 'max') =>
    max(container, `${of}_over_time(container_memory_working_set_bytes${containers}[5m])`);
  const byNode = (what: string) =>
    `sum by (${cluster}, node) (${what} * on (${cluster}, namespace, pod) group_left (node) ${max(`${cluster}, namespace, pod, node`, 'kube_pod_info{node!=""}')})`;
  const running = max(`${cluster}, namespace, pod`, 'kube_pod_status_phase{phase="Running"} == 1');
  const requests = 'kube_pod_container_resource_requests{resource=~"cpu|memory"}';
  const restarts = max(container, 'changes(kube_pod_container_status_restarts_total[1h])');
  const killed = max(container, 'kube_pod_container_status_last_terminated_reason{reason="OOMKilled"}');
  return {
    clusters: `group by (${cluster}) (last_over_time(kube_pod_owner[1h]))`,
    usage: {
      cpu: rate,
      memory: memory('avg'),
      memoryPeak: memory('max'),
      allocatable: max(`${cluster}, node, resource`, 'kube_node_status_allocatable{resource=~"cpu|memory"}'),
      nodeRequests: `sum by (${cluster}, node, resource) (${max(`${container}, node, resource`, requests)} * on (${cluster}, namespace, pod) group_left () ${running})`,
      nodeCpu: byNode(rate),
      nodeMemory: byNode(memory('avg')),
    },
    oomKills: `(${restarts} and (${killed} == 1)) or ${restarts} * 0`,
    facts: (window) => {
      const over = (by: string, what: string) => max(`${cluster}, ${by}`, `last_over_time(${what}[${window}])`);
      return {
        podOwners: over('namespace, pod, owner_kind, owner_name', 'kube_pod_owner{owner_is_controller!="false"}'),
        replicaSetOwners: over('namespace, replicaset, owner_kind, owner_name', 'kube_replicaset_owner'),
        jobOwners: over('namespace, job_name, owner_kind, owner_name', 'kube_job_owner'),
        requests: over('namespace, pod, container, resource', requests),
        nodes: over('node, provider_id', 'kube_node_info'),
      };
    },
    inventory: (window) => {
      const over = (by: string, what: string, time = '1h') =>
        max(`${cluster}, ${by}`, `last_over_time(${what}[${time}])`);
      const owner = `namespace, ${WORKLOAD_LABELS.join(', ')}`;
      const scaler = 'namespace, horizontalpodautoscaler';
      const named = (name: string) => `{__name__=~"kube_(${WORKLOAD_LABELS.join('|')})_${name}"}`;
      return {
        limits: over(
          'namespace, pod, container, resource',
          'kube_pod_container_resource_limits{resource=~"cpu|memory"}',
          window,
        ),
        podsCreated: over('namespace, pod', 'kube_pod_created', window),
        images: over('namespace, pod, container, image', 'kube_pod_container_info', window),
        // As Micrometer, the Java client of Prometheus and OpenTelemetry call it.
        jvms: max(`${cluster}, namespace, pod`, '{__name__=~"jvm_memory_used_bytes|jvm_memory_bytes_used", pod!=""}'),
        replicas: over(
          owner,
          '{__name__=~"kube_deployment_spec_replicas|kube_statefulset_replicas|kube_daemonset_status_desired_number_scheduled"}',
        ),
        created: over(owner, named('created')),
        labels: `last_over_time(${named('labels')}[1h])`,
        namespaceLabels: 'last_over_time(kube_namespace_labels[1h])',
        autoscalers: over(`${scaler}, scaletargetref_kind, scaletargetref_name`, 'kube_horizontalpodautoscaler_info'),
        autoscalerMin: over(scaler, 'kube_horizontalpodautoscaler_spec_min_replicas'),
        autoscalerMax: over(scaler, 'kube_horizontalpodautoscaler_spec_max_replicas'),
        autoscalerMetrics: over(`${scaler}, metric_name`, 'kube_horizontalpodautoscaler_spec_target_metric'),
      };
    },
  };
}
