import type { Estate, Part } from '../estate.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';
import { VISITORS } from './network.ts';

type Balancer = [
  name: string,
  application: ApplicationName,
  role: Role,
  region: string,
  kind: 'application' | 'network',
  units: number,
];

const BALANCERS: Balancer[] = [
  ['storefront', 'storefront', 'production', 'us-east-1', 'application', 18],
  ['catalog', 'catalog', 'production', 'us-east-1', 'application', 11],
  ['mobile', 'mobile-api', 'production', 'us-east-1', 'application', 13],
  ['checkout', 'checkout', 'production', 'us-east-1', 'application', 7],
  ['search', 'search', 'production', 'us-east-1', 'application', 9],
  ['identity', 'identity', 'production', 'us-east-1', 'application', 4],
  ['orders', 'order-routing', 'production', 'us-east-1', 'application', 3],
  ['ledger', 'ledger', 'production', 'us-east-1', 'network', 4],
  ['events', 'event-stream', 'data', 'us-east-1', 'network', 6],
  ['storefront', 'storefront', 'production-eu', 'eu-west-1', 'application', 10],
  ['catalog', 'catalog', 'production-eu', 'eu-west-1', 'application', 6],
  ['checkout', 'checkout', 'production-eu', 'eu-west-1', 'application', 4],
  ['standby', 'storefront', 'production', 'us-west-2', 'application', 0.6],
  ['storefront', 'storefront', 'staging', 'us-east-1', 'application', 0.8],
  ['checkout', 'checkout', 'staging', 'us-east-1', 'application', 0.5],
  ['preview', 'storefront', 'development', 'us-east-1', 'application', 0.4],
  ['reports', 'reporting', 'analytics', 'us-east-1', 'application', 0.9],
  ['builds', 'build-system', 'shared-services', 'us-east-1', 'application', 1.2],
];

/** Load balancers, and those that nothing stands behind any more. */
export const balancers: Part = (estate, unit, rng) => {
  for (const balancer of BALANCERS) loadBalancer(estate, unit, rng, balancer);
  const idle: Balancer[] = [
    ['beta', 'mobile-api', 'production', 'us-east-1', 'application', 0],
    ['campaign', 'storefront', 'production-eu', 'eu-west-1', 'application', 0],
    ['partner', 'mobile-api', 'development', 'us-east-1', 'application', 0],
    ['pr-2210', 'checkout', 'development', 'us-east-1', 'application', 0],
    ['pr-2387', 'search', 'development', 'us-east-1', 'application', 0],
    ['replica', 'search', 'staging', 'us-west-2', 'application', 0],
    ['lab', 'assistant', 'sandbox', 'us-east-1', 'application', 0],
    ['intake', 'warehouse-sync', 'production', 'us-east-1', 'network', 0],
  ];
  for (const balancer of idle) {
    const { resource, streams } = loadBalancer(estate, unit, rng, balancer);
    estate.waste.push({
      check: 'elb-idle',
      resourceId: resource.id,
      owner: resource,
      streams,
      savedShare: 1,
      reason: 'No healthy target and no request for weeks.',
      evidence: {
        metrics: [balancer[4] === 'application' ? 'request_count' : 'active_flow_count', 'healthy_host_count'],
      },
      target: 'delete',
    });
  }
};

function loadBalancer(
  estate: Estate,
  unit: Unit,
  rng: Random,
  [name, application, role, region, kind, units]: Balancer,
) {
  const owner = ownerOf(unit, role, application, region);
  const short = kind === 'application' ? 'app' : 'net';
  const id = `arn:aws:elasticloadbalancing:${region}:${owner.account.id}:loadbalancer/${short}/${name}${unit.suffix}/${rng.hex(16)}`;
  const resource = estate.resource(
    {
      ...owner,
      id,
      type: 'elasticloadbalancing:loadbalancer',
      name: `${name}${unit.suffix}`,
      state: 'active',
      configuration: { type: kind, healthyTargets: units > 0 ? 3 : 0 },
    },
    rng,
  );
  const hour = estate.prices.other('ELB', `${kind} load balancer hour`, region);
  const capacity = estate.prices.other('ELB', kind === 'application' ? 'LCU hour' : 'NLCU hour', region);
  const prefix = usagePrefix(region);
  const common = {
    product: 'AWSELB',
    operation: `LoadBalancing:${kind === 'application' ? 'Application' : 'Network'}`,
    region,
    family: `Load Balancer-${kind === 'application' ? 'Application' : 'Network'}`,
  };
  const streams = [
    estate.hourly(
      resource,
      estate.sku({
        ...common,
        usageType: `${prefix}LoadBalancerUsage`,
        description: `$${hour} per ${kind} load balancer-hour (or partial hour)`,
        unit: 'Hrs',
        price: hour,
      }),
    ),
  ];
  const metric = kind === 'application' ? 'request_count' : 'active_flow_count';
  estate.metric(resource, metric, units * 900, { shape: 'visitors', samples: 60, decimals: 0 });
  estate.metric(resource, 'healthy_host_count', units > 0 ? 3 : 0, { noise: 0, peak: 1, samples: 60, decimals: 0 });
  if (units > 0) {
    const curve = role.startsWith('production') ? VISITORS : { weekend: 0.3 };
    const sku = estate.sku({
      ...common,
      usageType: `${prefix}LCUUsage`,
      description: `$${capacity} per used ${kind} load balancer capacity unit-hour`,
      unit: 'LCU-Hrs',
      price: capacity,
    });
    streams.push(estate.charge(resource, sku, units * 24, { curve }));
  }
  return { resource, streams };
}
