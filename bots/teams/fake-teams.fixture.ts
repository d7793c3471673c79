import { createHmac, createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the bot has sent to Teams' connector, in order. */
export interface Call {
  method: string;
  path: string;
  authorization: string | undefined;
  body: Record<string, unknown>;
}

/** What a token says and how it is signed; what is not given is as Teams' servers do it. */
export interface TokenOptions {
  issuer?: string;
  audience?: string;
  serviceUrl?: string;
  /** Seconds from now. */
  expiresIn?: number;
  keyId?: string;
  key?: KeyObject;
  algorithm?: 'RS256' | 'HS256' | 'none';
}

/** Teams' servers as a bot sees them: the keys of the Bot Framework, the token endpoint and the connector. */
export interface FakeTeams {
  /** Address of the connector, as activities carry it. */
  serviceUrl: string;
  openIdMetadataUrl: string;
  appId: string;
  calls: Call[];
  /** Messages that the bot has written or replaced, without its typing. */
  messages(): Call[];
  token(options?: TokenOptions): string;
  /** A key that another server's tokens are signed with. */
  otherKey: KeyObject;
  /** Answers every request to the connector with this status, until it is told undefined. */
  fail(status: number | undefined): void;
  /** Whom the bot may not write to by itself: those who have not added it. */
  refusePersonal(userId: string): void;
  /** Resolves with the calls so far as soon as `enough` says so. */
  until(enough: (calls: Call[]) => boolean): Promise<Call[]>;
  close(): Promise<void>;
}

const ISSUER = 'https://api.botframework.com';
const KEY_ID = 'key-1';

/** Starts a stand-in for Teams' servers on this machine, with keys of its own. */
export async function startFakeTeams(appId: string): Promise<FakeTeams> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const others = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const calls: Call[] = [];
  let failure: number | undefined;
  const refused = new Set<string>();
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const serviceUrl = `${origin}/emea/`;
  const documents: Record<string, unknown> = {
    '/openidconfiguration': { issuer: ISSUER, jwks_uri: `${origin}/keys`, token_endpoint: `${origin}/token` },
    '/keys': {
      keys: [
        { ...keys.publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', endorsements: ['msteams'] },
        { ...keys.publicKey.export({ format: 'jwk' }), kid: 'unendorsed', use: 'sig', endorsements: ['webchat'] },
      ],
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const body = await bodyOf(request);
    const send = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (documents[path] !== undefined) return void send(200, documents[path]);
    if (path === '/token') return void send(200, { access_token: 'outgoing-token', expires_in: 3600 });
    if (request.method === 'GET') return void send(404, {});
    if (failure !== undefined) {
      if (failure === 429) response.setHeader('retry-after', '0');
      return void send(failure, { error: { code: 'ServiceError', message: 'not now' } });
    }
    const call = { method: request.method ?? '', path, authorization: request.headers.authorization, body };
    calls.push(call);
    for (const wake of waiting) wake();
    if (path.endsWith('/v3/conversations')) {
      const [member] = body.members as { id: string }[];
      if (refused.has(member?.id ?? '')) return void send(403, { error: { code: 'BotNotInConversationRoster' } });
      return void send(201, { id: `personal-${member?.id}` });
    }
    send(request.method === 'POST' ? 201 : 200, { id: `sent-${calls.length}` });
  }

  return {
    serviceUrl,
    openIdMetadataUrl: `${origin}/openidconfiguration`,
    appId,
    calls,
    messages: () => calls.filter(({ body }) => body.type === 'message'),
    token: (options = {}) => signed(options, { appId, serviceUrl, key: keys.privateKey }),
    otherKey: others.privateKey,
    fail: (status) => {
      failure = status;
    },
    refusePersonal: (userId) => void refused.add(userId),
    until: (enough) =>
      new Promise((resolve) => {
        const look = () => {
          if (!enough(calls)) return;
          waiting.delete(look);
          resolve(calls);
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text.startsWith('{') ? JSON.parse(text) : {};
}

function signed(options: TokenOptions, usual: { appId: string; serviceUrl: string; key: KeyObject }): string {
  const { algorithm = 'RS256', keyId = KEY_ID, expiresIn = 3600, key = usual.key } = options;
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part({ alg: algorithm, typ: 'JWT', kid: keyId })}.${part({
    iss: options.issuer ?? ISSUER,
    aud: options.audience ?? usual.appId,
    serviceurl: options.serviceUrl ?? usual.serviceUrl,
    nbf: now - 7200,
    exp: now + expiresIn,
    jti: randomUUID(),
  })}`;
  return `${content}.${signature(content, algorithm, key)}`;
}

function signature(content: string, algorithm: TokenOptions['algorithm'], key: KeyObject): string {
  if (algorithm === 'none') return '';
  // The public key as a secret: what a verifier falls for that takes the algorithm from the token.
  if (algorithm === 'HS256') return createHmac('sha256', 'a secret').update(content).digest('base64url');
  return createSign('RSA-SHA256').update(content).sign(key, 'base64url');
}
