import type { Catalog } from './catalog.ts';
import { ENVIRONMENT_WORDS, TAG_FAMILIES } from './lexicon/environments.ts';
import { REGION_GROUPS, REGION_NAMES } from './lexicon/regions.ts';
import { senses } from './lexicon/senses.ts';
import { CATEGORY_WORDS, KNOWN_SERVICES, type KnownService, VENDORS } from './lexicon/services.ts';
import { PhraseTable } from './phrases.ts';
import { plain, wordTexts } from './words.ts';

/** What a name in a question stands for: a filter on the bill, a tag key, or something known that this bill does not hold. */
export type Name =
  | {
      kind: 'filter';
      dimension: string;
      operator: 'in' | 'contains';
      values: string[];
      label: string;
      certain: boolean;
    }
  | { kind: 'key'; dimension: string; label: string }
  | {
      kind: 'absent';
      what: 'service' | 'category' | 'region' | 'vendor' | 'name' | 'value';
      label: string;
      dimension?: string;
    };

/** The names of one estate as phrases, built once for a catalog. */
export interface EstateNames {
  table: PhraseTable<Name>;
  /** Names by each of their words, for 'the payments account' when the account is called 'payments-prod'. */
  byWord: Map<string, Name[]>;
  /**
   * Names of several words, all of them words that questions are made of ('Which resources'), by their words. They mean something in
   * quotation marks only: else whoever may name a thing could turn everybody's questions into other ones.
   */
  ordinary: Map<string, Name[]>;
  keyFor(family: string): string | null;
}

/** How many words a name has at most; more are a sentence. */
const LONGEST_NAME = 6;

const isFiller = (word: string): boolean => senses.longest([word], 0)?.values.includes('fill') ?? false;

const squeeze = (text: string): string => plain(text).replace(/[^\p{L}\p{N}]/gu, '');

const withoutMaker = (name: string): string => name.replace(/^(amazon|aws|microsoft|google)\s+/i, '');

function isThisService(known: KnownService, service: Catalog['services'][number]): boolean {
  const name = plain(service.name);
  if (service.code && known.codes.some((code) => plain(code) === plain(service.code ?? ''))) return true;
  return known.names.some((candidate) => name === plain(candidate)) || known.codes.some((code) => plain(code) === name);
}

/** 'Amazon Elastic Compute Cloud - Compute' belongs to the service whose name it starts with. */
function isPartOfService(known: KnownService, service: Catalog['services'][number]): boolean {
  const name = plain(service.name);
  return known.names.some((candidate) => name.startsWith(`${plain(candidate)} - `));
}

/** Other words for the environment a name is called after: an account 'production' is also 'the prod account'. */
const sameEnvironment = (name: string): string[] =>
  ENVIRONMENT_WORDS.find((group) => group.includes(plain(name))) ?? [];

class Builder {
  readonly table = new PhraseTable<Name>();
  readonly byWord = new Map<string, Name[]>();
  readonly ordinary = new Map<string, Name[]>();

  private readonly catalog: Catalog;

  constructor(catalog: Catalog) {
    this.catalog = catalog;
  }

  private add(phrases: Iterable<string>, name: Name): void {
    for (const phrase of phrases) {
      this.table.add(phrase, name);
      const texts = wordTexts(phrase);
      if (texts.length > 1) this.table.add(texts.join(''), name);
    }
  }

  /** Names that others chose: a sentence is no name, and a name is no question. */
  private addChosen(phrases: readonly string[], name: Name): void {
    for (const phrase of phrases) {
      const texts = wordTexts(phrase);
      const isOrdinary = texts.length > 1 && texts.every((text) => senses.words.has(text));
      if (!isOrdinary && texts.length <= LONGEST_NAME) this.add([phrase], name);
      else this.ordinary.set(texts.join(' '), [...(this.ordinary.get(texts.join(' ')) ?? []), name]);
    }
  }

  private addParts(text: string, name: Name): void {
    const parts = wordTexts(text);
    if (parts.length < 2 || parts.length > LONGEST_NAME) return;
    for (const part of new Set(parts)) {
      if (part.length < 3 || /^\d+$/.test(part) || isFiller(part)) continue;
      this.byWord.set(part, [...(this.byWord.get(part) ?? []), name]);
    }
  }

  services(): void {
    for (const service of this.catalog.services) {
      const phrases = [
        service.name,
        withoutMaker(service.name),
        service.code ?? '',
        service.name.replace(/\s*\(.*\)$/, ''),
      ];
      this.add(phrases, { ...filter('service_name', [service.name], service.name), certain: true });
    }
    for (const known of KNOWN_SERVICES) this.knownService(known);
  }

