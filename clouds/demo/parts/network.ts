import type { Curve } from '../curves.ts';
import type { Estate, Owner, Part, Resource } from '../estate.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { locationOf, regionPrefix, usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';

const VISITORS: Curve = { growth: 0.008, weekend: 0.82, visitors: true };

/** Gateways, load balancers, addresses, endpoints and the traffic between and out of them. */
export const network: Part = (estate, unit, rng) => {
  natGateways(estate, unit, rng);
  loadBalancers(estate, unit, rng);
  addresses(estate, unit, rng);
  privateNetwork(estate, unit, rng);
  transfer(estate, unit);
  edge(estate, unit, rng);
};

function natGateway(
  estate: Estate,
  owner: Owner,
  rng: Random,
  name: string,
  gbPerDay: number,
  options: { to?: number; from?: number } = {},
) {
  const id = `nat-0${rng.hex(16)}`;
  const gateway = estate.resource(
    {
      ...owner,
      id: `arn:aws:ec2:${owner.region}:${owner.account.id}:natgateway/${id}`,
      type: 'ec2:natgateway',
      name,
      state: options.to === undefined ? 'available' : 'deleted',
      configuration: { natGatewayId: id },
      fromDay: options.from ?? 0,
      toDay: options.to ?? estate.calendar.days,
    },
    rng,
  );
  const price = (item: string) => estate.prices.other('EC2', item, owner.region);
  const common = { product: 'AmazonEC2', operation: 'NatGateway', family: 'NAT Gateway', region: owner.region };
  const prefix = usagePrefix(owner.region);
  const hour = price('NAT gateway hour');
  const gb = price('NAT gateway data processed');
  const hours = estate.hourly(
    gateway,
    estate.sku({
      ...common,
      usageType: `${prefix}NatGateway-Hours`,
      description: `$${hour} per NAT Gateway Hour`,
      unit: 'Hrs',
      price: hour,
    }),
  );
  const bytes = estate.charge(
    gateway,
    estate.sku({
      ...common,
      usageType: `${prefix}NatGateway-Bytes`,
      description: `$${gb} per GB Data Processed by NAT Gateways`,
      unit: 'GB',
      price: gb,
    }),
    gbPerDay,
    {
      curve: owner.account.role.startsWith('production') ? VISITORS : { weekend: 0.5 },
    },
  );
  return { gateway, hours, bytes };
}

