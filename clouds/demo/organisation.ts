import type { Random } from './random.ts';

/** What an account is for. One account a role and business unit, all paid by the management account. */
export const ROLES = [
  'production',
  'production-eu',
  'staging',
  'development',
  'data',
  'analytics',
  'machine-learning',
  'security',
  'log-archive',
  'shared-services',
  'network',
  'sandbox',
] as const;

export type Role = (typeof ROLES)[number] | 'management';

export interface Account {
  index: number;
  id: string;
  name: string;
  role: Role;
}

/** One business unit's accounts; `suffix` keeps names apart where several copies of the estate share the accounts. */
export interface Unit {
  accounts: Record<Role, Account>;
  suffix: string;
}

export interface Application {
  name: string;
  team: string;
  costCenter: string;
}

/** The teams, the division each belongs to and its cost center. */
export const TEAMS = {
  storefront: { division: 'Commerce', costCenter: 'CC-1100' },
  payments: { division: 'Commerce', costCenter: 'CC-1150' },
  search: { division: 'Commerce', costCenter: 'CC-1200' },
  fulfilment: { division: 'Operations', costCenter: 'CC-2100' },
  'data-platform': { division: 'Data', costCenter: 'CC-3100' },
  'machine-learning': { division: 'Data', costCenter: 'CC-3200' },
  platform: { division: 'Technology', costCenter: 'CC-4100' },
  security: { division: 'Technology', costCenter: 'CC-4200' },
} as const;

export type Team = keyof typeof TEAMS;

/** Which team runs which application. */
export const APPLICATIONS = {
  storefront: 'storefront',
  catalog: 'storefront',
  'mobile-api': 'storefront',
  checkout: 'payments',
  ledger: 'payments',
  'fraud-scoring': 'payments',
  search: 'search',
  suggestions: 'search',
  'order-routing': 'fulfilment',
  'warehouse-sync': 'fulfilment',
  'shipping-labels': 'fulfilment',
  'data-lake': 'data-platform',
  reporting: 'data-platform',
  'event-stream': 'data-platform',
  recommendations: 'machine-learning',
  'demand-forecast': 'machine-learning',
  assistant: 'machine-learning',
  identity: 'platform',
  notifications: 'platform',
  'build-system': 'platform',
  observability: 'platform',
  networking: 'platform',
  'audit-trail': 'security',
  'threat-detection': 'security',
} as const satisfies Record<string, Team>;

export type ApplicationName = keyof typeof APPLICATIONS;

/** Words that tell business units apart when the estate is scaled up. */
const UNIT_NAMES = ['marlow', 'aster', 'quill', 'tamsin', 'oakley', 'brindle', 'corran', 'delph', 'elwood', 'farrow'];

/** The company whose bill this is; invented. */
export const COMPANY = 'fernhill';

export interface Organisation {
  payer: Account;
  accounts: Account[];
  units: Unit[];
}

/**
 * The organisation: a payer and twelve linked accounts a business unit. The number of units is the square root of `scale`,
 * so accounts grow slower than resources; each of the `scale` copies of the estate lives in one of the units.
 */
export function organisation(rng: Random, scale: number): Organisation {
  const taken = new Set<string>();
  const accounts: Account[] = [];
  const add = (role: Role, name: string): Account => {
    let id = '';
    while (id === '' || taken.has(id)) id = String(rng.integer(100_000_000_000, 999_999_999_999));
    taken.add(id);
    const account = { index: accounts.length, id, name: `${COMPANY}-${name}`, role };
    accounts.push(account);
    return account;
  };
  const payer = add('management', 'management');
  const groups = Array.from({ length: Math.max(1, Math.floor(Math.sqrt(scale))) }, (_, group) => {
    const prefix = group === 0 ? '' : `${UNIT_NAMES[group - 1] ?? `unit${group + 1}`}-`;
    return { management: payer, ...Object.fromEntries(ROLES.map((role) => [role, add(role, `${prefix}${role}`)])) };
  }) as Record<Role, Account>[];
  const units = Array.from({ length: scale }, (_, copy) => ({
    accounts: groups[copy % groups.length] as Record<Role, Account>,
    suffix: copy < groups.length ? '' : `-${Math.floor(copy / groups.length) + 1}`,
  }));
  return { payer, accounts, units };
}

/** The value of the `environment` tag that belongs to an account. */
export function environmentOf(role: Role): string {
  if (role === 'staging' || role === 'development' || role === 'sandbox') return role;
  return 'production';
}

/** How often a resource in such an account carries no or incomplete tags. */
const TAG_GAPS: Record<Role, number> = {
  management: 0.06,
  production: 0.042,
  'production-eu': 0.042,
  staging: 0.09,
  development: 0.168,
  data: 0.072,
  analytics: 0.12,
  'machine-learning': 0.09,
  security: 0.036,
  'log-archive': 0.036,
  'shared-services': 0.072,
  network: 0.036,
  sandbox: 0.36,
};

const ENVIRONMENT_VARIANTS: Record<string, string[]> = {
  production: ['Production', 'prod', 'PROD'],
  staging: ['Staging', 'stage'],
  development: ['Development', 'dev'],
  sandbox: ['Sandbox'],
};

/** The tags a resource carries: mostly complete, sometimes missing, now and then spelt in another way, as people do. */
export function tagsFor(role: Role, application: ApplicationName, name: string, rng: Random): Record<string, string> {
  const team: Team = APPLICATIONS[application];
  const environment = environmentOf(role);
  const complete = { team, environment, application, cost_center: TEAMS[team].costCenter, name };
  if (rng.chance(TAG_GAPS[role])) return rng.chance(0.65) ? { name } : { environment, application, name };
  const dice = rng.next();
  if (dice < 0.04) return { ...complete, environment: rng.pick(ENVIRONMENT_VARIANTS[environment] ?? [environment]) };
  if (dice < 0.055) return { ...complete, team: team[0]?.toUpperCase() + team.slice(1) };
  if (dice < 0.07) {
    const { team: _, environment: __, ...rest } = complete;
    return { Team: team, Environment: environment, ...rest };
  }
  return complete;
}
