import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../config.ts';
import { PennyError } from '../../errors.ts';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether an address to listen on is reachable from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The page runs its own files and nothing else: no inline script or style, no other origin, no frame around it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/**
 * A hook that sets the security headers and refuses what another site makes a browser send. On a loopback address the Host
 * must be a loopback name or that of PENNY_PUBLIC_URL, else a page could point its own name at this machine (DNS rebinding) and
 * read the answers.
 */
export function guardBrowser({ HOST, PENNY_PUBLIC_URL }: Pick<Config, 'HOST' | 'PENNY_PUBLIC_URL'>) {
  const loopback = isLoopback(HOST);
  const https = PENNY_PUBLIC_URL?.startsWith('https:') ?? false;
  const headers = https ? { ...SECURITY_HEADERS, 'strict-transport-security': 'max-age=31536000' } : SECURITY_HEADERS;
  const own = PENNY_PUBLIC_URL === undefined ? undefined : new URL(PENNY_PUBLIC_URL).host;
  return async function guardBrowserHook(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { host } = request.headers;
    reply.headers(headers);
    if (loopback && !isLoopbackName(host) && (own === undefined || host?.toLowerCase() !== own)) {
      throw new PennyError(
        'forbidden',
        'Open Penny as http://localhost or http://127.0.0.1, or set PENNY_PUBLIC_URL; other host names are refused.',
      );
    }
    if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method) && isFromElsewhere(request, own)) {
      throw new PennyError('forbidden', 'Requests that change something are not taken from other sites.');
    }
  };
}

/** Whether a Host header names this machine. */
export function isLoopbackName(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK_NAMES.has(host.replace(/:\d+$/, '').toLowerCase());
}

/** A browser says where a request comes from, and a script cannot change that; a program says nothing. */
function isFromElsewhere({ headers }: FastifyRequest, own: string | undefined): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  return ![host, own].includes(new URL(origin).host);
}
