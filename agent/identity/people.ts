import type { Config } from '../../config.ts';
import type { Db } from '../../db/client.ts';
import type { Principal } from '../../db/principal.ts';
import type { IdentityKey } from '../../db/queries/identities.ts';
import type { Session } from '../../db/queries/sessions.ts';
import { accountNames } from '../../db/queries/users.ts';
import { type Identity, identify } from '../identify.ts';
import { readGroupRoles } from './link-account.ts';
import { listPersonas, type Persona } from './personas.ts';
import { closeSession, renewSession, resumeSession, type SignedIn } from './sessions.ts';
import { type SignIn, signIn } from './sign-in.ts';
import { createToken, listTokens, type NewToken, revokeToken, type Token } from './tokens.ts';
import {
  type Actor,
  addUser,
  changeUser,
  linkUser,
  listUsers,
  type NewUser,
  type User,
  type UserChanges,
} from './users.ts';

/** What a surface does about people: who somebody is, signing in and out, users and tokens. */
export interface People {
  /** See `identify`. */
  identify(identity: Identity): Promise<Principal>;
  /** The session of a cookie's secret, with a new secret when it is due for one. @throws PennyError `unauthorized` */
  resume(given: { secret: string; local: boolean }): Promise<Session & { renewed?: string }>;
  /** The personas there are now. */
  personas(): Promise<Persona[]>;
  /** See `signIn`. */
  signIn(how: SignIn, replaces?: string): Promise<SignedIn>;
  signOut(given: { principal: Principal; secret: string; everywhere: boolean }): Promise<void>;
  /** The names of accounts by their ids, as far as they have one. */
  accountNames(ids: string[]): Promise<Map<string, string>>;
  listTokens(principal: Principal): Promise<Token[]>;
  createToken(actor: Actor, token: NewToken): Promise<Token & { token: string }>;
  revokeToken(actor: Actor, tokenId: string): Promise<Token>;
  listUsers(principal: Principal): Promise<User[]>;
  addUser(actor: Actor, user: NewUser): Promise<User>;
  changeUser(actor: Actor, idOrEmail: string, changes: UserChanges): Promise<User>;
  /** See `linkUser`. */
  linkUser(actor: Actor, idOrEmail: string, key: IdentityKey): Promise<void>;
}

/** People over a database. */
export function createPeople({ config, db, now }: { config: Config; db: Db; now: () => Date }): People {
  const rules = {
    hours: config.PENNY_SESSION_HOURS,
    autoCreate: config.PENNY_OIDC_AUTO_CREATE,
    groupRoles: readGroupRoles(config.PENNY_OIDC_GROUP_ROLES ?? ''),
  };
  return {
    identify: (identity) => identify(db, identity, now()),
    async resume(given) {
      const session = await resumeSession(db, given, now());
      const renewed = await renewSession(db, session, given.secret, now());
      return renewed === undefined ? session : { ...session, renewed };
    },
    personas: () => listPersonas(db),
    signIn: (how, replaces) => signIn(db, how, rules, now(), replaces),
    signOut: (given) => closeSession(db, given, now()),
    accountNames: (ids) => accountNames(db, ids),
    listTokens: (principal) => listTokens(db, principal),
    createToken: (actor, token) => createToken(db, actor, token, now()),
    revokeToken: (actor, tokenId) => revokeToken(db, actor, tokenId, now()),
    listUsers: (principal) => listUsers(db, principal),
    addUser: (actor, user) => addUser(db, actor, user, now()),
    changeUser: (actor, idOrEmail, changes) => changeUser(db, actor, idOrEmail, changes, now()),
    linkUser: (actor, idOrEmail, key) => linkUser(db, actor, idOrEmail, key, now()),
  };
}
