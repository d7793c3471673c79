/** What is asked of the price list, and what it is called here. */
export interface PricedProducts {
  serviceCode: string;
  /** Attributes that products must have, by the price list's names. */
  filters: Readonly<Record<string, string>>;
  /** The unit as stored; the price list spells units in several ways. */
  unit: string;
  /** Returns the name of a product; undefined for one that is not needed. */
  nameOf(attributes: Readonly<Record<string, string>>): string | undefined;
}

/** Returns a namer by how the usage type ends: 'EU-NatGateway-Hours' in Ireland is 'NatGateway-Hours' in Virginia. */
const byUsageType = (names: Readonly<Record<string, string>>) => (attributes: Readonly<Record<string, string>>) => {
  const type = attributes.usagetype ?? '';
  // Before it stands at most the region: 'Lambda-Edge-Request' is another thing than 'EU-Request'.
  const found = Object.keys(names).find((end) => type === end || /^[A-Z0-9]+-$/.test(type.replace(end, '')));
  return found === undefined ? undefined : names[found];
};

const volume =
  (what: string) =>
  ({ volumeApiName: name }: Readonly<Record<string, string>>) =>
    name === undefined ? undefined : `${name} ${what}`;

const instances = (operatingSystem: string): PricedProducts => ({
  serviceCode: 'AmazonEC2',
  filters: {
    productFamily: 'Compute Instance',
    operatingSystem,
    tenancy: 'Shared',
    preInstalledSw: 'NA',
    capacitystatus: 'Used',
    marketoption: 'OnDemand',
    licenseModel: 'No License required',
  },
  unit: 'Hrs',
  nameOf: ({ instanceType }) =>
    instanceType === undefined ? undefined : `${instanceType} ${operatingSystem.toLowerCase()}`,
});

const balancers = (kind: string): PricedProducts[] => [
  {
    ...{ serviceCode: 'AWSELB', filters: { productFamily: `Load Balancer-${kind}` }, unit: 'Hrs' },
    nameOf: byUsageType({ LoadBalancerUsage: `${kind.toLowerCase()} load balancer` }),
  },
  {
    ...{ serviceCode: 'AWSELB', filters: { productFamily: `Load Balancer-${kind}` }, unit: 'LCU-Hrs' },
    nameOf: byUsageType({ LCUUsage: `${kind.toLowerCase()} load balancer capacity` }),
  },
];

/**
 * The products the checks need a price of. Source: the attributes of the AWS Price List Query API,
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html
 */
export const PRODUCTS: readonly PricedProducts[] = [
  ...['Linux', 'Windows', 'RHEL', 'SUSE'].map(instances),
  { serviceCode: 'AmazonEC2', filters: { productFamily: 'Storage' }, unit: 'GB-Mo', nameOf: volume('storage') },
  {
    ...{ serviceCode: 'AmazonEC2', filters: { productFamily: 'System Operation', group: 'EBS IOPS' }, unit: 'IOPS-Mo' },
    // The tiers of io2 above 32,000 IOPS are products of their own.
    nameOf: (attributes) => (/tier/i.test(attributes.usagetype ?? '') ? undefined : volume('iops')(attributes)),
  },
  {
    ...{ serviceCode: 'AmazonEC2', filters: { productFamily: 'Provisioned Throughput' }, unit: 'GiBps-Mo' },
    nameOf: volume('throughput'),
  },
  {
    ...{ serviceCode: 'AmazonEC2', filters: { productFamily: 'Storage Snapshot' }, unit: 'GB-Mo' },
    nameOf: byUsageType({ 'EBS:SnapshotUsage': 'snapshot storage' }),
  },
  {
    ...{ serviceCode: 'AmazonEC2', filters: { productFamily: 'NAT Gateway' }, unit: 'Hrs' },
    nameOf: byUsageType({ 'NatGateway-Hours': 'nat gateway' }),
  },
  {
    ...{ serviceCode: 'AmazonEC2', filters: { productFamily: 'NAT Gateway' }, unit: 'GB' },
    nameOf: byUsageType({ 'NatGateway-Bytes': 'nat gateway data' }),
  },
  {
    ...{ serviceCode: 'AmazonVPC', filters: {}, unit: 'Hrs' },
    nameOf: byUsageType({
      'PublicIPv4:InUseAddress': 'public ipv4 address in use',
      'PublicIPv4:IdleAddress': 'public ipv4 address idle',
    }),
  },
  {
    ...{ serviceCode: 'AmazonECS', filters: { productFamily: 'Compute' }, unit: 'Hrs' },
    nameOf: byUsageType({
      'Fargate-vCPU-Hours:perCPU': 'fargate vcpu x86_64',
      'Fargate-ARM-vCPU-Hours:perCPU': 'fargate vcpu arm64',
    }),
  },
  {
    ...{ serviceCode: 'AmazonECS', filters: { productFamily: 'Compute' }, unit: 'GB-Hrs' },
    nameOf: byUsageType({
      'Fargate-GB-Hours': 'fargate memory x86_64',
      'Fargate-ARM-GB-Hours': 'fargate memory arm64',
    }),
  },
  {
    ...{ serviceCode: 'AWSLambda', filters: { productFamily: 'Serverless' }, unit: 'GB-Second' },
    nameOf: byUsageType({
      'Lambda-GB-Second': 'lambda duration x86_64',
      'Lambda-GB-Second-ARM': 'lambda duration arm64',
      'Lambda-Provisioned-Concurrency': 'lambda provisioned concurrency x86_64',
      'Lambda-Provisioned-Concurrency-ARM': 'lambda provisioned concurrency arm64',
    }),
  },
  {
    ...{ serviceCode: 'AWSLambda', filters: { productFamily: 'Serverless' }, unit: 'Requests' },
    nameOf: byUsageType({ Request: 'lambda requests' }),
  },
  {
    ...{ serviceCode: 'AmazonRDS', unit: 'Hrs' },
    filters: { productFamily: 'Database Instance', deploymentOption: 'Single-AZ', licenseModel: 'No license required' },
    // Aurora has a second price for each class, of clusters that pay no I/O.
    nameOf: ({ instanceType, databaseEngine, usagetype = '' }) =>
      instanceType === undefined || databaseEngine === undefined || !/InstanceUsage:db\./.test(usagetype)
        ? undefined
        : `${instanceType} ${databaseEngine.toLowerCase()}`,
  },
  ...balancers('Application'),
  ...balancers('Network'),
];
