import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Provider, { type Configuration } from 'oidc-provider';

/** What the provider says about an account, in the ID token or when asked. */
export interface Account {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  groups?: string[];
}

/** A token as the provider would send it, for a test to change or to forge. */
export interface Jwt {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

export interface TestProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  /** Who is at the keyboard when the provider asks; null: somebody who says no. */
  account: Account | null;
  /** Changes the ID token on its way out; it is signed anew unless `sign` says otherwise. */
  tamper: ((token: Jwt) => Jwt & { sign?: (input: string) => string }) | undefined;
  /** Follows a browser from the address of Penny's redirect through the log-in to the address it comes back to. */
  logIn(address: string): Promise<URL>;
  close(): Promise<void>;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part = ''): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString());

/** An RS256 signature. */
export const signWith =
  (key: KeyObject) =>
  (input: string): string =>
    createSign('sha256').update(input).sign(key, 'base64url');

/** A real OpenID Connect provider on a free port of this machine, with one client: Penny. */
export async function startProvider(): Promise<TestProvider> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' };
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const test: TestProvider = {
    issuer,
    clientId: 'penny',
    clientSecret: 'a-secret-of-thirty-two-characters',
    redirectUri: 'http://127.0.0.1:3000/auth/callback',
    account: { sub: 'ada' },
    tamper: undefined,
    logIn: (from) => follow(from, issuer),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
  const provider = new Provider(issuer, configuration(test, jwk));
  const handle = provider.callback();
  answer = (request, response) => {
    if (request.url?.startsWith('/interaction/')) return void interact(provider, test, request, response);
    if (request.url === '/token') tamperWith(response, test, signWith(privateKey));
    handle(request, response);
  };
  return test;
}

function configuration(test: TestProvider, jwk: object): Configuration {
  const scope = 'openid email profile groups';
  return {
    clients: [
      {
        client_id: test.clientId,
        client_secret: test.clientSecret,
        redirect_uris: [test.redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    jwks: { keys: [jwk as { kty: 'RSA' }] },
    cookies: { keys: ['a key of the test'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: scope.split(' '),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ ...test.account, sub: id }) }),
    // Consent was given once and for all.
    async loadExistingGrant(context) {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client?.clientId ?? '',
        accountId: context.oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope(scope);
      await grant.save();
      return grant;
    },
  };
}

async function interact(
  provider: Provider,
  { account }: TestProvider,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const result = account === null ? { error: 'access_denied' } : { login: { accountId: account.sub } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** Puts another ID token in the place of the provider's. */
function tamperWith(
  response: ServerResponse,
  { tamper }: TestProvider,
  signAsProvider: (input: string) => string,
): void {
  if (tamper === undefined) return;
  const end = response.end.bind(response);
  response.end = ((body: string | Buffer) => {
    const tokens = JSON.parse(String(body)) as { id_token?: string };
    const [header, claims] = (tokens.id_token ?? '').split('.');
    const changed = tamper({ header: decode(header), claims: decode(claims) });
    const input = `${encode(changed.header)}.${encode(changed.claims)}`;
    const text = JSON.stringify({ ...tokens, id_token: `${input}.${(changed.sign ?? signAsProvider)(input)}` });
    response.setHeader('content-length', Buffer.byteLength(text));
    return end(text);
  }) as typeof response.end;
}

/** A browser that keeps its cookies and follows redirects as long as they stay with the provider. */
async function follow(from: string, issuer: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let at = new URL(from);
  while (at.origin === issuer) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const next = response.headers.get('location');
    if (next === null) throw new Error(`the provider stopped at ${at}: ${await response.text()}`);
    at = new URL(next, at);
  }
  return at;
}