function natGateways(estate: Estate, unit: Unit, rng: Random): void {
  const busy: [ApplicationName, Role, string, number, number][] = [
    ['storefront', 'production', 'us-east-1', 3, 420],
    ['storefront', 'production-eu', 'eu-west-1', 3, 230],
    ['storefront', 'staging', 'us-east-1', 2, 38],
    ['build-system', 'development', 'us-east-1', 1, 55],
    ['data-lake', 'data', 'us-east-1', 2, 340],
    ['demand-forecast', 'machine-learning', 'us-east-1', 1, 140],
    ['build-system', 'shared-services', 'us-east-1', 2, 140],
    ['reporting', 'analytics', 'us-east-1', 1, 35],
  ];
  for (const [application, role, region, count, gb] of busy) {
    for (let index = 0; index < count; index++) {
      const owner = ownerOf(unit, role, application, region);
      const { gateway, bytes } = natGateway(estate, owner, rng, `${application}-nat-${'abc'[index]}${unit.suffix}`, gb);
      natMetrics(estate, gateway, gb);
      if (application === 'data-lake' && index === 0) natLoop(estate, owner, gateway.id, bytes, unit);
    }
  }
  const idle: [ApplicationName, Role, string][] = [
    ['search', 'staging', 'us-west-2'],
    ['mobile-api', 'development', 'us-east-1'],
    ['search', 'development', 'us-west-2'],
    ['assistant', 'sandbox', 'us-east-1'],
    ['warehouse-sync', 'production', 'us-west-2'],
    ['reporting', 'analytics', 'us-east-1'],
  ];
  for (const [application, role, region] of idle) {
    const { gateway, hours } = natGateway(
      estate,
      ownerOf(unit, role, application, region),
      rng,
      `${application}-nat-old${unit.suffix}`.replace('-old', '-b'),
      0,
    );
    natMetrics(estate, gateway, 0);
    estate.waste.push({
      check: 'nat-idle',
      resourceId: gateway.id,
      owner: gateway,
      streams: [hours],
      savedShare: 1,
      reason: 'No connection and no byte in either direction for more than 32 days.',
      evidence: { metrics: ['active_connection_count', 'bytes_in_from_source', 'bytes_in_from_destination'] },
      target: 'delete',
    });
  }
  const quiet = natGateway(
    estate,
    ownerOf(unit, 'network', 'networking', 'us-east-1'),
    rng,
    `vpn-egress${unit.suffix}`,
    0.6,
  );
  natMetrics(estate, quiet.gateway, 0.6);
  estate.decoys.push({
    check: 'nat-idle',
    resourceId: quiet.gateway.id,
    reason: 'Little traffic, but some every hour.',
  });
  const day = estate.calendar.ago(47);
  const removed = Array.from({ length: 3 }, (_, index) =>
    natGateway(
      estate,
      ownerOf(unit, 'data', 'event-stream', 'us-east-1'),
      rng,
      `event-stream-nat-${'abc'[index]}${unit.suffix}`,
      0,
      { to: day },
    ),
  );
  estate.remediations.push({
    action: 'delete-nat-gateway',
    day,
    owner: ownerOf(unit, 'data', 'event-stream', 'us-east-1'),
    resourceIds: removed.map(({ gateway }) => gateway.id),
    streams: removed.map(({ hours }) => hours),
    reason: 'NAT gateways without traffic deleted.',
  });
}

function natMetrics(estate: Estate, gateway: Resource, gbPerDay: number): void {
  // A sample is a minute: 1,440 a day.
  const bytes = (gbPerDay * 1e9) / 1440;
  const shape = gateway.account.role.startsWith('production') ? 'visitors' : 'office';
  estate.metric(gateway, 'active_connection_count', gbPerDay * 3, { shape, samples: 60, decimals: 0 });
  estate.metric(gateway, 'bytes_in_from_source', bytes * 0.2, { shape, samples: 60, decimals: 0 });
  estate.metric(gateway, 'bytes_in_from_destination', bytes * 0.8, { shape, samples: 60, decimals: 0 });
}

function natLoop(estate: Estate, owner: Owner, resource: string, stream: number, unit: Unit): void {
  estate.events.push({
    id: `shift-nat-lake${unit.suffix}`,
    kind: 'anomaly',
    shape: 'level shift',
    fromDay: estate.calendar.ago(214),
    toDay: estate.calendar.ago(203),
    dimensions: { service: 'AmazonEC2', account: owner.account.id, region: owner.region, resource },
    reason: 'The loader read its buckets through the NAT gateway until the S3 gateway endpoint was put back.',
    effects: [{ stream, factor: () => 7.5 }],
    born: [],
  });
}

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

function loadBalancers(estate: Estate, unit: Unit, rng: Random): void {
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
}

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

