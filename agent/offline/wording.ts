import { dimensionWord } from '../../tools/dimension-words.ts';
import type { Catalog } from './catalog.ts';
import type { Filter } from './slots.ts';

/** How subjects and values are called in sentences. */

/** 'a, b and c'. */
export function listed(items: readonly string[], joint = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${joint} ${items.at(-1)}`;
}

/** A name without its maker, for use in a sentence: 'Elastic Compute Cloud' reads badly, so the short form people say. */
const SHORT: Record<string, string> = {
  'Amazon Elastic Compute Cloud': 'Amazon EC2',
  'Amazon Simple Storage Service': 'Amazon S3',
  'Amazon Relational Database Service': 'Amazon RDS',
  'Amazon Virtual Private Cloud': 'Amazon VPC',
  'Amazon Elastic Container Service': 'Amazon ECS',
  'Amazon Elastic Container Service for Kubernetes': 'Amazon EKS',
  'Amazon Elastic Kubernetes Service': 'Amazon EKS',
  'Amazon EC2 Container Registry (ECR)': 'Amazon ECR',
  'Amazon Elastic File System': 'Amazon EFS',
  'Amazon Simple Queue Service': 'Amazon SQS',
  'Amazon Simple Notification Service': 'Amazon SNS',
  'AWS Key Management Service': 'AWS KMS',
  AmazonCloudWatch: 'Amazon CloudWatch',
};

export const shortName = (name: string): string => (Object.hasOwn(SHORT, name) ? (SHORT[name] ?? name) : name);

function filterWords(filter: Filter): string {
  const what = dimensionWord(filter.dimension);
  const name =
    filter.dimension === 'service_name' ? filter.label.split(' and ').map(shortName).join(' and ') : filter.label;
  if (filter.operator === 'is null')
    return filter.dimension.startsWith('tag:')
      ? `without ${/^[aeiou]/i.test(what) ? 'an' : 'a'} ${what} tag`
      : `without ${what}`;
  if (filter.operator === 'is not null') return `with a ${what} tag`;
  if (filter.operator === 'not in') return `without ${name}`;
  if (filter.dimension === 'region_id' || filter.dimension === 'availability_zone') return `in ${name}`;
  if (filter.dimension === 'sub_account_id')
    return / ones$/.test(name)
      ? `in the ${name.replace(/^the | ones$/g, '')} accounts`
      : `in ${dimensionWord(filter.dimension, filter.values.length)} ${name}`;
  if (filter.dimension.startsWith('tag:')) return `for ${what} ${name}`;
  if (filter.dimension === 'x_usage_type' || filter.dimension === 'service_name') return name;
  if (filter.dimension === 'resource_id') return name;
  return name;
}

const LEADING =
  /^(service_name|service_category|charge_category|x_usage_type|x_instance_type|resource_id|pricing_category|commitment_discount_category)$/;

/** A ranking's own condition, such as that 'the most expensive regions' are regions; it is told in a sentence of its own. */
export const isWhereKnown = ({ dimension, operator }: Pick<Filter, 'dimension' | 'operator'>): boolean =>
  operator === 'is not null' && !dimension.startsWith('tag:');

/** What filters narrow to, in words: 'Amazon EC2 in eu-west-1 for team payments', or '' for everything. */
export function subjectOf(filters: readonly Filter[]): string {
  const told = filters.filter((filter) => filter.label !== '' && !isWhereKnown(filter));
  const lead = told
    .filter((filter) => LEADING.test(filter.dimension) && !/not|null/.test(filter.operator))
    // 'Amazon EC2 instances', 'Amazon EC2 data transfer'.
    .sort((a, b) => Number(b.dimension === 'service_name') - Number(a.dimension === 'service_name'));
  const left = told.filter((filter) => filter.operator === 'not in');
  const rest = told.filter((filter) => !lead.includes(filter) && !left.includes(filter));
  const without =
    left.length > 0 ? [`without ${listed(left.map((filter) => filterWords(filter).replace(/^without /, '')))}`] : [];
  return [...[...lead, ...rest].map(filterWords), ...without].join(' ');
}

/** Suggested questions with the subject put in; doubles left out. */
export function suggest(templates: readonly string[], subject: string): string[] {
  const filled = templates.map((template) =>
    template
      .replace('{of}', subject === '' ? '' : ` of ${subject}`)
      .replace('{subject}', subject === '' ? 'EC2' : subject),
  );
  return [...new Set(filled)].slice(0, 3);
}

/** Values of a list for a sentence, cut after a few. Names such as 'Route 53' are passed over: they would read as numbers. */
export function someOf(values: readonly string[], count = 6): string {
  const speakable = values.filter((value) => !/(?<![\w.,-])\d/.test(value));
  const shown = speakable.slice(0, count);
  return values.length > shown.length ? `${shown.join(', ')} and others` : listed(shown);
}

/** How the name of an account is shown: its name, or its id where it has none. */
export const accountName = (account: Catalog['accounts'][number]): string => account.name ?? account.id;
