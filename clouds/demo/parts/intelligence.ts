import type { Curve } from '../curves.ts';
import type { Estate, Part } from '../estate.ts';
import type { Owner } from '../nouns.ts';
import type { Unit } from '../organisation.ts';
import { regionPrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';
import { instanceSku } from './instance.ts';

/** Machine learning and model use: the fastest growing part of the bill. */
export const intelligence: Part = (estate, unit, rng) => {
  endpoints(estate, unit, rng);
  models(estate, unit, rng);
  documents(estate, unit);
  strangeRegion(estate, unit, rng);
};

function sageMaker(
  estate: Estate,
  owner: Owner,
  type: string,
  use: 'hosting' | 'training' | 'processing' | 'notebook',
): number {
  const price = estate.prices.other('SageMaker', `${type} ${use}`, owner.region);
  const usage = { hosting: 'Host', training: 'Train', processing: 'Processing', notebook: 'Notebk' }[use];
  return estate.sku({
    product: 'AmazonSageMaker',
    usageType: `${regionPrefix(owner.region)}${usage}:${type}`,
    operation: 'RunInstance',
    description: `$${price} per ${use} ${type} hour in ${owner.region}`,
    unit: 'Hrs',
    price,
    family: 'ML Instance',
    region: owner.region,
    instanceType: type,
  });
}

function endpoints(estate: Estate, unit: Unit, rng: Random): void {
  const owner = ownerOf(unit, 'machine-learning', 'recommendations', 'us-east-1');
  const endpoint = (shortName: string, type: string, instances: number, curve: Curve) => {
    const name = `${shortName}${unit.suffix}`;
    const id = `arn:aws:sagemaker:us-east-1:${owner.account.id}:endpoint/${name}`;
    const resource = estate.resource(
      {
        ...owner,
        id,
        type: 'sagemaker:endpoint',
        name,
        state: 'in-service',
        configuration: { instanceType: type, instances },
      },
      rng,
    );
    estate.metric(resource, 'invocations', instances * 240, { shape: 'visitors', decimals: 0, samples: 60 });
    return estate.charge(resource, sageMaker(estate, owner, type, 'hosting'), 24 * instances, { curve, noise: 0.01 });
  };
  const release = estate.calendar.ago(48);
  const ranking = endpoint('ranking', 'ml.g5.2xlarge', 5, { growth: 0.05, steps: [{ day: release, factor: 1.45 }] });
  endpoint('similar-items', 'ml.m5.xlarge', 3, { growth: 0.03 });
  estate.changes.push({
    id: `usage-ranking-release${unit.suffix}`,
    kind: 'usage',
    day: release,
    dimensions: { service: 'AmazonSageMaker', account: owner.account.id, region: owner.region },
    reason: 'The second ranking model went live and needs half as many machines again.',
    streams: [ranking],
  });
  training(estate, unit, rng);
}

function training(estate: Estate, unit: Unit, rng: Random): void {
  const place = ownerOf(unit, 'machine-learning', 'demand-forecast', 'us-east-1');
  const pipeline = `demand-forecast${unit.suffix}`;
  const owner = estate.resource(
    {
      ...place,
      id: `arn:aws:sagemaker:us-east-1:${place.account.id}:pipeline/${pipeline}`,
      type: 'sagemaker:pipeline',
      name: pipeline,
      state: 'active',
    },
    rng,
  );
  const weekdays: Curve = { growth: 0.07, weekend: 0.2 };
  const train = estate.charge(owner, sageMaker(estate, owner, 'ml.g5.12xlarge', 'training'), 9, {
    curve: weekdays,
    noise: 0.25,
  });
  estate.charge(owner, sageMaker(estate, owner, 'ml.m5.4xlarge', 'processing'), 26, { curve: weekdays, noise: 0.15 });
  estate.charge(owner, sageMaker(estate, owner, 'ml.t3.xlarge', 'notebook'), 24 * 4, {
    curve: { weekend: 0.6 },
    noise: 0.05,
  });
  estate.events.push({
    id: `spike-training${unit.suffix}`,
    kind: 'anomaly',
    shape: 'spike',
    fromDay: estate.calendar.ago(133),
    toDay: estate.calendar.ago(130),
    dimensions: { service: 'AmazonSageMaker', account: owner.account.id, region: owner.region },
    reason: 'A parameter search was started with a hundred times too many trials.',
    effects: [{ stream: train, factor: () => 22 }],
    born: [],
  });
}

/** Language models: launched nine months ago, growing ever since; the price of one of them fell on the way. */
function models(estate: Estate, unit: Unit, rng: Random): void {
  const from = estate.calendar.ago(272);
  // Calls through an inference profile carry its tags; without one, model use has neither resource nor tags.
  const profile = (place: Owner, name: string) =>
    estate.resource(
      {
        ...place,
        id: `arn:aws:bedrock:us-east-1:${place.account.id}:application-inference-profile/${rng.hex(12)}`,
        type: 'bedrock:application-inference-profile',
        name: `${name}${unit.suffix}`,
        state: 'active',
        fromDay: from,
      },
      rng,
    );
  const owner = profile(ownerOf(unit, 'production', 'assistant', 'us-east-1'), 'shop-assistant');
  const tokens = (item: string, usageType: string, label = item) => {
    const price = estate.prices.other('Bedrock', item, owner.region);
    return estate.sku({
      product: 'AmazonBedrock',
      usageType: `USE1-${usageType}`,
      operation: 'InvokeModelInference',
      description: `$${price} per 1K tokens - ${label}`,
      unit: '1K tokens',
      price,
      family: 'Amazon Bedrock',
      region: owner.region,
    });
  };
  const curve: Curve = { growth: 0.165, weekend: 0.72, visitors: true };
  estate.charge(owner, tokens('Nova Pro input tokens', 'NovaPro-input-tokens'), 205_000, { curve, from });
  estate.charge(owner, tokens('Nova Pro output tokens', 'NovaPro-output-tokens'), 41_000, { curve, from });
  estate.charge(owner, tokens('Titan Text Embeddings V2 input tokens', 'TitanEmbeddingV2-Text-input-tokens'), 610_000, {
    curve,
    from,
  });
  const cheaper = estate.calendar.months.at(-4)?.firstDay ?? 0;
  const llama = 'Llama 3.1 70B input tokens';
  const before = tokens(`${llama} at launch`, 'Llama3-1-70B-input-tokens', llama);
  const after = tokens(llama, 'Llama3-1-70B-input-tokens');
  const research = ownerOf(unit, 'machine-learning', 'assistant', 'us-east-1');
  const streams = [
    estate.charge(research, before, 86_000, { curve, from, to: cheaper }),
    estate.charge(research, after, 86_000, { curve, from: Math.max(from, cheaper) }),
  ];
  estate.changes.push({
    id: `price-llama${unit.suffix}`,
    kind: 'price',
    day: cheaper,
    dimensions: { service: 'AmazonBedrock', account: research.account.id, region: research.region },
    reason: 'The price of Llama 3.1 70B fell from 0.00099 to 0.00072 USD per 1,000 tokens.',
    streams,
  });
}

/** A team began to read delivery notes by machine: a service the bill had never shown. */
function documents(estate: Estate, unit: Unit): void {
  const owner = ownerOf(unit, 'production', 'warehouse-sync', 'us-east-1');
  const price = estate.prices.other('Textract', 'form pages', owner.region);
  const sku = estate.sku({
    product: 'AmazonTextract',
    usageType: 'USE1-FormsPagesProcessed',
    operation: 'AnalyzeDocument',
    description: `$${price} per page analyzed for forms`,
    unit: 'Pages',
    price,
    family: 'Amazon Textract',
    region: owner.region,
  });
  const fromDay = estate.calendar.ago(19);
  const born = [estate.charge(owner, sku, 950, { curve: { weekend: 0.55 }, from: fromDay })];
  estate.events.push({
    id: `new-service-textract${unit.suffix}`,
    kind: 'anomaly',
    shape: 'new service',
    fromDay,
    toDay: estate.calendar.days,
    dimensions: { service: 'AmazonTextract', account: owner.account.id, region: owner.region },
    reason: 'Amazon Textract was never used before.',
    effects: [],
    born,
  });
}

/** Graphics machines in a region the company does not use, started from the sandbox. */
function strangeRegion(estate: Estate, unit: Unit, rng: Random): void {
  const region = 'ap-southeast-2';
  const owner = ownerOf(unit, 'sandbox', 'assistant', region);
  const fromDay = estate.calendar.ago(17);
  const sku = estate.sku(instanceSku(estate, region, 'g4dn.xlarge'));
  const born = Array.from({ length: 7 }, () => {
    const resource = estate.resource(
      {
        ...owner,
        id: `i-0${rng.hex(16)}`,
        type: 'ec2:instance',
        name: `worker-${rng.hex(4)}`,
        zone: `${region}a`,
        state: 'running',
        configuration: { instanceType: 'g4dn.xlarge' },
        fromDay,
      },
      rng,
    );
    estate.metric(resource, 'cpu_utilization', 93, { noise: 0.03, peak: 1.05, cap: 100 });
    return estate.hourly(resource, sku);
  });
  estate.events.push({
    id: `new-region-sandbox${unit.suffix}`,
    kind: 'anomaly',
    shape: 'new region',
    fromDay,
    toDay: estate.calendar.days,
    dimensions: { service: 'AmazonEC2', account: owner.account.id, region },
    reason: 'Seven GPU instances were started in a region where the company runs nothing else.',
    effects: [],
    born,
  });
}
