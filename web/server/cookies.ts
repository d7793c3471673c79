import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../config.ts';

type Site = Pick<Config, 'PENNY_PUBLIC_URL'>;

/** `session`: who signed in. `attempt`: a sign-in that has gone to the identity provider and is expected back. */
type CookieName = 'session' | 'attempt';

/**
 * The provider leads the browser back from another site, so the attempt has to come along then. The session need not: the page
 * is the same for everybody, and fetches what is somebody's from its own site.
 */
const SAME_SITE = { session: 'strict', attempt: 'lax' } as const;

const isHttps = ({ PENNY_PUBLIC_URL }: Site): boolean => PENNY_PUBLIC_URL?.startsWith('https:') ?? false;

/** Over https the name forbids other hosts of the same domain to set the cookie (RFC 6265bis, 4.1.3.2). */
function nameOf(name: CookieName, site: Site): string {
  return isHttps(site) ? `__Host-penny_${name}` : `penny_${name}`;
}

/** The value of a cookie of ours; undefined when there is none. */
export function readCookie(request: FastifyRequest, name: CookieName, site: Site): string | undefined {
  return parseCookie(request.headers.cookie ?? '')[nameOf(name, site)] || undefined;
}

/** Sets a cookie that no script can read, until `expires`. */
export function setCookie(reply: FastifyReply, name: CookieName, value: string, expires: Date, site: Site): void {
  const attributes = {
    path: '/',
    httpOnly: true,
    secure: isHttps(site),
    sameSite: SAME_SITE[name],
    expires,
  };
  reply.header('set-cookie', stringifySetCookie({ name: nameOf(name, site), value, ...attributes }));
}

export function clearCookie(reply: FastifyReply, name: CookieName, site: Site): void {
  setCookie(reply, name, '', new Date(0), site);
}
