import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packageRoot } from '../../../config.ts';
import type { CloudPrice } from '../../contract.ts';

type Row = Record<string, string>;
/** Of a price: its service, name, unit, amount and attributes; undefined for a row that is not needed. */
type Named = [serviceCode: string, product: string, unit: string, price: string, attributes?: Record<string, string>];

/**
 * Returns the public list prices that ship with Penny (pricing/README.md names where they are from), under the names the price
 * list's products have here. They are old, and each has its date.
 */
export function shippedPrices(): CloudPrice[] {
  return [
    ...pricesOf('ec2-ondemand.csv.gz', ({ instance_type: type, os, vcpu = '', memory_gib = '', ...row }) =>
      row.is_latest !== '1'
        ? []
        : [['AmazonEC2', `${type} ${os}`, 'Hrs', row.usd_per_hour ?? '', { vcpu, memory: `${memory_gib} GiB` }]],
    ),
    ...pricesOf('ebs-prices.csv', ({ price_item = '', usd = '' }) => {
      const [product, unit] = EBS[price_item] ?? [];
      return product === undefined || unit === undefined ? [] : [['AmazonEC2', product, unit, usd]];
    }),
    ...pricesOf('fargate.csv', ({ usd_per_vcpu_hour: vcpu = '', usd_per_gb_hour: memory = '' }) => [
      ['AmazonECS', 'fargate vcpu x86_64', 'Hrs', vcpu],
      ['AmazonECS', 'fargate memory x86_64', 'GB-Hrs', memory],
    ]),
    ...pricesOf(
      'rds-ondemand.csv.gz',
      ({ instance_type: type = '', engine = '', vcpu = '', memory_gib = '', ...row }) =>
        UNLICENSED_ENGINES.includes(engine)
          ? [
              [
                'AmazonRDS',
                `${type} ${engine.toLowerCase()}`,
                'Hrs',
                row.usd_per_hour ?? '',
                { vcpu, memory: `${memory_gib} GiB` },
              ],
            ]
          : [],
    ),
    ...pricesOf('other-services.csv', ({ service, item, usd = '' }) => {
      const named = OTHERS[`${service} ${item}`];
      return named === undefined ? [] : [[...named, usd]];
    }),
  ];
}

/** Engines without a licence, which have one price for a class. */
const UNLICENSED_ENGINES = ['PostgreSQL', 'MySQL', 'MariaDB', 'Aurora PostgreSQL', 'Aurora MySQL'];

const EBS: Readonly<Record<string, readonly [product: string, unit: string]>> = {
  'Storage General Purpose gp2 GB Mo': ['gp2 storage', 'GB-Mo'],
  'Storage General Purpose gp3 GB Mo': ['gp3 storage', 'GB-Mo'],
  'Storage Provisioned IOPS io1 GB Mo': ['io1 storage', 'GB-Mo'],
  'Storage Provisioned IOPS io2 GB Mo': ['io2 storage', 'GB-Mo'],
  'Storage Throughput Optimized HDD st1 GB Mo': ['st1 storage', 'GB-Mo'],
  'Storage Cold HDD sc1 GB Mo': ['sc1 storage', 'GB-Mo'],
  'Storage Magnetic standard GB Mo': ['standard storage', 'GB-Mo'],
  'Provisioned EBS IOPS gp3 Volumes per IOPS Mo': ['gp3 iops', 'IOPS-Mo'],
  'Provisioned EBS IOPS io1 Volumes per IOPS Mo': ['io1 iops', 'IOPS-Mo'],
  'Provisioned EBS IOPS io2 Volumes per IOPS Mo': ['io2 iops', 'IOPS-Mo'],
  'Provisioned Throughput gp3 per GiBps mo': ['gp3 throughput', 'GiBps-Mo'],
  'Storage Snapshot Amazon S3 GB Mo': ['snapshot storage', 'GB-Mo'],
};

const OTHERS: Readonly<Record<string, readonly [serviceCode: string, product: string, unit: string]>> = {
  'EC2 NAT gateway hour': ['AmazonEC2', 'nat gateway', 'Hrs'],
  'EC2 NAT gateway data processed': ['AmazonEC2', 'nat gateway data', 'GB'],
  'VPC public IPv4 address in use': ['AmazonVPC', 'public ipv4 address in use', 'Hrs'],
  'VPC public IPv4 address idle': ['AmazonVPC', 'public ipv4 address idle', 'Hrs'],
  'ELB application load balancer hour': ['AWSELB', 'application load balancer', 'Hrs'],
  'ELB LCU hour': ['AWSELB', 'application load balancer capacity', 'LCU-Hrs'],
  'ELB network load balancer hour': ['AWSELB', 'network load balancer', 'Hrs'],
  'ELB NLCU hour': ['AWSELB', 'network load balancer capacity', 'LCU-Hrs'],
  'Lambda duration': ['AWSLambda', 'lambda duration x86_64', 'GB-Second'],
  'Lambda duration arm64': ['AWSLambda', 'lambda duration arm64', 'GB-Second'],
  'Lambda requests': ['AWSLambda', 'lambda requests', 'Requests'],
  'Lambda provisioned concurrency': ['AWSLambda', 'lambda provisioned concurrency x86_64', 'GB-Second'],
};

function pricesOf(file: string, name: (row: Row) => Named[]): CloudPrice[] {
  return rowsOf(file).flatMap((row) =>
    name(row).map(([serviceCode, product, pricingUnit, listUnitPrice, attributes = {}]): CloudPrice => {
      const date = dayOf(row.source_date ?? '');
      const { region: regionId = '', source = '' } = row;
      return {
        ...{ serviceProviderName: 'AWS', serviceCode, product, regionId, pricingUnit, pricingCurrency: 'USD' },
        ...{ listUnitPrice, skuId: null, attributes, validFrom: date, source: 'snapshot', sourceDate: date },
        sourceUrl: source.includes('/') ? `https://${source}` : null,
      };
    }),
  );
}

/** Some prices are known by their year only. */
function dayOf(date: string): string {
  return /^\d{4}$/.test(date) ? `${date}-01-01` : date;
}

/** The rows of a table of `pricing/`, by column name. These tables quote nothing, so a comma always separates. */
function rowsOf(file: string): Row[] {
  const raw = readFileSync(join(packageRoot, 'pricing', file));
  const text = (file.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8');
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, position) => [name, cells[position] ?? '']));
  });
}
