import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { type Config, silenceAwsWarning } from '../../config.ts';
import { PennyError } from '../../errors.ts';
import { type CallCounter, countCalls } from './calls.ts';
import { type CredentialsSource, type SharedCredentials, shareCredentials } from './credentials.ts';
import { type AwsPlace, makePlace } from './place.ts';

/** The settings that say how AWS is reached. */
export type AwsSettings = Pick<
  Config,
  | 'AWS_REGION'
  | 'AWS_ENDPOINT_URL'
  | 'AWS_ENDPOINT_URL_S3'
  | 'PENNY_AWS_ROLE_ARN'
  | 'PENNY_AWS_EXTERNAL_ID'
  | 'PENNY_AWS_MANAGEMENT_ACCOUNT'
  | 'PENNY_AWS_ACCOUNTS'
  | 'PENNY_AWS_REGIONS'
  | 'PENNY_AWS_CALLS_PER_RUN'
  | 'PENNY_AWS_COST_EXPLORER_CALLS_PER_RUN'
  | 'PENNY_AWS_COST_EXPLORER'
  | 'PENNY_AWS_PRICES'
  | 'PENNY_AWS_PRICE_LIST_URL'
>;

/** AWS as one run of a job sees it: its clients, and the calls made so far. */
export interface Aws {
  settings: AwsSettings;
  calls: CallCounter;
  /** Returns where the organisation, its bill and its prices are read; its region is AWS_REGION unless given. */
  home(region?: string): AwsPlace;
  /** Returns an account's region. The account's role is assumed when the settings name one. */
  place(at: { accountId: string; region: string }): AwsPlace;
  /** Returns the account that the credentials at home belong to. */
  homeAccount(): Promise<string>;
  /** Returns the one account that can be read when the settings name no role in each; null when they do. */
  onlyAccount(): Promise<string | null>;
}

export interface AwsOptions {
  /** Instead of the default chain: environment, SSO or a profile, the role of a pod or an instance. */
  credentials?: CredentialsSource;
  /** For all services. The SDK itself reads AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>. */
  endpoint?: string;
  now?: () => number;
  /** Default: 'reads'. Only what makes approved changes may send what changes anything. */
  who?: 'reads' | 'changes';
  /** Of the run: what is asked of AWS ends with it. */
  signal?: AbortSignal;
}

/**
 * Returns AWS for one run: clients that share credentials by account, wait and retry when AWS is busy, renew credentials
 * that ended, and count each call against the run's budget. Their failures are PennyErrors: `cloud_denied`,
 * `cloud_unavailable`, `cloud_budget`; others, such as that a thing is not there, stay as the SDK gives them.
 */
export function openAws(settings: AwsSettings, options: AwsOptions = {}): Aws {
  silenceAwsWarning();
  const now = options.now ?? Date.now;
  const calls = countCalls(
    {
      calls: settings.PENNY_AWS_CALLS_PER_RUN,
      costExplorerCalls: settings.PENNY_AWS_COST_EXPLORER_CALLS_PER_RUN,
    },
    options.who,
  );
  // Stores other than S3 itself seldom know buckets as names of hosts.
  const isElsewhere = [options.endpoint, settings.AWS_ENDPOINT_URL, settings.AWS_ENDPOINT_URL_S3].some(
    (url) => url !== undefined,
  );
  const own = shareCredentials(options.credentials ?? fromNodeProviderChain(), now);
  const byAccount = new Map<string, SharedCredentials>();
  const openPlace = (accountId: string | null, region: string, credentials: SharedCredentials): AwsPlace =>
    makePlace({
      accountId,
      region,
      credentials,
      calls,
      endpoint: options.endpoint,
      isElsewhere,
      signal: options.signal,
    });
  const credentialsOf = (accountId: string): SharedCredentials => {
    const role = settings.PENNY_AWS_ROLE_ARN;
    if (role === undefined) return own;
    const arn = role.replace('{account}', accountId);
    const known = byAccount.get(arn);
    if (known !== undefined) return known;
    const sts = openPlace(null, settings.AWS_REGION, own).client(STSClient);
    const made = shareCredentials(() => assume(sts, arn, settings.PENNY_AWS_EXTERNAL_ID), now);
    byAccount.set(arn, made);
    return made;
  };
  const place: Aws['place'] = ({ accountId, region }) => openPlace(accountId, region, credentialsOf(accountId));
  const home: Aws['home'] = (region = settings.AWS_REGION) => {
    const account = settings.PENNY_AWS_MANAGEMENT_ACCOUNT;
    return account === undefined ? openPlace(null, region, own) : place({ accountId: account, region });
  };
  const onlyAccount = async (): Promise<string | null> => {
    const role = settings.PENNY_AWS_ROLE_ARN;
    if (role === undefined) return accountOf(openPlace(null, settings.AWS_REGION, own));
    return /::(\d{12}):/.exec(role)?.[1] ?? null;
  };
  return { settings, calls, home, place, homeAccount: () => accountOf(home()), onlyAccount };
}

async function assume(sts: STSClient, arn: string, externalId: string | undefined) {
  const { Credentials: made } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: arn,
      RoleSessionName: 'penny',
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    }),
  );
  if (made?.AccessKeyId === undefined || made.SecretAccessKey === undefined)
    throw new PennyError('cloud_denied', `AWS gave no credentials for the role ${arn}.`);
  return {
    accessKeyId: made.AccessKeyId,
    secretAccessKey: made.SecretAccessKey,
    sessionToken: made.SessionToken,
    expiration: made.Expiration,
  };
}

async function accountOf(place: AwsPlace): Promise<string> {
  if (place.accountId !== null) return place.accountId;
  try {
    const { Account } = await place.client(STSClient).send(new GetCallerIdentityCommand({}));
    if (Account === undefined) throw new PennyError('cloud_unavailable', 'AWS does not say whose the credentials are.');
    return Account;
  } finally {
    place.close();
  }
}
