import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type KillPoint = 'before' | 'after' | 'between';

/** The time after an answer in which the worker writes down what it got, in milliseconds. */
const BETWEEN_MS = 60;

/** What a tap does to the calls of one worker. */
export interface TapOptions {
  /** Where AWS, or what stands for it, is. */
  endpoint: string;
  random: () => number;
  /** Share of calls at which a time begins in which one to eight calls are throttled. */
  throttle: number;
  /**
   * Told before a call is passed on, after it was carried out and not yet answered, and some moments after it was answered; true: the worker is
   * dead, and gets no answer.
   */
  isKilled(when: KillPoint): boolean;
}

export interface Tap {
  url: string;
  counts: { calls: number; throttled: number };
  close(): void;
}

/** Starts what passes calls of one worker on to AWS, throttles some, and may kill their worker at either side of each. */
export async function openTap({ endpoint, random, throttle, isKilled }: TapOptions): Promise<Tap> {
  const counts = { calls: 0, throttled: 0 };
  let throttledFor = 0;
  const server = createServer(async (incoming, outgoing) => {
    counts.calls++;
    const body = await bodyOf(incoming);
    if (throttledFor === 0 && random() < throttle) throttledFor = 1 + Math.floor(random() * 8);
    if (throttledFor > 0) {
      throttledFor--;
      counts.throttled++;
      return throttled(incoming, outgoing);
    }
    if (isKilled('before')) return outgoing.destroy();
    const { method, url, headers } = incoming;
    const passed = request(`${endpoint}${url}`, { method, headers }, async (answer) => {
      const answered = await bodyOf(answer);
      if (isKilled('after')) return outgoing.destroy();
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(answered);
      setTimeout(() => isKilled('between'), random() * BETWEEN_MS);
    });
    passed.on('error', () => outgoing.destroy());
    passed.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    counts,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  // A worker that dies while it asks has asked nothing.
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch {}
  return Buffer.concat(chunks);
}

/** As services say it: those that speak JSON, EC2, and those of the query protocol. */
function throttled({ headers }: IncomingMessage, outgoing: ServerResponse): void {
  const [, service = ''] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)/.exec(headers.authorization ?? '') ?? [];
  if (headers['content-type']?.includes('json') || service === 'lambda' || service === 'eks') {
    const type = 'ThrottlingException';
    outgoing
      .writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type })
      .end(JSON.stringify({ __type: type, message: 'told by a test' }));
    return;
  }
  const code = service === 'ec2' ? 'RequestLimitExceeded' : 'Throttling';
  const error = `<Error><Code>${code}</Code><Message>told by a test</Message></Error>`;
  const xml =
    service === 'ec2'
      ? `<Response><Errors>${error}</Errors><RequestID>1</RequestID></Response>`
      : `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`;
  outgoing.writeHead(service === 'ec2' ? 503 : 400, { 'content-type': 'text/xml' }).end(xml);
}
