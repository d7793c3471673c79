import type { Estate, Part } from '../estate.ts';
import type { Owner, Resource } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { regionPrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';
import { type Instance, launch } from './instance.ts';

type NodeGroup = [name: string, type: string, nodes: number, cpu: number, memory: number, workloads: Workload[]];
/** CPU and memory a pod requests (vCPU, GB), and which part of each it uses. */
type Workload = [
  name: string,
  namespace: string,
  pods: number,
  vcpu: number,
  gb: number,
  cpuPart: number,
  memoryPart: number,
];
type Cluster = [name: string, application: ApplicationName, role: Role, region: string, groups: NodeGroup[]];

const CLUSTERS: Cluster[] = [
  [
    'shop',
    'storefront',
    'production',
    'us-east-1',
    [
      [
        'general',
        'm6i.4xlarge',
        5,
        51,
        62,
        [
          ['frontend', 'shop', 5, 3, 8, 0.62, 0.7],
          ['product-page', 'shop', 5, 3, 10, 0.66, 0.68],
          ['basket', 'shop', 6, 2, 6, 0.55, 0.66],
          ['search-proxy', 'search', 6, 2, 6, 0.6, 0.72],
          ['payment-adapter', 'payments', 4, 2, 6, 0.5, 0.61],
          ['telemetry-agent', 'platform', 5, 0.5, 2, 0.4, 0.75],
        ],
      ],
      [
        'bulk',
        'r6i.4xlarge',
        9,
        9,
        14,
        [
          ['catalog-import', 'catalog', 4, 2, 12, 0.25, 0.3],
          ['feed-export', 'catalog', 4, 1.5, 8, 0.2, 0.28],
          ['bulk-agent', 'platform', 8, 0.5, 2, 0.4, 0.75],
        ],
      ],
    ],
  ],
  [
    'shop-eu',
    'storefront',
    'production-eu',
    'eu-west-1',
    [
      [
        'general',
        'm5.2xlarge',
        4,
        47,
        59,
        [
          ['frontend', 'shop', 5, 2, 6, 0.6, 0.68],
          ['product-page', 'shop', 5, 2, 7, 0.64, 0.66],
          ['basket', 'shop', 5, 1, 4, 0.52, 0.63],
        ],
      ],
    ],
  ],
  [
    'platform',
    'observability',
    'shared-services',
    'us-east-1',
    [
      [
        'tools',
        'm6i.2xlarge',
        3,
        38,
        64,
        [
          ['prometheus', 'monitoring', 2, 3, 14, 0.6, 0.8],
          ['gateway', 'ingress', 3, 1, 2, 0.45, 0.6],
          ['argo', 'delivery', 2, 1, 4, 0.4, 0.58],
        ],
      ],
    ],
  ],
  [
    'staging',
    'storefront',
    'staging',
    'us-east-1',
    [
      [
        'general',
        'm5.xlarge',
        4,
        24,
        48,
        [
          ['frontend', 'shop', 3, 1, 3, 0.3, 0.5],
          ['basket', 'shop', 3, 0.5, 2, 0.25, 0.5],
          ['product-page', 'shop', 2, 1, 4, 0.3, 0.5],
        ],
      ],
    ],
  ],
];

/** Share of a nearly empty node group that fewer, smaller nodes would save. */
const UNDERUSED_SAVING = 2 / 3;

/** EKS clusters: the control plane, node groups of EC2 instances, and pods whose cost is split out of their nodes. */
export const kubernetes: Part = (estate, unit, rng) => {
  for (const cluster of CLUSTERS) addCluster(estate, unit, rng, cluster);
};

function addCluster(estate: Estate, unit: Unit, rng: Random, [shortName, application, role, region, groups]: Cluster) {
  const owner = ownerOf(unit, role, application, region);
  const name = `${shortName}${unit.suffix}`;
  const id = `arn:aws:eks:${region}:${owner.account.id}:cluster/${name}`;
  const cluster = estate.resource(
    {
      ...owner,
      id,
      type: 'eks:cluster',
      name,
      state: 'active',
      configuration: { version: shortName === 'platform' ? '1.30' : '1.33' },
    },
    rng,
  );
  estate.hourly(cluster, clusterSku(estate, region, 'cluster hour', 'AmazonEKS-Hours:perCluster'));
  if (shortName === 'platform') extendedSupport(estate, cluster, unit);
  for (const group of groups) addNodeGroup(estate, owner, rng, name, group);
}

function clusterSku(estate: Estate, region: string, item: string, usageType: string): number {
  const price = estate.prices.other('EKS', item, region);
  return estate.sku({
    product: 'AmazonEKS',
    usageType: `${regionPrefix(region)}${usageType}`,
    operation: 'CreateOperation',
    description: `Amazon EKS ${item} in ${region}`,
    unit: 'Hours',
    price,
    family: 'Compute',
    region,
  });
}

/** The version left standard support, and AWS charges half a dollar more an hour until the cluster is upgraded. */
function extendedSupport(estate: Estate, cluster: Resource, unit: Unit): void {
  const day = estate.calendar.ago(54);
  const sku = clusterSku(estate, cluster.region, 'extended support surcharge hour', 'AmazonEKS-Hours:extendedSupport');
  estate.changes.push({
    id: `price-eks-support${unit.suffix}`,
    kind: 'price',
    day,
    dimensions: { service: 'AmazonEKS', account: cluster.account.id, region: cluster.region, resource: cluster.id },
    reason: 'The cluster version went into extended support.',
    streams: [estate.hourly(cluster, sku, { from: day })],
  });
}

function addNodeGroup(estate: Estate, owner: Owner, rng: Random, cluster: string, group: NodeGroup): void {
  const [name, type, count, cpu, memory, workloads] = group;
  const id = `arn:aws:eks:${owner.region}:${owner.account.id}:nodegroup/${cluster}/${name}/${rng.hex(8)}-${rng.hex(4)}`;
  const resource = estate.resource(
    {
      ...owner,
      id,
      type: 'eks:nodegroup',
      name: `${cluster}-${name}`,
      state: 'active',
      configuration: { instanceType: type, desiredNodes: count, cluster },
    },
    rng,
  );
  const nodes = Array.from({ length: count }, (_, index) =>
    launch(estate, owner, rng, {
      name: `${cluster}-${name}-${index + 1}`,
      type,
      group: `eks-${cluster}-${name}`,
      nodegroup: { cluster, name: `${cluster}-${name}` },
      root: { gb: 100, type: 'gp3' },
      activity: {
        cpu: cpu * rng.between(0.9, 1.1),
        memory: memory * rng.between(0.95, 1.05),
        networkMb: 24_000,
        shape: 'visitors',
      },
    }),
  );
  const options = { shape: 'visitors', cap: 100, samples: 60 };
  estate.metric(resource, 'cpu_utilization', cpu, options);
  estate.metric(resource, 'memory_utilization', memory, { ...options, shape: 'flat', noise: 0.05, peak: 1.1 });
  schedule(estate, owner, rng, cluster, workloads, nodes, type);
  if (cpu > 15) return;
  estate.waste.push({
    check: 'eks-nodegroup-underused',
    resourceId: id,
    owner,
    streams: nodes.flatMap(({ hours, volumes }) => [...hours, ...volumes.flatMap((one) => one.streams)]),
    savedShare: UNDERUSED_SAVING,
    reason: 'Its pods request and use a small part of the nodes; three nodes would hold them.',
    evidence: { metrics: ['cpu_utilization', 'memory_utilization'] },
    target: `3 nodes of ${type}`,
  });
}

/** Spreads the pods over the nodes in turn, and gives each a share of its node's cost, by CPU and by memory. */
function schedule(
  estate: Estate,
  owner: Owner,
  rng: Random,
  cluster: string,
  workloads: Workload[],
  nodes: Instance[],
  type: string,
) {
  const vcpu = podSku(estate, owner.region, 'vCPU-Hours');
  const memory = podSku(estate, owner.region, 'GB-Hours');
  let turn = 0;
  for (const [name, namespace, pods, cpus, gb, cpuPart, memoryPart] of workloads) {
    const deployment = `${name}-${rng.hex(9)}`;
    for (let index = 0; index < pods; index++) {
      const node = nodes[turn++ % nodes.length] as Instance;
      const tags = estate.tagSet({
        aws_eks_cluster_name: cluster,
        aws_eks_deployment: name,
        aws_eks_namespace: namespace,
        aws_eks_node: node.resource.id,
        aws_eks_workload_name: name,
        aws_eks_workload_type: 'ReplicaSet',
      });
      const id = `arn:aws:eks:${owner.region}:${owner.account.id}:pod/${cluster}/${namespace}/${deployment}-${rng.hex(5)}/${rng.hex(8)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(12)}`;
      const site: Resource = { ...node.resource, id, tags };
      const share = {
        nodeStreams: node.hours,
        nodeInstance: node.resource.id,
        nodeVcpus: estate.prices.vcpus(type),
        nodeMemory: estate.prices.memoryGib(type),
      };
      const cpuStream = estate.charge(site, vcpu, 0);
      estate.pods.push({ ...share, stream: cpuStream, resource: 'vcpu', request: cpus, usedPart: cpuPart });
      const memoryStream = estate.charge(site, memory, 0);
      estate.pods.push({ ...share, stream: memoryStream, resource: 'memory', request: gb, usedPart: memoryPart });
    }
    const workload = { namespace, replicas: pods, requestedVcpus: cpus, requestedMemoryGib: gb };
    workloadMetrics(estate, owner, rng, cluster, name, workload, cpuPart, memoryPart);
  }
}

interface WorkloadConfiguration {
  namespace: string;
  replicas: number;
  requestedVcpus: number;
  requestedMemoryGib: number;
}

function workloadMetrics(
  estate: Estate,
  owner: Owner,
  rng: Random,
  cluster: string,
  name: string,
  configuration: WorkloadConfiguration,
  cpuPart: number,
  memoryPart: number,
) {
  const id = `arn:aws:eks:${owner.region}:${owner.account.id}:workload/${cluster}/${configuration.namespace}/${name}`;
  const site = estate.resource(
    {
      ...owner,
      id,
      type: 'eks:workload',
      name: `${cluster}/${name}`,
      state: 'active',
      configuration: { cluster, ...configuration },
    },
    rng,
  );
  estate.metric(site, 'cpu_utilization_of_request', cpuPart * 100, { shape: 'visitors', samples: 60 });
  estate.metric(site, 'memory_utilization_of_request', memoryPart * 100, { noise: 0.05, peak: 1.1, samples: 60 });
}

function podSku(estate: Estate, region: string, kind: 'vCPU-Hours' | 'GB-Hours'): number {
  return estate.sku({
    product: 'AmazonEKS',
    usageType: `${regionPrefix(region)}EKS-EC2-${kind}`,
    operation: 'EKSPod-EC2',
    description: `Split cost of an EC2 instance by ${kind}`,
    unit: kind,
    price: '0',
    family: 'Compute',
    region,
  });
}
