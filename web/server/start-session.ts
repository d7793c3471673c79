import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SignIn } from '../../agent/identity/sign-in.ts';
import { readCookie, setCookie } from './cookies.ts';
import type { ServerOptions } from './options.ts';

/** Signs somebody in and gives their browser the cookie of the new session. @throws what `People.signIn` throws */
export async function startSession(
  how: SignIn,
  request: FastifyRequest,
  reply: FastifyReply,
  { people, config }: Pick<ServerOptions, 'people' | 'config'>,
): Promise<void> {
  const { secret, expiresAt } = await people.signIn(how, readCookie(request, 'session', config));
  setCookie(reply, 'session', secret, expiresAt, config);
}
