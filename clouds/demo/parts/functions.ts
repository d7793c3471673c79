import type { Curve } from '../curves.ts';
import type { Estate, Part } from '../estate.ts';
import type { Resource } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';

/** Millions of calls a day, milliseconds a call, configured and used megabytes. */
type FunctionSpec = [
  name: string,
  application: ApplicationName,
  role: Role,
  millions: number,
  ms: number,
  memoryMb: number,
  usedMb: number,
];

const FUNCTIONS: FunctionSpec[] = [
  ['cart-events', 'checkout', 'production', 2.9, 180, 512, 390],
  ['price-update', 'catalog', 'production', 2.6, 240, 512, 410],
  ['stock-webhook', 'warehouse-sync', 'production', 1.9, 320, 512, 372],
  ['order-validate', 'order-routing', 'production', 1.5, 410, 768, 590],
  ['payment-callback', 'ledger', 'production', 0.9, 520, 512, 401],
  ['image-thumbnail', 'catalog', 'production', 0.24, 1450, 1536, 1240],
  ['email-render', 'notifications', 'production', 0.8, 380, 512, 366],
  ['login-audit', 'identity', 'production', 2.2, 90, 256, 190],
  ['search-indexer', 'search', 'production', 0.55, 640, 1024, 815],
  ['feed-parser', 'catalog', 'production-eu', 0.3, 720, 1024, 790],
  ['cart-events', 'checkout', 'production-eu', 1.8, 190, 512, 384],
  ['label-create', 'shipping-labels', 'production', 0.22, 880, 1024, 760],
  ['lake-partition', 'data-lake', 'data', 0.1, 2600, 2048, 1650],
  ['stream-enrich', 'event-stream', 'data', 5.2, 95, 256, 205],
  ['trail-forward', 'audit-trail', 'security', 1.4, 160, 256, 188],
  ['finding-route', 'threat-detection', 'security', 0.12, 430, 512, 330],
  ['build-notify', 'build-system', 'shared-services', 0.05, 300, 256, 170],
  ['chat-tools', 'assistant', 'production', 0.14, 1900, 1024, 800],
  ['preview-cleanup', 'storefront', 'development', 0.01, 4000, 512, 300],
];

const OVERSIZED: [FunctionSpec, memoryMb: number][] = [
  [['invoice-pdf', 'ledger', 'production', 0.3, 2100, 3008, 520], 768],
  [['recommend-batch', 'recommendations', 'machine-learning', 0.24, 3300, 4096, 890], 1344],
  [['catalog-diff', 'catalog', 'production', 0.42, 1300, 3008, 610], 896],
  [['shipment-quote', 'shipping-labels', 'production', 0.5, 1100, 3008, 480], 768],
];

/** Lambda functions: what is called, what has too much memory, what is provisioned for nobody, and what was put right. */
export const functions: Part = (estate, unit, rng) => {
  for (const one of FUNCTIONS) runaway(estate, unit, one, lambda(estate, unit, rng, one));
  oversized(estate, unit, rng);
  unusedConcurrency(estate, unit, rng);
  loweredMemory(estate, unit, rng);
};

interface Lambda {
  resource: Resource;
  requests: number;
  duration: number;
}

function lambda(
  estate: Estate,
  unit: Unit,
  rng: Random,
  [shortName, application, role, millions, ms, memoryMb, usedMb]: FunctionSpec,
): Lambda {
  const region = role === 'production-eu' ? 'eu-west-1' : 'us-east-1';
  const owner = ownerOf(unit, role, application, region);
  const name = `${shortName}${unit.suffix}`;
  const id = `arn:aws:lambda:${region}:${owner.account.id}:function:${name}`;
  const resource = estate.resource(
    {
      ...owner,
      id,
      type: 'lambda:function',
      name,
      state: 'active',
      configuration: {
        memoryMib: memoryMb,
        timeoutSeconds: Math.max(10, Math.ceil((ms * 8) / 1000)),
        runtime: rng.pick(['nodejs22.x', 'python3.13', 'java21']),
      },
    },
    rng,
  );
  const curve: Curve = { growth: 0.012, weekend: 0.78, visitors: role.startsWith('production') };
  const calls = millions * 1e6;
  const requests = estate.charge(resource, lambdaSku(estate, region, 'requests'), calls, { curve });
  const duration = estate.charge(
    resource,
    lambdaSku(estate, region, 'duration'),
    (calls * ms * memoryMb) / 1000 / 1024,
    { curve },
  );
  estate.metric(resource, 'invocations', 1, {
    shape: 'visitors',
    stream: requests,
    noise: 0.04,
    decimals: 0,
    samples: 60,
    peak: 1.5,
  });
  estate.metric(resource, 'duration_ms', ms, { noise: 0.08, peak: 4.5, decimals: 1, samples: 60 });
  estate.metric(resource, 'max_memory_used_mb', usedMb, {
    noise: 0.03,
    peak: 1.06,
    cap: memoryMb,
    decimals: 0,
    samples: 60,
  });
  estate.metric(resource, 'errors', 0.0007, { shape: 'visitors', stream: requests, decimals: 0, samples: 60, peak: 3 });
  return { resource, requests, duration };
}

