import { recordAudit } from '../../db/audit/record.ts';
import type { Db } from '../../db/client.ts';
import type { Principal } from '../../db/principal.ts';
import { isDemoAlone } from '../../db/queries/personas.ts';
import {
  endSession,
  endSessionsOf,
  insertSession,
  rotateSession,
  type Session,
  type SignInMethod,
  sessionByHash,
} from '../../db/queries/sessions.ts';
import { inTransaction } from '../../db/transaction.ts';
import { PennyError } from '../../errors.ts';
import { hashOf, newSecret } from './secret.ts';

/** A session not used for this long is over. */
const IDLE_SECONDS = 12 * 3600;
/** A secret is changed this often; the one before is good for as long as a page takes to load. */
const ROTATION_SECONDS = 3600;
const GRACE_SECONDS = 60;

/** What a browser gets when somebody signs in there. */
export interface SignedIn {
  principal: Principal;
  /** For the cookie; it is kept nowhere else. */
  secret: string;
  expiresAt: Date;
}

/** How long a session lasts at most, used or not. */
export interface SessionLength {
  hours: number;
}

/** Opens a session and says so in the audit log. `replaces` is the secret of the session that the browser had before. */
export async function openSession(
  db: Db,
  given: {
    principal: Principal;
    identityId?: string;
    method: SignInMethod;
    details?: Record<string, unknown>;
    replaces?: string | undefined;
  },
  { hours }: SessionLength,
  now: Date,
): Promise<SignedIn> {
  const { principal, method, replaces } = given;
  const secret = newSecret();
  const expiresAt = after(now, hours * 3600);
  await inTransaction(db, async (client) => {
    if (replaces !== undefined) await endSession(client, hashOf(replaces), now);
    const identityId = given.identityId ?? null;
    const rotateAfter = after(now, ROTATION_SECONDS);
    const hash = hashOf(secret);
    const row = { userId: principal.userId, identityId, method, hash, rotateAfter, expiresAt };
    const id = await insertSession(client, row, now);
    await recordAudit(client, {
      occurredAt: now,
      actorId: principal.userId,
      actor: principal.email,
      surface: 'web',
      event: 'session.started',
      subject: { type: 'session', id },
      details: { method, ...given.details },
    });
  });
  return { principal, secret, expiresAt };
}

/**
 * The session of a secret.
 * @throws PennyError `unauthorized` when there is none, it is over, or it was made on this machine and is used from elsewhere
 */
export async function resumeSession(
  db: Db,
  { secret, local }: { secret: string; local: boolean },
  now: Date,
): Promise<Session> {
  const times = { now, idleSeconds: IDLE_SECONDS, graceSeconds: GRACE_SECONDS };
  const session = await sessionByHash(db, hashOf(secret), times);
  if (session === null || !(await mayGoOn(db, session, local))) {
    throw new PennyError('unauthorized', 'Your session is over. Sign in again.');
  }
  return session;
}

/** A persona is nobody where there is a real bill; what was signed in at this machine stays on it. */
async function mayGoOn(db: Db, { method }: Session, local: boolean): Promise<boolean> {
  if (method === 'persona') return local && isDemoAlone(db.pool);
  return method !== 'link' || local;
}

/** A new secret for a session that is due for one; undefined when it is not, or a request at the same time was quicker. */
export async function renewSession(
  db: Db,
  { rotationDue }: Session,
  secret: string,
  now: Date,
): Promise<string | undefined> {
  if (!rotationDue) return undefined;
  const renewed = newSecret();
  const rotateAfter = after(now, ROTATION_SECONDS);
  const changed = await rotateSession(db, { from: hashOf(secret), to: hashOf(renewed), now, rotateAfter });
  return changed ? renewed : undefined;
}

/** Ends the session of a secret, or with `everywhere` all of its person; says so in the audit log. */
export async function closeSession(
  db: Db,
  { principal, secret, everywhere }: { principal: Principal; secret: string; everywhere: boolean },
  now: Date,
): Promise<void> {
  await inTransaction(db, async (client) => {
    const ended = everywhere
      ? await endSessionsOf(client, principal.userId, now)
      : Number((await endSession(client, hashOf(secret), now)) !== null);
    if (ended === 0) return;
    await recordAudit(client, {
      occurredAt: now,
      actorId: principal.userId,
      actor: principal.email,
      surface: 'web',
      event: 'session.ended',
      details: { sessions: ended, everywhere },
    });
  });
}

function after(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}