function addresses(estate: Estate, unit: Unit, rng: Random): void {
  const address = (application: ApplicationName, role: Role, region: string, used: boolean, to?: number) => {
    const owner = ownerOf(unit, role, application, region);
    const allocation = `eipalloc-0${rng.hex(16)}`;
    const resource = estate.resource(
      {
        ...owner,
        id: `arn:aws:ec2:${region}:${owner.account.id}:elastic-ip/${allocation}`,
        type: 'ec2:elastic-ip',
        name: `${application}-${rng.hex(4)}`,
        state: to !== undefined ? 'released' : used ? 'associated' : 'unassociated',
        configuration: { allocationId: allocation },
        toDay: to ?? estate.calendar.days,
      },
      rng,
    );
    const price = estate.prices.other('VPC', used ? 'public IPv4 address in use' : 'public IPv4 address idle', region);
    const sku = estate.sku({
      product: 'AmazonVPC',
      usageType: `${regionPrefix(region)}PublicIPv4:${used ? 'InUse' : 'Idle'}Address`,
      operation: used ? 'AllocateAddressVPC' : 'AllocateAddressVPC',
      description: `$${price} per ${used ? 'In-use' : 'Idle'} public IPv4 address per hour`,
      unit: 'Hrs',
      price,
      family: 'VpcPublicIpAddress',
      region,
    });
    return { resource, stream: estate.hourly(resource, sku) };
  };
  const homes: [ApplicationName, Role, string][] = [
    ['storefront', 'production', 'us-east-1'],
    ['networking', 'network', 'us-east-1'],
    ['checkout', 'production-eu', 'eu-west-1'],
    ['build-system', 'shared-services', 'us-east-1'],
    ['data-lake', 'data', 'us-east-1'],
  ];
  const home = (index: number) => homes[index % homes.length] as [ApplicationName, Role, string];
  for (let index = 0; index < 40; index++) address(...home(index), true);
  for (let index = 0; index < 26; index++) {
    const { resource, stream } = address(...home(index), false);
    estate.waste.push({
      check: 'eip-unattached',
      resourceId: resource.id,
      owner: resource,
      streams: [stream],
      savedShare: 1,
      reason: 'The address is associated with nothing.',
      evidence: { inventory: 'unassociated' },
      target: 'release',
    });
  }
  const day = estate.calendar.ago(34);
  const released = Array.from({ length: 12 }, (_, index) => address(...home(index), false, day));
  estate.remediations.push({
    action: 'release-address',
    day,
    owner: ownerOf(unit, 'network', 'networking', 'us-east-1'),
    resourceIds: released.map(({ resource }) => resource.id),
    streams: released.map(({ stream }) => stream),
    reason: 'Unassociated addresses released.',
  });
}

function privateNetwork(estate: Estate, unit: Unit, rng: Random): void {
  const region = 'us-east-1';
  const vpc = (item: string, usageType: string, operation: string, unitName: string, family: string) => {
    const price = estate.prices.other('VPC', item, region);
    return estate.sku({
      product: 'AmazonVPC',
      usageType: `${regionPrefix(region)}${usageType}`,
      operation,
      description: `$${price} per ${unitName} - ${item}`,
      unit: unitName,
      price,
      family,
      region,
    });
  };
  const attachment = vpc(
    'transit gateway attachment hour',
    'TransitGateway-Hours',
    'TransitGatewayVPC',
    'hour',
    'VpcTransitGateway',
  );
  const traffic = vpc(
    'transit gateway data processed',
    'TransitGateway-Bytes',
    'TransitGatewayVPC',
    'GB',
    'VpcTransitGateway',
  );
  const endpoint = vpc('interface endpoint hour', 'VpcEndpoint-Hours', 'VpcEndpoint', 'Hrs', 'VpcEndpoint');
  for (const role of ['production', 'staging', 'development', 'data', 'machine-learning', 'shared-services'] as const) {
    const owner = ownerOf(unit, role, 'networking', region);
    const id = `arn:aws:ec2:${region}:${owner.account.id}:transit-gateway-attachment/tgw-attach-0${rng.hex(16)}`;
    const resource = estate.resource(
      { ...owner, id, type: 'ec2:transit-gateway-attachment', name: `${role}-core${unit.suffix}` },
      rng,
    );
    estate.hourly(resource, attachment);
    estate.charge(resource, traffic, role === 'production' || role === 'data' ? 900 : 120, {
      curve: { growth: 0.01, weekend: 0.7 },
    });
    const endpoints = estate.resource(
      {
        ...owner,
        id: `arn:aws:ec2:${region}:${owner.account.id}:vpc-endpoint/vpce-0${rng.hex(16)}`,
        type: 'ec2:vpc-endpoint',
        name: `${role}-services${unit.suffix}`,
      },
      rng,
    );
    estate.charge(endpoints, endpoint, 24 * 9, { noise: 0 });
  }
}

