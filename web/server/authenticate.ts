import type { FastifyReply, FastifyRequest } from 'fastify';
import { PennyError } from '../../errors.ts';
import { readCookie, setCookie } from './cookies.ts';
import { isFromThisMachine } from './local.ts';
import type { Principal, ServerOptions } from './options.ts';
import { limitSignIn } from './rate-limit.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request; set for everything under `/api/v1`. */
    principal: Principal;
    /** A page of ours comes with a session, a program with a token. */
    surface: 'web' | 'api';
  }
}

/**
 * A hook that tells who sent a request, by its API token or else its session cookie. An address that comes with wrong ones again and
 * again is told to wait; whoever comes with a right one never is, since many people may share an address.
 * @throws PennyError `unauthorized`, `rate_limited`
 */
export function authenticate(options: Pick<ServerOptions, 'config' | 'people'>) {
  const limitFailures = limitSignIn();
  return async function authenticateHook(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      await identifyRequest(request, reply, options);
    } catch (error) {
      if (error instanceof PennyError && error.code === 'unauthorized') {
        reply.header('www-authenticate', 'Bearer');
        await limitFailures(request);
      }
      throw error;
    }
  };
}

async function identifyRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  { config, people }: Pick<ServerOptions, 'config' | 'people'>,
): Promise<void> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined)
      throw new PennyError('unauthorized', 'Send the API token as "Authorization: Bearer TOKEN".');
    request.principal = await people.identify({ platform: 'token', token });
    request.surface = 'api';
    return;
  }
  const secret = readCookie(request, 'session', config);
  if (secret === undefined) throw new PennyError('unauthorized');
  const session = await people.resume({ secret, local: isFromThisMachine(request, config) });
  if (session.renewed !== undefined) setCookie(reply, 'session', session.renewed, session.expiresAt, config);
  request.principal = session.principal;
  request.surface = 'web';
}
