import * as oidc from 'openid-client';
import { z } from 'zod';
import type { ProviderAccount } from '../../agent/identity/link-account.ts';
import type { Config } from '../../config.ts';
import { PennyError } from '../../errors.ts';

/** What the browser keeps while it is at the provider, so that what comes back can be told from what somebody else began. */
export const attemptSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
});

export type Attempt = z.infer<typeof attemptSchema>;

/** The OpenID Connect provider that is set up. */
export interface Provider {
  /** Where to send the browser, and what it has to bring back. @throws PennyError `identity_provider_unavailable` */
  begin(returnTo: string): Promise<{ address: URL; attempt: Attempt }>;
  /**
   * The account that signed in, from the address the browser came back to.
   * @throws PennyError `unauthorized` when any of it is not as it must be; `identity_provider_unavailable`
   */
  complete(search: string, attempt: Attempt): Promise<ProviderAccount>;
}

const TIMEOUT_SECONDS = 10;

/** The provider of the configuration; it is asked for its metadata when the first person signs in. */
export function makeProvider(config: Config): Provider {
  const { PENNY_OIDC_ISSUER: issuer = '', PENNY_PUBLIC_URL: publicUrl = '' } = config;
  const redirectUri = new URL('/auth/callback', publicUrl);
  let discovering: Promise<oidc.Configuration> | undefined;
  const client = (): Promise<oidc.Configuration> => {
    discovering ??= discover(config).catch((error: unknown) => {
      discovering = undefined;
      throw toError(error, issuer);
    });
    return discovering;
  };
  return {
    async begin(returnTo) {
      const attempt: Attempt = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
        returnTo,
      };
      const address = oidc.buildAuthorizationUrl(await client(), {
        redirect_uri: redirectUri.href,
        scope: config.PENNY_OIDC_SCOPES,
        code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        state: attempt.state,
        nonce: attempt.nonce,
      });
      return { address, attempt };
    },
    async complete(search, { state, nonce, verifier }) {
      const found = await client();
      const cameBackTo = new URL(redirectUri);
      cameBackTo.search = search;
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      try {
        const tokens = await oidc.authorizationCodeGrant(found, cameBackTo, checks);
        return await accountOf(found, tokens, config.PENNY_OIDC_GROUPS_CLAIM);
      } catch (error) {
        throw toError(error, issuer);
      }
    },
  };
}

async function discover(config: Config): Promise<oidc.Configuration> {
  const issuer = new URL(config.PENNY_OIDC_ISSUER ?? '');
  // The configuration takes http from a loopback address alone.
  const execute = [
    oidc.enableNonRepudiationChecks,
    ...(issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : []),
  ];
  const { PENNY_OIDC_CLIENT_ID: clientId = '', PENNY_OIDC_CLIENT_SECRET: clientSecret } = config;
  return oidc.discovery(issuer, clientId, clientSecret, undefined, { execute, timeout: TIMEOUT_SECONDS });
}

type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>;

const truth = z.union([z.literal(true), z.literal('true')]);
const groupsSchema = z.union([z.array(z.string()), z.string().transform((group) => [group])]);

/** Many providers tell the address and the groups only when asked with the access token. The signed ID token goes first. */
async function accountOf(found: oidc.Configuration, tokens: Tokens, groupsClaim: string): Promise<ProviderAccount> {
  const signed = tokens.claims();
  if (signed === undefined) throw new oidc.ClientError('there is no ID token');
  const asked = found.serverMetadata().userinfo_endpoint !== undefined;
  const more = asked ? await oidc.fetchUserInfo(found, tokens.access_token, signed.sub) : {};
  const claims: Record<string, unknown> = { ...more, ...signed };
  // Both belong together: an address of one and a word that another was verified prove nothing.
  const { email, email_verified: verified }: Record<string, unknown> = signed.email === undefined ? more : signed;
  return {
    issuer: signed.iss,
    subject: signed.sub,
    email: typeof email === 'string' ? email : undefined,
    emailVerified: truth.safeParse(verified).success,
    name: typeof claims.name === 'string' ? claims.name : undefined,
    groups: groupsSchema.safeParse(claims[groupsClaim]).data ?? [],
  };
}

/** The provider's own words may hold anything and come through the browser, so they stay in `cause`. */
function toError(cause: unknown, issuer: string): PennyError {
  if (cause instanceof PennyError) return cause;
  if (cause instanceof oidc.AuthorizationResponseError && cause.error === 'access_denied') {
    return new PennyError('unauthorized', 'Your identity provider did not let you in.', { cause });
  }
  if (isOutage(cause)) {
    return new PennyError(
      'identity_provider_unavailable',
      `The identity provider ${issuer} does not answer as it should.`,
      {
        cause,
      },
    );
  }
  return new PennyError('unauthorized', 'What came back from the identity provider is not valid. Sign in again.', {
    cause,
  });
}

const OUTAGES = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_ABORT',
]);

function isOutage(error: unknown): boolean {
  if (error instanceof oidc.ResponseBodyError) return error.status >= 500;
  if (error instanceof oidc.ClientError) return OUTAGES.has(error.code ?? '') || isOutage(error.cause);
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');
}
