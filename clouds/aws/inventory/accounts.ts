import {
  type Account,
  DescribeOrganizationCommand,
  ListTagsForResourceCommand,
  OrganizationsClient,
  paginateListAccounts,
} from '@aws-sdk/client-organizations';
import { PennyError } from '../../../errors.ts';
import type { CloudAccount } from '../../contract.ts';
import type { Aws } from '../clients.ts';
import { nameOf } from '../errors.ts';
import { tagsOf } from './kind.ts';

/** Who pays, and the accounts to read. */
export interface Organization {
  billingAccountId: string;
  accounts: CloudAccount[];
}

/** Returns who pays: the management account, or, without an organisation, the account at home. */
export async function billingAccountOf(aws: Aws): Promise<string> {
  const place = aws.home();
  try {
    return (await managementAccount(place.client(OrganizationsClient))) ?? (await aws.homeAccount());
  } finally {
    place.close();
  }
}

/** Returns the management account; undefined without an organisation. */
async function managementAccount(client: OrganizationsClient): Promise<string | undefined> {
  try {
    const { Organization } = await client.send(new DescribeOrganizationCommand({}));
    return Organization?.MasterAccountId;
  } catch (error) {
    if (nameOf(error) === 'AWSOrganizationsNotInUseException') return undefined;
    throw error;
  }
}

/**
 * Returns the accounts of the organisation, closed ones included. Where there is none, or it may not be listed, those that
 * PENNY_AWS_ACCOUNTS names, besides who pays.
 * @throws PennyError `cloud_denied`, `cloud_unavailable`, `cloud_budget`
 */
export async function readOrganization(aws: Aws): Promise<Organization> {
  const place = aws.home();
  try {
    const client = place.client(OrganizationsClient);
    const billingAccountId = await managementAccount(client);
    if (billingAccountId === undefined) return namedAccounts(aws, await aws.homeAccount());
    return { billingAccountId, accounts: await membersOf(client, billingAccountId) };
  } catch (error) {
    // Only the management account may list the others.
    const isDenied = error instanceof PennyError && error.code === 'cloud_denied';
    if (!isDenied || aws.settings.PENNY_AWS_ACCOUNTS === undefined) throw error;
    const payer = await managementAccount(place.client(OrganizationsClient)).catch(() => undefined);
    return namedAccounts(aws, payer ?? (await aws.homeAccount()));
  } finally {
    place.close();
  }
}

async function membersOf(client: OrganizationsClient, billingAccountId: string): Promise<CloudAccount[]> {
  const accounts: CloudAccount[] = [];
  for await (const { Accounts } of paginateListAccounts({ client, pageSize: 20 }, {})) {
    for (const account of Accounts ?? []) accounts.push(await accountOf(client, account, billingAccountId));
  }
  return accounts;
}

async function accountOf(
  client: OrganizationsClient,
  account: Account,
  billingAccountId: string,
): Promise<CloudAccount> {
  const { Id: accountId = '', Name, State, Status } = account;
  const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceId: accountId }));
  return {
    accountId,
    name: Name ?? null,
    kind: accountId === billingAccountId ? 'billing' : 'sub',
    billingAccountId,
    serviceProviderName: 'AWS',
    state: State ?? Status ?? null,
    tags: tagsOf(Tags),
  };
}

/** Who pays and the accounts that the settings name, of which nothing else is known. */
function namedAccounts(aws: Aws, billingAccountId: string): Organization {
  const ids = new Set([billingAccountId, ...listOf(aws.settings.PENNY_AWS_ACCOUNTS)]);
  const accounts = [...ids].map((accountId): CloudAccount => {
    const kind = accountId === billingAccountId ? 'billing' : 'sub';
    return { accountId, name: null, kind, billingAccountId, serviceProviderName: 'AWS', state: null, tags: {} };
  });
  return { billingAccountId, accounts };
}

/** Returns the words of a setting that is a list. */
export function listOf(setting: string | undefined): string[] {
  return (setting ?? '').split(',').flatMap((word) => word.trim() || []);
}
