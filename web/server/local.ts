import type { FastifyRequest } from 'fastify';
import type { Config } from '../../config.ts';
import { isLoopback, isLoopbackName } from './security.ts';

type Place = Pick<Config, 'HOST' | 'PENNY_PUBLIC_URL' | 'PENNY_OIDC_ISSUER'>;

/** Headers by which proxies say that they pass a request on. */
const PASSED_ON = [
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-original-host',
  'cf-connecting-ip',
  'true-client-ip',
];

/**
 * Whether Penny serves one machine alone, so that being there may count as being its owner: it listens on loopback, has no address
 * for others, and no identity provider is set up.
 */
export function servesOneMachine({ HOST, PENNY_PUBLIC_URL, PENNY_OIDC_ISSUER }: Place): boolean {
  const isOwn = PENNY_PUBLIC_URL === undefined || isLoopbackName(new URL(PENNY_PUBLIC_URL).host);
  return isLoopback(HOST) && isOwn && PENNY_OIDC_ISSUER === undefined;
}

/**
 * Whether a request comes from a browser on this machine, as its connection and its Host say. Headers cannot say so, only
 * the opposite: what a proxy on this machine passes on comes from anywhere.
 */
export function isFromThisMachine(request: FastifyRequest, place: Place): boolean {
  const { headers, socket } = request;
  const passedOn = Object.keys(headers).some((name) => name.startsWith('x-forwarded-') || PASSED_ON.includes(name));
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return servesOneMachine(place) && !passedOn && isLoopback(address) && isLoopbackName(headers.host);
}