  private knownService(known: KnownService): void {
    const exact = this.catalog.services.filter((service) => isThisService(known, service));
    const parts = this.catalog.services.filter((service) => isPartOfService(known, service));
    const found = [...new Set([...exact, ...parts].map((service) => service.name))];
    const [label = known.names[0] ?? ''] = found;
    // 'EC2 - Other' is a part of EC2 in some bills, and never another word for all of it.
    const named = known.names.filter((name) => !name.includes(' - ') || known.names.length === 1);
    const spoken = [...named, ...named.map(withoutMaker), ...known.codes, ...known.aliases];
    const own = found.length > 0 ? filter('service_name', found, label) : this.usageInstead(known);
    this.add(spoken, own ?? { kind: 'absent', what: 'service', label });
  }

  /** Services that some bills hold only as usage types of another service: EBS, data transfer. */
  private usageInstead(known: KnownService): Name | null {
    const hints: Record<string, [string[], string]> = {
      'Amazon Elastic Block Store': [['EBS:'], 'EBS'],
      'AWS Data Transfer': [['DataTransfer', 'AWS-Out-Bytes', 'AWS-In-Bytes'], 'data transfer'],
    };
    const [values, label] = hints[known.names[0] ?? ''] ?? [[], ''];
    return this.usageContaining(values, label);
  }

  private usageContaining(hints: string[], label: string): Name | null {
    const values = hints.filter((hint) => this.catalog.usageTypes.some((type) => type.includes(hint)));
    if (values.length === 0) return null;
    return { kind: 'filter', dimension: 'x_usage_type', operator: 'contains', values, label, certain: false };
  }

  /** Things that are no service of their own but show in the usage type. */
  usageNouns(): void {
    const nouns: [string[], string[], string][] = [
      [['requests', 'request', 'api requests', 'request charges'], ['Requests'], 'requests'],
      [['nat gateway', 'nat gateways', 'nat', 'natgateway', 'natgateways'], ['NatGateway'], 'NAT gateway'],
      [['ebs snapshot', 'ebs snapshots', 'snapshot', 'snapshots'], ['EBS:Snapshot', 'Snapshot'], 'EBS snapshots'],
      [['ebs volume', 'ebs volumes', 'volume', 'volumes'], ['EBS:Volume'], 'EBS volumes'],
      [
        [
          'elastic ip',
          'elastic ips',
          'ip addresses',
          'elastic ip addresses',
          'elastic ip',
          'ip addresses',
          'ip address',
          'public ipv4',
          'public ipv4 addresses',
          'eip',
          'eips',
        ],
        ['ElasticIP', 'PublicIPv4'],
        'public IPv4 addresses',
      ],
      [
        [
          'inter region traffic',
          'inter region data transfer',
          'cross region traffic',
          'cross region data transfer',
          'inter region transfer',
          'cross region transfer',
        ],
        ['AWS-Out-Bytes', 'AWS-In-Bytes'],
        'traffic between regions',
      ],
      [
        [
          'inter az traffic',
          'cross az traffic',
          'inter az data transfer',
          'cross az data transfer',
          'regional data transfer',
        ],
        ['DataTransfer-Regional'],
        'traffic between availability zones',
      ],
      [
        [
          'internet traffic',
          'internet data transfer',
          'data transfer to the internet',
          'data transfer out to internet',
        ],
        ['DataTransfer-Out'],
        'traffic to the internet',
      ],
    ];
    for (const [phrases, hints, label] of nouns) {
      const name = this.usageContaining(hints, label);
      if (name) this.add(phrases, name);
    }
  }

  categories(): void {
    const present = new Set(this.catalog.services.map((service) => service.category));
    for (const [category, line] of Object.entries(CATEGORY_WORDS)) {
      const phrases = [category, ...line.split('|')];
      const name: Name = present.has(category)
        ? filter('service_category', [category], category)
        : { kind: 'absent', what: 'category', label: category };
      this.add(phrases, name);
    }
    for (const category of present) {
      if (category && !(category in CATEGORY_WORDS))
        this.add([category], filter('service_category', [category], category));
    }
  }

  accounts(): void {
    for (const { id, name, kinds } of this.catalog.accounts) {
      const dimension = kinds !== undefined && !kinds.includes('sub') ? 'billing_account_id' : 'sub_account_id';
      const account = filter(dimension, [id], name ?? id, true);
      this.add([id], account);
      if (!name) continue;
      const short = name.replace(/[\s_-]+(account|acct)$/i, '');
      const own = this.withoutCompany(short);
      this.addChosen([name, short, own, ...sameEnvironment(own)], account);
      this.addParts(short, account);
    }
  }

  /** 'acme-payments' is 'payments' where every account's name starts with 'acme'. */
  private withoutCompany(name: string): string {
    const [first = ''] = wordTexts(name);
    const named = this.catalog.accounts.filter((account) => account.name);
    const shared = named.length > 2 && named.every((account) => wordTexts(account.name ?? '')[0] === first);
    return shared ? name.replace(/^[^\s_-]+[\s_-]+/, '') : name;
  }

