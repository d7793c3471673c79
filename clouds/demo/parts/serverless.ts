import type { Curve } from '../curves.ts';
import type { Estate, Part } from '../estate.ts';
import type { Owner } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';

/** Queues, topics, workflows, APIs and tables: what is paid by use. */
export const serverless: Part = (estate, unit, rng) => {
  messaging(estate, unit, rng);
  tables(estate, unit, rng);
};

function paidByUse(
  estate: Estate,
  owner: Owner,
  product: string,
  service: string,
  item: string,
  usageType: string,
  unitName: string,
) {
  const price = estate.prices.other(service, item, owner.region);
  return estate.sku({
    product,
    usageType: `${usagePrefix(owner.region)}${usageType}`,
    operation: '',
    description: `$${price} per ${unitName} - ${item}`,
    unit: unitName,
    price,
    family: 'API Request',
    region: owner.region,
  });
}

function messaging(estate: Estate, unit: Unit, rng: Random): void {
  const curve: Curve = { growth: 0.01, weekend: 0.8, visitors: true };
  const add = (
    role: Role,
    application: ApplicationName,
    type: string,
    name: string,
    arn: string,
    sku: [string, string, string, string, string],
    perDay: number,
  ) => {
    const region = role === 'production-eu' ? 'eu-west-1' : 'us-east-1';
    const owner = ownerOf(unit, role, application, region);
    const id = arn.replace('REGION', region).replace('ACCOUNT', owner.account.id) + unit.suffix;
    const resource = estate.resource({ ...owner, id, type, name: `${name}${unit.suffix}` }, rng);
    estate.charge(resource, paidByUse(estate, owner, ...sku), perDay, { curve });
  };
  const sqs: [string, string, string, string, string] = [
    'AWSQueueService',
    'SQS',
    'standard requests',
    'Requests-Tier1',
    'Requests',
  ];
  const sns: [string, string, string, string, string] = ['AmazonSNS', 'SNS', 'requests', 'Requests-Tier1', 'Requests'];
  const states: [string, string, string, string, string] = [
    'AmazonStates',
    'Step Functions',
    'state transitions',
    'StateTransition',
    'StateTransitions',
  ];
  const http: [string, string, string, string, string] = [
    'AmazonApiGateway',
    'API Gateway',
    'HTTP API requests',
    'ApiGatewayHttpRequest',
    'Requests',
  ];
  const rest: [string, string, string, string, string] = [
    'AmazonApiGateway',
    'API Gateway',
    'REST API requests',
    'ApiGatewayRequest',
    'Requests',
  ];
  const queues: [string, ApplicationName, Role, number][] = [
    ['orders', 'order-routing', 'production', 21e6],
    ['stock', 'warehouse-sync', 'production', 17e6],
    ['mail', 'notifications', 'production', 9e6],
    ['index', 'search', 'production', 11e6],
    ['orders', 'order-routing', 'production-eu', 8e6],
  ];
  for (const [name, application, role, calls] of queues)
    add(role, application, 'sqs:queue', name, `arn:aws:sqs:REGION:ACCOUNT:${name}`, sqs, calls);
  add(
    'production',
    'notifications',
    'sns:topic',
    'customer-messages',
    'arn:aws:sns:REGION:ACCOUNT:customer-messages',
    sns,
    13e6,
  );
  add('production', 'order-routing', 'sns:topic', 'order-events', 'arn:aws:sns:REGION:ACCOUNT:order-events', sns, 10e6);
  add(
    'production',
    'order-routing',
    'states:state-machine',
    'fulfil-order',
    'arn:aws:states:REGION:ACCOUNT:stateMachine:fulfil-order',
    states,
    640_000,
  );
  add(
    'data',
    'data-lake',
    'states:state-machine',
    'nightly-load',
    'arn:aws:states:REGION:ACCOUNT:stateMachine:nightly-load',
    states,
    150_000,
  );
  add(
    'production',
    'mobile-api',
    'apigateway:apis',
    'mobile',
    'arn:aws:apigateway:REGION::/apis/mobile-ACCOUNT',
    http,
    19e6,
  );
  add(
    'production',
    'checkout',
    'apigateway:restapis',
    'partners',
    'arn:aws:apigateway:REGION::/restapis/partners-ACCOUNT',
    rest,
    6.5e6,
  );
}

function tables(estate: Estate, unit: Unit, rng: Random): void {
  const list: [string, ApplicationName, Role, writes: number, reads: number, gb: number][] = [
    ['sessions', 'identity', 'production', 42e6, 140e6, 310],
    ['carts', 'checkout', 'production', 30e6, 110e6, 420],
    ['inventory', 'warehouse-sync', 'production', 24e6, 90e6, 900],
    ['preferences', 'storefront', 'production', 8e6, 90e6, 640],
    ['carts', 'checkout', 'production-eu', 18e6, 70e6, 210],
    ['features', 'recommendations', 'machine-learning', 9e6, 150e6, 1500],
  ];
  const curve: Curve = { growth: 0.01, weekend: 0.82, visitors: true };
  for (const [shortName, application, role, writes, reads, gb] of list) {
    const region = role === 'production-eu' ? 'eu-west-1' : 'us-east-1';
    const owner = ownerOf(unit, role, application, region);
    const name = `${shortName}${unit.suffix}`;
    const table = estate.resource(
      {
        ...owner,
        id: `arn:aws:dynamodb:${region}:${owner.account.id}:table/${name}`,
        type: 'dynamodb:table',
        name,
        state: 'active',
        configuration: { billingMode: 'PAY_PER_REQUEST' },
      },
      rng,
    );
    const request = (item: string, usageType: string) =>
      paidByUse(estate, owner, 'AmazonDynamoDB', 'DynamoDB', item, usageType, usageType);
    estate.charge(table, request('write request units', 'WriteRequestUnits'), writes, { curve });
    estate.charge(table, request('read request units', 'ReadRequestUnits'), reads, { curve });
    for (const [item, usageType, amount] of [
      ['storage', 'TimedStorage-ByteHrs', gb],
      ['point-in-time recovery', 'TimedPITRStorage-ByteHrs', gb],
    ] as const) {
      const price = estate.prices.other('DynamoDB', item, region);
      const sku = estate.sku({
        product: 'AmazonDynamoDB',
        usageType: `${usagePrefix(region)}${usageType}`,
        operation: 'StandardStorage',
        description: `$${price} per GB-Month - ${item}`,
        unit: 'GB-Mo',
        monthly: true,
        price,
        family: 'Database Storage',
        region,
      });
      estate.charge(table, sku, amount, { curve: { growth: 0.012 }, noise: 0.004 });
    }
  }
}
