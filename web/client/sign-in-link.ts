import { failureOf, signIn } from './api.ts';
import type { Failure } from './chat-state.ts';

/**
 * Signs in with the one-time link this page was opened by, if it was, and takes the code out of the address before anybody
 * can read it there. Gives why it failed, or undefined.
 */
export async function arriveByLink(): Promise<Failure | undefined> {
  const code = /^#link=([\w-]+)$/.exec(location.hash)?.[1];
  if (location.pathname === '/sign-in') history.replaceState(null, '', '/');
  if (code === undefined) return undefined;
  return signIn({ code }).then(() => undefined, failureOf);
}
