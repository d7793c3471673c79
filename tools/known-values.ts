import type { Catalog } from '../db/queries/catalog.ts';
import type { ColumnDimension, CostFilter, Dimension } from '../db/queries/dimensions.ts';

/** What the catalog knows of a dimension: its values, whether they are all of them, and other names for them. */
export interface KnownValues {
  values: readonly string[];
  /** A value that is not listed is nowhere on the bill. */
  complete: boolean;
  /** Other names a person may use for a value, lower-cased: account names, service names without the vendor, product codes. */
  aliases: ReadonlyMap<string, readonly string[]>;
  /** How a value is best shown to somebody who has to choose: accounts by name. */
  label(value: string): string;
}

/** What the catalog knows of a dimension, or undefined when it keeps no list of it. */
export function knownValues(dimension: Dimension, catalog: Catalog): KnownValues | undefined {
  if (dimension.kind === 'tag') {
    const tag = catalog.tagKeys.find(({ key }) => key === dimension.key);
    return tag && { ...plain(tag.values), complete: tag.values.length === tag.valueCount };
  }
  return columnValues(dimension.column, catalog);
}

const VENDOR = /^(amazon|aws|microsoft|azure|google|google cloud)\s+/;

function columnValues(column: ColumnDimension, catalog: Catalog): KnownValues | undefined {
  switch (column) {
    case 'service_name':
      return serviceValues(catalog);
    case 'sub_account_id':
    case 'billing_account_id':
      return accountValues(catalog, column === 'sub_account_id' ? 'sub' : 'billing');
    case 'service_category':
      return plain(catalog.serviceCategories);
    case 'service_provider_name':
      return plain(catalog.providers);
    case 'publisher_name':
      return plain(catalog.publishers);
    case 'region_id':
      return plain(catalog.regions);
    case 'charge_category':
      return plain(['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment']);
    case 'billing_currency':
      return plain(catalog.currencies);
    case 'x_usage_type':
      return { ...plain(catalog.usageTypes), complete: catalog.usageComplete };
    case 'x_instance_type':
      return { ...plain(catalog.instanceTypes), complete: catalog.usageComplete };
    default:
      return undefined;
  }
}

function plain(values: readonly string[]): KnownValues {
  return { values, complete: true, aliases: new Map(), label: (value) => value };
}

function serviceValues({ services }: Catalog): KnownValues {
  const aliases = new Map<string, string[]>();
  const add = (alias: string, name: string) => aliases.set(alias, [...(aliases.get(alias) ?? []), name]);
  for (const { name, code } of services) {
    if (code !== null) add(code.toLowerCase(), name);
    const short = name.toLowerCase().replace(VENDOR, '');
    if (short !== name.toLowerCase()) add(short, name);
  }
  return { ...plain(services.map(({ name }) => name)), aliases };
}

function accountValues({ accounts }: Catalog, kind: 'sub' | 'billing'): KnownValues {
  const ofKind = accounts.filter(({ kinds }) => kinds.includes(kind));
  const aliases = new Map<string, string[]>();
  for (const { id, name } of ofKind) {
    if (name !== null) aliases.set(name.toLowerCase(), [...(aliases.get(name.toLowerCase()) ?? []), id]);
  }
  const names = new Map(ofKind.map(({ id, name }) => [id, name]));
  return { ...plain(ofKind.map(({ id }) => id)), aliases, label: (id) => names.get(id) ?? id };
}

/** The values that a text names: by their exact words, case aside, or by another name. Several when a name is shared. */
export function valuesNamed(text: string, known: KnownValues): readonly string[] {
  if (known.values.includes(text)) return [text];
  const wanted = text.trim().toLowerCase();
  const same = known.values.filter((value) => value.toLowerCase() === wanted);
  return same.length > 0 ? same : (known.aliases.get(wanted) ?? []);
}

/** The values that hold a text, in themselves or in the name they are shown by. */
export function valuesContaining(text: string, known: KnownValues): string[] {
  const part = text.trim().toLowerCase();
  return known.values.filter(
    (value) => value.toLowerCase().includes(part) || known.label(value).toLowerCase().includes(part),
  );
}

/** Whether a filter can name values that are nowhere, which must not turn into a silent zero. */
export const namesValues = ({ operator }: Pick<CostFilter, 'operator'>): boolean =>
  operator === 'in' || operator === 'not in' || operator === 'contains';
