import type { Curve } from '../curves.ts';
import type { Estate, Part } from '../estate.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { locationOf, regionPrefix, usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';

export const VISITORS: Curve = { growth: 0.008, weekend: 0.82, visitors: true };

/** Addresses, endpoints and the traffic between accounts, zones and regions. */
export const network: Part = (estate, unit, rng) => {
  addresses(estate, unit, rng);
  privateNetwork(estate, unit, rng);
  transfer(estate, unit);
};

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
