import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

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

/** A stand-in for AWS that gives roles and, to those who have one, lists of a store: each with one file, whose name is an amount. */
export interface StandIn {
  endpoint: string;
  counts: FaultCounts;
  /** From now on it disturbs. */
  disturb(faults: Faults): void;
  close(): void;
}

/** Starts it on a free port. `amountOf` returns the amount below a prefix. */
export async function openStandIn(amountOf: (prefix: string) => string, random: () => number): Promise<StandIn> {
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
  const list = (key: string, prefix: string): Answer => {
    if (!ended.has(key) && random() < faults.expire) {
      ended.add(key);
      counts.ended++;
    }
    if (ended.has(key)) {
      counts.expired++;
      return s3Error(400, 'ExpiredToken');
    }
    const left = throttledFor.get(key) ?? (random() < faults.throttle ? 1 + Math.floor(random() * 12) : 0);
    if (left > 0) throttledFor.set(key, left - 1);
    else throttledFor.delete(key);
    if (left === 0) return { status: 200, body: listing(prefix, amountOf(prefix)) };
    counts.throttled++;
    return s3Error(503, 'SlowDown');
  };
  const server = createServer(async (incoming, outgoing) => {
    counts.calls++;
    for await (const _ of incoming);
    const key = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
    const prefix = new URL(incoming.url ?? '', 'http://aws').searchParams.get('prefix') ?? '';
    // A role is asked for by POST, a list by GET.
    const { status, body } = incoming.method === 'POST' ? assume() : list(key, prefix);
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

const listing = (prefix: string, amount: string): string =>
  `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>${prefix}/${amount}.csv</Key><ETag>"1"</ETag><Size>1</Size>
    <LastModified>2026-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>`;

const s3Error = (status: number, code: string): Answer => ({
  status,
  body: `<Error><Code>${code}</Code><Message>injected</Message></Error>`,
});

const stsError = (code: string): Answer => ({
  status: 403,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>injected</Message></Error></ErrorResponse>`,
});
