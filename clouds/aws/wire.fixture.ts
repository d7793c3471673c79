import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Config, readConfig } from '../../config.ts';

/** A request as AWS would get it. */
export interface WireRequest {
  /** Name of the operation where the protocol carries it, else the method and path. */
  operation: string;
  /** Service and region, from the signature. */
  service: string;
  region: string;
  accessKeyId: string;
  headers: IncomingMessage['headers'];
  method: string;
  path: string;
  body: string;
}

export interface WireAnswer {
  status?: number;
  body: string | Buffer;
  headers?: Record<string, string>;
}

/** A server that answers as AWS does on the wire, and keeps what it was asked. */
export interface Wire {
  endpoint: string;
  requests: WireRequest[];
  close(): Promise<void>;
}

/** Starts a server on a free port that answers by `answer`. */
export async function openWire(answer: (request: WireRequest) => WireAnswer | Promise<WireAnswer>): Promise<Wire> {
  const requests: WireRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = read(incoming, Buffer.concat(chunks).toString('utf8'));
    requests.push(request);
    const { status = 200, body, headers = {} } = await answer(request);
    const type = String(body).startsWith('<') ? 'text/xml' : 'application/x-amz-json-1.1';
    outgoing.writeHead(status, { 'content-type': type, ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function read(incoming: IncomingMessage, body: string): WireRequest {
  const { headers, method = '', url = '' } = incoming;
  const [, accessKeyId = '', region = '', service = ''] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)/.exec(headers.authorization ?? '') ?? [];
  const target = String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  const operation = target || new URLSearchParams(body).get('Action') || `${method} ${url}`;
  return { operation, service, region, accessKeyId, headers, method, path: url, body };
}

/** What STS says to AssumeRole. */
export function assumedRole(accessKeyId: string, expires = '2099-01-01T00:00:00Z'): WireAnswer {
  return {
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
      <AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
      <Expiration>${expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  };
}

/** An error of EC2. */
export function ec2Error(status: number, code: string): WireAnswer {
  return {
    status,
    body: `<Response><Errors><Error><Code>${code}</Code><Message>told by a test</Message></Error></Errors><RequestID>1</RequestID></Response>`,
  };
}

/** An error of a service that speaks JSON. */
export function jsonError(status: number, code: string): WireAnswer {
  return { status, body: JSON.stringify({ __type: code, message: 'told by a test' }) };
}

/** The settings of AWS, unset but for `settings`. */
export function awsSettings(settings: Record<string, string> = {}): Config {
  return readConfig(settings);
}

/** Keys that open nothing. */
export const TEST_CREDENTIALS = async () => ({ accessKeyId: 'OWN', secretAccessKey: 'secret' });
