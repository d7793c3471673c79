import type { KnownCluster } from '../contract.ts';
import type { Scraped } from './prometheus.fixture.ts';

/** When the samples begin and end: three hours, a sample a minute. */
export const BEGIN = Date.parse('2026-03-01T00:00:00Z') / 1000;
export const END = BEGIN + 3 * 3600;

export const MIB = 2 ** 20;

/** A cluster as the inventory has it. */
export const knownCluster = (name: string): KnownCluster => ({
  resourceId: `arn:aws:eks:eu-west-1:222222222222:cluster/${name}`,
  name,
  serviceName: 'Amazon Elastic Container Service for Kubernetes',
  serviceProviderName: 'AWS',
  accountId: '222222222222',
  billingAccountId: '111111111111',
  regionId: 'eu-west-1',
  workloadType: 'eks:workload',
});

type ValueAt = (seconds: number, minute: number) => number | undefined;

const scraped = (name: string, labels: Record<string, string>, value: ValueAt | number): Scraped => ({
  series: `${name}{${Object.entries(labels)
    .map(([key, text]) => `${key}="${text}"`)
    .join(',')}}`,
  samples: Array.from({ length: 181 }, (_, minute) => minute).flatMap((minute) => {
    const seconds = BEGIN + minute * 60;
    const given = typeof value === 'number' ? value : value(seconds, minute);
    return given === undefined ? [] : [[seconds, given] as const];
  }),
});

interface Pod {
  namespace: string;
  pod: string;
  container: string;
  owner: [kind: string, name: string];
  image: string;
  cores: number;
  memory: ValueAt | number;
  requests?: { cpu: number; memory: number };
  fromMinute?: number;
}

const MACHINE = { node: 'ip-10-0-0-1' };

function ofPod(cluster: string, one: Pod): Scraped[] {
  const { namespace, pod, container, owner, fromMinute = 0 } = one;
  const of = { cluster, namespace, pod };
  const since =
    (value: ValueAt | number): ValueAt =>
    (seconds, minute) =>
      minute < fromMinute ? undefined : typeof value === 'number' ? value : value(seconds, minute);
  const counter = (cores: number) => since((_, minute) => (minute - fromMinute) * 60 * cores);
  const requests = Object.entries(one.requests ?? {}).map(([resource, amount]) =>
    scraped(
      'kube_pod_container_resource_requests',
      { ...of, container, resource, ...MACHINE, unit: resource === 'cpu' ? 'core' : 'byte' },
      since(amount),
    ),
  );
  return [
    scraped('container_cpu_usage_seconds_total', { ...of, container, id: '/a' }, counter(one.cores)),
    // The pod as a whole, and what holds it together, are no containers.
    scraped('container_cpu_usage_seconds_total', { ...of, container: 'POD', id: '/b' }, counter(9)),
    scraped('container_cpu_usage_seconds_total', { ...of, id: '/c' }, counter(9)),
    scraped('container_memory_working_set_bytes', { ...of, container, id: '/a' }, since(one.memory)),
    // Scraped by a second replica of Prometheus, too.
    scraped('container_memory_working_set_bytes', { ...of, container, id: '/a', replica: '2' }, since(one.memory)),
    scraped(
      'kube_pod_owner',
      { ...of, owner_kind: owner[0], owner_name: owner[1], owner_is_controller: 'true' },
      since(1),
    ),
    scraped('kube_pod_info', { ...of, ...MACHINE }, since(1)),
    scraped('kube_pod_created', of, since(BEGIN + fromMinute * 60)),
    scraped('kube_pod_status_phase', { ...of, phase: 'Running' }, since(1)),
    scraped('kube_pod_container_info', { ...of, container, image: one.image }, since(1)),
    ...requests,
  ];
}

