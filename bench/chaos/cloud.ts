import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { openAws } from '../../clouds/aws/clients.ts';
import { readConfig } from '../../config.ts';

/** How often a cloud disturbs, as shares of the calls to it. */
export interface Faults {
  /** Begins a time in which the caller is throttled: one to twelve calls, of which the client makes six before it gives up. */
  throttle: number;
  /** Ends the credentials of the caller, long before they said they would. */
  expire: number;
  /** Of the calls that get new credentials: those that are refused because the caller's own ones have ended, twice in a row. */
  refuse: number;
}

/** What the cloud has answered so far. */
export interface FaultCounts {
  calls: number;
  throttled: number;
  /** Credentials that ended before their time, and answers that said so. */
  ended: number;
  expired: number;
  /** Roles assumed, and answers that the credentials to do so with have ended. */
  assumed: number;
  refused: number;
}

/** A stand-in for AWS that gives roles, and amounts to those who have one. */
export interface StandIn {
  endpoint: string;
  counts: FaultCounts;
  /** From now on it disturbs. */
  disturb(faults: Faults): void;
  close(): void;
}

/** Starts it on a free port. `amountOf` returns what it says of a thing that is asked for. */
export async function openStandIn(amountOf: (thing: string) => string, random: () => number): Promise<StandIn> {
  let faults: Faults = { throttle: 0, expire: 0, refuse: 0 };
  const counts: FaultCounts = { calls: 0, throttled: 0, ended: 0, expired: 0, assumed: 0, refused: 0 };
  const ended = new Set<string>();
  const throttledFor = new Map<string, number>();
  let refusals = 0;
  const assume = (): Answer => {
    if (refusals === 0 && random() < faults.refuse) refusals = 2;
    if (refusals > 0) {
      refusals--;
      counts.refused++;
      return stsError('ExpiredToken');
    }
    counts.assumed++;
    return { status: 200, body: assumedRole(`ROLE${counts.assumed}`) };
  };
  const describe = (key: string, thing: string): Answer => {
    if (!ended.has(key) && random() < faults.expire) {
      ended.add(key);
      counts.ended++;
    }
    if (ended.has(key)) {
      counts.expired++;
      return ec2Error(400, 'RequestExpired');
    }
    const left = throttledFor.get(key) ?? (random() < faults.throttle ? 1 + Math.floor(random() * 12) : 0);
    if (left > 0) throttledFor.set(key, left - 1);
    else throttledFor.delete(key);
    if (left === 0) return { status: 200, body: volumes(amountOf(thing)) };
    counts.throttled++;
    return ec2Error(503, 'RequestLimitExceeded');
  };
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const asked = new URLSearchParams(Buffer.concat(chunks).toString());
    counts.calls++;
    const key = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
    const isRole = asked.get('Action') === 'AssumeRole';
    const { status, body } = isRole ? assume() : describe(key, asked.get('Filter.1.Value.1') ?? '');
    outgoing.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    disturb(given) {
      faults = given;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Answer {
  status: number;
  body: string;
}

const assumedRole = (key: string): string =>
  `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
    <AccessKeyId>${key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
    <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

const volumes = (amount: string): string =>
  `<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><volumeSet><item><volumeId>vol-1</volumeId>
    <tagSet><item><key>amount</key><value>${amount}</value></item></tagSet></item></volumeSet></DescribeVolumesResponse>`;

const ec2Error = (status: number, code: string): Answer => ({
  status,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>injected</Message></Error></Errors><RequestID>1</RequestID></Response>`,
});

const stsError = (code: string): Answer => ({
  status: 403,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>injected</Message></Error></ErrorResponse>`,
});

const SETTINGS = readConfig({ PENNY_AWS_ROLE_ARN: 'arn:aws:iam::{account}:role/penny-reader' });
const OWN = async () => ({ accessKeyId: 'OWN', secretAccessKey: 'secret' });

/** Returns who asks the stand-in as Penny asks AWS: in a role, with retries and renewed credentials. For one run. */
export function askCloud(
  endpoint: string,
  signal: AbortSignal,
): { amountOf(thing: string): Promise<string>; close(): void } {
  const place = openAws(SETTINGS, { endpoint, credentials: OWN, signal }).place({
    accountId: '111122223333',
    region: 'eu-west-1',
  });
  return {
    async amountOf(thing) {
      const asked = new DescribeVolumesCommand({ Filters: [{ Name: 'tag:thing', Values: [thing] }] });
      const { Volumes } = await place.client(EC2Client).send(asked, { abortSignal: signal });
      const amount = Volumes?.[0]?.Tags?.[0]?.Value;
      if (amount === undefined) throw new Error(`The cloud gave no amount of ${thing}.`);
      return amount;
    },
    close: () => place.close(),
  };
}