/** Traffic that no single resource answers for; one night a bucket was copied out of Europe. */
function transfer(estate: Estate, unit: Unit): void {
  const sku = (region: string, item: string, usageType: string) => {
    const price = estate.prices.other('EC2', item, region);
    return estate.sku({
      product: 'AmazonEC2',
      serviceCode: 'AWSDataTransfer',
      usageType: `${usagePrefix(region)}${usageType}`,
      operation: usageType.includes('Regional') ? 'InterZone-Out' : 'RunInstances',
      description: `$${price} per GB - ${item} from ${locationOf(region)}`,
      unit: 'GB',
      price,
      family: 'Data Transfer',
      region,
    });
  };
  const flows: [Role, ApplicationName, string, number, number, number][] = [
    ['production', 'storefront', 'us-east-1', 400, 2900, 200],
    ['production-eu', 'storefront', 'eu-west-1', 260, 1400, 180],
    ['data', 'data-lake', 'us-east-1', 60, 2600, 320],
    ['machine-learning', 'recommendations', 'us-east-1', 12, 700, 40],
    ['shared-services', 'build-system', 'us-east-1', 45, 500, 20],
    ['staging', 'storefront', 'us-east-1', 6, 160, 8],
  ];
  for (const [role, application, region, internet, zones, regions] of flows) {
    const owner = ownerOf(unit, role, application, region);
    const out = estate.charge(owner, sku(region, 'data transfer out to internet', 'DataTransfer-Out-Bytes'), internet, {
      curve: VISITORS,
    });
    estate.charge(owner, sku(region, 'data transfer between zones', 'DataTransfer-Regional-Bytes'), zones, {
      curve: VISITORS,
    });
    estate.charge(owner, sku(region, 'data transfer to another region', 'AWS-Out-Bytes'), regions, { curve: VISITORS });
    if (role !== 'production-eu') continue;
    estate.events.push({
      id: `burst-transfer-eu${unit.suffix}`,
      kind: 'anomaly',
      shape: 'data transfer burst',
      fromDay: estate.calendar.ago(13),
      toDay: estate.calendar.ago(11),
      dimensions: { service: 'AmazonEC2', account: owner.account.id, region, usageType: 'EU-DataTransfer-Out-Bytes' },
      reason: 'An export job sent its files over the internet for two nights.',
      effects: [{ stream: out, factor: () => 37 }],
      born: [],
    });
  }
}

/** What the shop's visitors reach first: the content network, names, firewall and API. */
function edge(estate: Estate, unit: Unit, rng: Random): void {
  const sites: [ApplicationName, Role, string, string, number, number][] = [
    ['storefront', 'production', 'us-east-1', 'US', 640, 55],
    ['catalog', 'production', 'us-east-1', 'US', 260, 23],
    ['storefront', 'production-eu', 'eu-west-1', 'EU', 350, 29],
  ];
  for (const [application, role, region, place, gb, millions] of sites) {
    const owner = ownerOf(unit, role, application, region);
    const id = `arn:aws:cloudfront::${owner.account.id}:distribution/E${rng.code(13)}`;
    const site = estate.resource(
      {
        ...owner,
        id,
        type: 'cloudfront:distribution',
        name: `${application}-${place.toLowerCase()}${unit.suffix}`,
        state: 'deployed',
      },
      rng,
    );
    const out = estate.prices.other('CloudFront', 'data transfer out', region);
    const requests = estate.prices.other('CloudFront', 'HTTPS requests', region);
    const common = { product: 'AmazonCloudFront', operation: 'GET', region };
    const bytes = estate.charge(
      site,
      estate.sku({
        ...common,
        usageType: `${place}-DataTransfer-Out-Bytes`,
        description: `$${out} per GB - data transfer out (${place})`,
        unit: 'GB',
        price: out,
        family: 'Data Transfer',
      }),
      gb,
      { curve: VISITORS },
    );
    const hits = estate.charge(
      site,
      estate.sku({
        ...common,
        usageType: `${place}-Requests-Tier2-HTTPS`,
        description: `$${requests} per HTTPS request (${place})`,
        unit: 'Requests',
        price: requests,
        family: 'Request',
      }),
      millions * 1e6,
      { curve: VISITORS },
    );
    if (role === 'production-eu') outage(estate, owner, site.id, [bytes, hits], unit);
  }
  firewallAndNames(estate, unit, rng);
}