  regions(): void {
    const present = new Set(this.catalog.regions);
    for (const id of present) this.add([id], filter('region_id', [id], id, true));
    for (const [id, line] of Object.entries(REGION_NAMES)) {
      const phrases = [id, ...line.split('|')];
      this.add(
        phrases,
        present.has(id) ? filter('region_id', [id], id) : { kind: 'absent', what: 'region', label: id },
      );
    }
    for (const [start, [label, line]] of Object.entries(REGION_GROUPS)) {
      const ids = this.catalog.regions.filter((id) => id.startsWith(start));
      if (ids.length > 0) this.add(line.split('|'), filter('region_id', ids, label));
    }
  }

  tags(): void {
    for (const { key, values } of this.catalog.tagKeys) {
      // Every resource has a name, so the word alone seldom means the tag.
      const alone = key.toLowerCase() === 'name' ? [] : [key];
      this.add([...alone, `${key} tag`, `tag ${key}`], { kind: 'key', dimension: `tag:${key}`, label: key });
      for (const value of values) {
        if (this.isEnvironment(key, value)) continue;
        const name = filter(`tag:${key}`, [value], value, true);
        this.addChosen([value], name);
        this.addParts(value, name);
      }
    }
    this.environments();
  }

  /** Values such as 'prod' and 'production' are one environment and are named together below. */
  private isEnvironment(key: string, value: string): boolean {
    if (this.keyFor('environment') !== `tag:${key}`) return false;
    return ENVIRONMENT_WORDS.some((group) => group.some((word) => squeeze(word) === squeeze(value)));
  }

  private environments(): void {
    const key = this.keyFor('environment');
    const tag = this.catalog.tagKeys.find((candidate) => `tag:${candidate.key}` === key);
    if (!tag) return;
    for (const group of ENVIRONMENT_WORDS) {
      const values = tag.values.filter((value) => group.some((word) => squeeze(word) === squeeze(value)));
      if (values.length > 0) this.add(group, filter(`tag:${tag.key}`, values, values[0] ?? '', true));
    }
  }

  machines(): void {
    const families = new Set<string>();
    for (const type of this.catalog.instanceTypes) {
      this.add([type], filter('x_instance_type', [type], type, true));
      const family = type.replace(/\.[^.]+$/, '');
      if (family !== type) families.add(family);
    }
    for (const family of families) {
      const name: Name = {
        kind: 'filter',
        dimension: 'x_instance_type',
        operator: 'contains',
        values: [`${family}.`],
        label: `${family} instances`,
        certain: true,
      };
      this.add([family.replace(/^db\./, 'db '), family], name);
    }
    for (const type of this.catalog.usageTypes) this.add([type], filter('x_usage_type', [type], type, true));
  }

  vendors(): void {
    const providers = this.catalog.providers ?? [];
    for (const vendor of VENDORS.split('|').map((text) => text.trim())) {
      const known = this.table.longest(wordTexts(vendor), 0);
      if (known && known.length === wordTexts(vendor).length) continue;
      const found = providers.filter((provider) => squeeze(provider).includes(squeeze(vendor)));
      const name: Name =
        found.length > 0
          ? filter('service_provider_name', found, found[0] ?? vendor)
          : { kind: 'absent', what: 'vendor', label: vendor };
      this.add([vendor], name);
    }
    // With a single cloud in the bill 'AWS costs' means all of it.
    if (providers.length < 2) return;
    for (const provider of providers) {
      const own = /amazon|aws/i.test(provider) ? ['aws', 'amazon web services'] : [];
      this.add([provider, ...own], filter('service_provider_name', [provider], provider));
    }
  }

  keyFor(family: string): string | null {
    for (const wanted of TAG_FAMILIES[family] ?? []) {
      const found = this.catalog.tagKeys.find(({ key }) => squeeze(key) === wanted);
      if (found) return `tag:${found.key}`;
    }
    return null;
  }
}

function filter(
  dimension: string,
  values: string[],
  label: string,
  certain = false,
): Extract<Name, { kind: 'filter' }> {
  return { kind: 'filter', dimension, operator: 'in', values, label, certain };
}

const built = new WeakMap<Catalog, EstateNames>();

/** The names of an estate; the same catalog object is read once. */
export function namesOf(catalog: Catalog): EstateNames {
  const known = built.get(catalog);
  if (known) return known;
  const builder = new Builder(catalog);
  builder.services();
  builder.usageNouns();
  builder.categories();
  builder.accounts();
  builder.regions();
  builder.tags();
  builder.machines();
  builder.vendors();
  const names: EstateNames = {
    table: builder.table,
    byWord: builder.byWord,
    ordinary: builder.ordinary,
    keyFor: (family) => builder.keyFor(family),
  };
  built.set(catalog, names);
  return names;
}
