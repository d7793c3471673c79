import { z } from 'zod';

const metadataSchema = z.looseObject({ token_endpoint: z.url().optional() });
const tokenSchema = z.looseObject({ access_token: z.string(), expires_in: z.number().default(300) });

/**
 * Returns what gives the tokens for requests to a stand-in for Teams' servers: its metadata may name a token endpoint, which the real ones do not;
 * without one requests go out unsigned. The password goes nowhere else.
 */
export function standInToken(
  metadataUrl: string,
  client: { appId: string; password(): string },
): () => Promise<string | undefined> {
  let kept: { token: string; until: number } | undefined;
  return async () => {
    if (kept !== undefined && kept.until > Date.now()) return kept.token;
    const { token_endpoint: endpoint } = metadataSchema.parse(await (await fetch(metadataUrl)).json());
    if (endpoint === undefined) return undefined;
    const form = { grant_type: 'client_credentials', client_id: client.appId, client_secret: client.password() };
    const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token: token, expires_in: seconds } = tokenSchema.parse(await response.json());
    kept = { token, until: Date.now() + (seconds * 1000) / 2 };
    return token;
  };
}
