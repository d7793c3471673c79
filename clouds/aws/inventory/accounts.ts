import {
  type Account,
  DescribeOrganizationCommand,
  ListTagsForResourceCommand,
  OrganizationsClient,
  paginateListAccounts,
} from '@aws-sdk/client-organizations';
import type { CloudAccount } from '../../contract.ts';
import type { Aws } from '../clients.ts';
import { nameOf } from '../errors.ts';
import { tagsOf } from './kind.ts';

/** Who pays, and the accounts to read. */
export interface Organization {
  billingAccountId: string;
  accounts: CloudAccount[];
}

/**
 * Returns the accounts of the organisation, closed ones included. Where there is none, the account at home stands alone, or
 * the accounts that PENNY_AWS_ACCOUNTS names.
 * @throws PennyError `cloud_denied`, `cloud_unavailable`, `cloud_budget`
 */
export async function readOrganization(aws: Aws): Promise<Organization> {
  const place = aws.home();
  try {
    const client = place.client(OrganizationsClient);
    const { Organization } = await client.send(new DescribeOrganizationCommand({}));
    const billingAccountId = Organization?.MasterAccountId ?? (await aws.homeAccount());
    const accounts: CloudAccount[] = [];
    for await (const { Accounts } of paginateListAccounts({ client, pageSize: 20 }, {})) {
      for (const account of Accounts ?? []) accounts.push(await accountOf(client, account, billingAccountId));
    }
    return { billingAccountId, accounts };
  } catch (error) {
    if (nameOf(error) !== 'AWSOrganizationsNotInUseException') throw error;
    return standingAlone(aws);
  } finally {
    place.close();
  }
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

async function standingAlone(aws: Aws): Promise<Organization> {
  const billingAccountId = await aws.homeAccount();
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
