/**
 * The names of one estate, as its bill writes them: what the offline model recognises in a question. Built per principal,
 * so a name that somebody may not see is a name that is not there.
 */
export interface Catalog {
  /** `code` is the provider's own product code ('AmazonEC2'); `category` the FOCUS service category. */
  services: { name: string; category: string | null; code?: string | null }[];
  /** `kinds`: 'sub' where charges arise, 'billing' where they are paid; left out: charges arise there. */
  accounts: { id: string; name: string | null; kinds?: ('billing' | 'sub')[] }[];
  /** Region ids such as 'eu-west-1'. */
  regions: string[];
  tagKeys: { key: string; values: string[] }[];
  instanceTypes: string[];
  usageTypes: string[];
  currencies: string[];
  /** First and last day (inclusive) of the data, YYYY-MM-DD; null when nothing is loaded. */
  dataFrom: string | null;
  dataThrough: string | null;
  /** Names of the clouds and vendors billed ('Amazon Web Services'); left out: not known. */
  providers?: string[];
  /** Whether there may be more than the principal sees; left out: there is not. */
  isPartial?: boolean;
  /** Resources whose id or name is exactly this text (case aside), at most a few. */
  findResources(text: string): Promise<KnownResource[]>;
}

export interface KnownResource {
  id: string;
  name: string | null;
  type?: string | null;
}
