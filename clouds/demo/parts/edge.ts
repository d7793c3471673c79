import type { Estate, Part } from '../estate.ts';
import type { Owner } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';
import { VISITORS } from './network.ts';

/** What the shop's visitors reach first: the content network, names, firewall and API. */
export const edge: Part = (estate, unit, rng) => {
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
};

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