function lambdaSku(estate: Estate, region: string, item: 'requests' | 'duration' | 'provisioned concurrency'): number {
  const price = estate.prices.other('Lambda', item, region);
  const usageType = {
    requests: 'Request',
    duration: 'Lambda-GB-Second',
    'provisioned concurrency': 'Lambda-Provisioned-Concurrency',
  }[item];
  return estate.sku({
    product: 'AWSLambda',
    usageType: `${usagePrefix(region)}${usageType}`,
    operation: 'Invoke',
    description: `AWS Lambda - ${item} - ${region}`,
    unit: item === 'requests' ? 'Requests' : 'Lambda-GB-Second',
    price,
    family: 'Serverless',
    region,
    ...(item === 'requests' ? {} : { computeDiscount: 0.12 }),
  });
}

/** A function that called itself for three days. */
function runaway(estate: Estate, unit: Unit, [name]: FunctionSpec, { resource, requests, duration }: Lambda): void {
  if (name !== 'stock-webhook') return;
  estate.events.push({
    id: `spike-lambda-stock${unit.suffix}`,
    kind: 'anomaly',
    shape: 'spike',
    fromDay: estate.calendar.ago(78),
    toDay: estate.calendar.ago(75),
    dimensions: { service: 'AWSLambda', account: resource.account.id, region: resource.region, resource: resource.id },
    reason: 'A retry loop made the function call itself until somebody noticed.',
    effects: [requests, duration].map((stream) => ({ stream, factor: () => 58 })),
    born: [],
  });
}

function oversized(estate: Estate, unit: Unit, rng: Random): void {
  for (const [spec, memoryMb] of OVERSIZED) {
    const { resource, duration } = lambda(estate, unit, rng, spec);
    estate.waste.push({
      check: 'lambda-memory',
      resourceId: resource.id,
      owner: resource,
      streams: [duration],
      savedShare: 1 - memoryMb / spec[5],
      reason: `${spec[5]} MB are configured and at most ${Math.round(spec[6] * 1.1)} MB used; the duration does not depend on it.`,
      evidence: { metrics: ['max_memory_used_mb', 'invocations'] },
      target: `${memoryMb} MB`,
    });
  }
}

/** Concurrency that is provisioned, and paid for, for functions nobody calls. */
function unusedConcurrency(estate: Estate, unit: Unit, rng: Random): void {
  const list: [string, ApplicationName, Role, gb: number][] = [
    ['flash-sale-gate', 'storefront', 'production', 70],
    ['tax-estimate-v1', 'checkout', 'production', 45],
    ['route-preview', 'order-routing', 'production', 40],
  ];
  for (const [shortName, application, role, gb] of list) {
    const owner = ownerOf(unit, role, application, 'us-east-1');
    const name = `${shortName}${unit.suffix}`;
    const id = `arn:aws:lambda:us-east-1:${owner.account.id}:function:${name}`;
    const resource = estate.resource(
      {
        ...owner,
        id,
        type: 'lambda:function',
        name,
        state: 'active',
        configuration: { memoryMib: 1024, provisionedConcurrency: gb },
      },
      rng,
    );
    const stream = estate.charge(resource, lambdaSku(estate, 'us-east-1', 'provisioned concurrency'), gb * 86_400, {
      noise: 0,
    });
    // The provider answered and there were no calls: an explicit zero, unlike a metric nobody collects.
    estate.metric(resource, 'invocations', 0, { samples: 60, decimals: 0 });
    estate.waste.push({
      check: 'lambda-unused',
      resourceId: resource.id,
      owner: resource,
      streams: [stream],
      savedShare: 1,
      reason: 'Provisioned concurrency is paid for and the function is never called.',
      evidence: { metrics: ['invocations'] },
      target: 'remove provisioned concurrency',
    });
  }
}

function loweredMemory(estate: Estate, unit: Unit, rng: Random): void {
  const day = estate.calendar.ago(31);
  const made = (
    [
      ['address-lookup', 'checkout', 'production', 0.7, 900, 768, 540],
      ['coupon-check', 'storefront', 'production', 0.9, 600, 768, 510],
    ] as FunctionSpec[]
  ).map((spec) => {
    const one = lambda(estate, unit, rng, spec);
    one.resource.earlier.push({ before: day, configuration: { memoryMib: 3072 } });
    const stream = estate.streams[one.duration];
    if (stream)
      stream.curve = estate.curve({ growth: 0.012, weekend: 0.78, visitors: true, steps: [{ day, factor: 0.25 }] });
    return one;
  });
  const first = made[0];
  if (!first) return;
  estate.remediations.push({
    action: 'lower-lambda-memory',
    day,
    owner: first.resource,
    resourceIds: made.map(({ resource }) => resource.id),
    streams: made.map(({ duration }) => duration),
    reason: 'From 3,072 MB to 768 MB.',
  });
}