const CART: Pod = {
  ...{ namespace: 'shop', pod: 'cart-7d9-a', container: 'cart', owner: ['ReplicaSet', 'cart-7d9'] },
  ...{ image: 'registry.example/cart:1', cores: 0.25, requests: { cpu: 0.5, memory: 512 * MIB } },
  // A peak that no evaluation falls on, and a value that is none.
  memory: (_, minute) => (minute === 32 ? 400 * MIB : minute === 70 ? Number.NaN : 200 * MIB),
};

/** What cAdvisor and kube-state-metrics tell of a small cluster. */
export function samplesOf(cluster: string): Scraped[] {
  const shop = { cluster, namespace: 'shop' };
  const scaler = { ...shop, horizontalpodautoscaler: 'cart' };
  const store: Pod = {
    ...{ namespace: 'shop', pod: 'store-0', container: 'store', owner: ['StatefulSet', 'store'] },
    ...{ image: 'registry.example/store:1', cores: 0.1, memory: 900 * MIB },
  };
  const report: Pod = {
    ...{ namespace: 'shop', pod: 'report-289-x', container: 'main', owner: ['Job', 'report-289'] },
    ...{ image: 'python:3.13', cores: 1, memory: 100 * MIB },
  };
  return [
    ...ofPod(cluster, CART),
    ...ofPod(cluster, {
      ...CART,
      pod: 'cart-7d9-b',
      cores: 0.5,
      memory: 200 * MIB,
      fromMinute: 90,
      image: 'registry.example/cart:2',
    }),
    ...ofPod(cluster, store),
    ...ofPod(cluster, report),
    scraped(
      'kube_replicaset_owner',
      { ...shop, replicaset: 'cart-7d9', owner_kind: 'Deployment', owner_name: 'cart' },
      1,
    ),
    scraped('kube_job_owner', { ...shop, job_name: 'report-289', owner_kind: 'CronJob', owner_name: 'report' }, 1),
    scraped('kube_deployment_spec_replicas', { ...shop, deployment: 'cart' }, 2),
    scraped('kube_statefulset_replicas', { ...shop, statefulset: 'store' }, 1),
    scraped('kube_deployment_created', { ...shop, deployment: 'cart' }, BEGIN - 86_400),
    scraped('kube_deployment_labels', { ...shop, deployment: 'cart', label_team: 'checkout' }, 1),
    scraped('kube_namespace_labels', { ...shop, label_team: 'shop', label_environment: 'production' }, 1),
    scraped(
      'kube_horizontalpodautoscaler_info',
      { ...scaler, scaletargetref_kind: 'Deployment', scaletargetref_name: 'cart' },
      1,
    ),
    scraped('kube_horizontalpodautoscaler_spec_min_replicas', scaler, 2),
    scraped('kube_horizontalpodautoscaler_spec_max_replicas', scaler, 6),
    scraped('kube_horizontalpodautoscaler_spec_target_metric', { ...scaler, metric_name: 'cpu' }, 70),
    scraped(
      'kube_pod_container_resource_limits',
      { ...shop, pod: 'store-0', container: 'store', resource: 'memory' },
      1024 * MIB,
    ),
    scraped('jvm_memory_used_bytes', { ...shop, pod: 'store-0', area: 'heap' }, 1),
    // Killed for want of memory in the second hour.
    scraped('kube_pod_container_status_restarts_total', { ...shop, pod: 'store-0', container: 'store' }, (_, minute) =>
      minute < 80 ? 0 : 1,
    ),
    scraped(
      'kube_pod_container_status_last_terminated_reason',
      { ...shop, pod: 'store-0', container: 'store', reason: 'OOMKilled' },
      (_, minute) => (minute < 80 ? undefined : 1),
    ),
    scraped('kube_node_info', { cluster, ...MACHINE, provider_id: 'aws:///eu-west-1a/i-0abc' }, 1),
    scraped('kube_node_status_allocatable', { cluster, ...MACHINE, resource: 'cpu' }, 4),
    scraped('kube_node_status_allocatable', { cluster, ...MACHINE, resource: 'memory' }, 16 * 1024 * MIB),
  ];
}