function outage(estate: Estate, owner: Owner, resource: string, streams: number[], unit: Unit): void {
  estate.events.push({
    id: `drop-storefront-eu${unit.suffix}`,
    kind: 'anomaly',
    shape: 'drop',
    fromDay: estate.calendar.ago(29),
    toDay: estate.calendar.ago(27),
    dimensions: { service: 'AmazonCloudFront', account: owner.account.id, region: owner.region, resource },
    reason: 'The European shop was out of reach for most of two days.',
    effects: streams.map((stream) => ({ stream, factor: () => 0.22 })),
    born: [],
  });
}

function firewallAndNames(estate: Estate, unit: Unit, rng: Random): void {
  const region = 'us-east-1';
  const item = (service: string, name: string) => estate.prices.other(service, name, region);
  for (const role of ['production', 'production-eu'] as const) {
    const owner = ownerOf(unit, role, 'storefront', role === 'production' ? region : 'eu-west-1');
    const acl = estate.resource(
      {
        ...owner,
        id: `arn:aws:wafv2:us-east-1:${owner.account.id}:global/webacl/shop/${rng.hex(8)}-${rng.hex(4)}`,
        type: 'wafv2:webacl',
        name: `shop${unit.suffix}`,
      },
      rng,
    );
    const perAcl = item('WAF', 'web ACL');
    const perRequest = item('WAF', 'requests');
    estate.charge(
      acl,
      estate.sku({
        product: 'awswaf',
        usageType: 'WebACLV2',
        operation: '',
        description: `$${perAcl} per web ACL per month`,
        unit: 'ACL-Mo',
        monthly: true,
        price: perAcl,
        family: 'Web Application Firewall',
        region: owner.region,
      }),
      4,
      { noise: 0 },
    );
    estate.charge(
      acl,
      estate.sku({
        product: 'awswaf',
        usageType: 'RequestV2-Tier1',
        operation: '',
        description: `$${perRequest} per request`,
        unit: 'Request',
        price: perRequest,
        family: 'Web Application Firewall',
        region: owner.region,
      }),
      role === 'production' ? 21e6 : 9e6,
      { curve: VISITORS },
    );
  }
  const names = ownerOf(unit, 'network', 'networking', region);
  const perZone = item('Route53', 'hosted zone');
  const perQuery = item('Route53', 'standard queries');
  const zone = estate.resource(
    {
      ...names,
      id: `arn:aws:route53:::hostedzone/Z${rng.code(20)}`,
      type: 'route53:hostedzone',
      name: `fernhill.example${unit.suffix}`,
    },
    rng,
  );
  estate.charge(
    zone,
    estate.sku({
      product: 'AmazonRoute53',
      usageType: 'HostedZone',
      operation: 'HostedZone',
      description: `$${perZone} per hosted zone`,
      unit: 'HostedZone-Mo',
      monthly: true,
      price: perZone,
      family: 'DNS Zone',
      region,
    }),
    46,
    { noise: 0 },
  );
  estate.charge(
    zone,
    estate.sku({
      product: 'AmazonRoute53',
      usageType: 'DNS-Queries',
      operation: 'A',
      description: `$${perQuery} per query`,
      unit: 'Queries',
      price: perQuery,
      family: 'DNS Query',
      region,
    }),
    26e6,
    { curve: VISITORS },
  );
}
