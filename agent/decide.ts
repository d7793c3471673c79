import type { Db } from '../db/client.ts';
import type { Principal } from '../db/principal.ts';
import { type Decision, decideRemediation } from '../db/remediations/decide.ts';
import {
  cancelRemediation,
  requestUndo,
  resumeRemediations,
  stoppedBecause,
  stopRemediations,
} from '../db/remediations/life.ts';
import { listRemediations, type RemediationPage, showRemediation } from '../db/remediations/list.ts';
import { proposeRemediation, type Surface } from '../db/remediations/propose.ts';
import type { Remediation } from '../db/remediations/remediation.ts';
import { PennyError } from '../errors.ts';
import { KNOWN_ACTIONS } from '../tools/propose-remediation.ts';

export type { Decision } from '../db/remediations/decide.ts';
export type { Remediation, RemediationState } from '../db/remediations/remediation.ts';

/** Who, and from where. */
interface Person {
  principal: Principal;
  surface: Surface;
}

/**
 * The human side of a remediation: the one door by which terminal, API, web and chats decide. No model is on this path, and nothing but the id
 * of a remediation comes from outside.
 */
export interface Decisions {
  list(principal: Principal, page: RemediationPage): Promise<{ items: Remediation[]; nextCursor?: string }>;
  /** @throws PennyError `not_found` (none, or out of scope) */
  find(principal: Principal, remediationId: string): Promise<Remediation>;
  /** Proposes what a recommendation asks for. @throws PennyError `forbidden`, `not_found`, `conflict` */
  propose(person: Person, recommendationId: number): Promise<Remediation>;
  /** @throws PennyError `forbidden`, `not_found`, `conflict`, `invalid_input`, `unauthorized` */
  decide(person: Person, decision: Decision): Promise<Remediation>;
  /** Takes back one's own proposal. @throws PennyError `not_found`, `conflict` */
  cancel(person: Person, remediationId: string): Promise<Remediation>;
  /** @throws PennyError `forbidden`, `not_found`, `conflict` */
  undo(person: Person, remediationId: string): Promise<Remediation>;
  /** Stops every change of the clouds. @throws PennyError `forbidden`, `invalid_input` */
  stop(person: Person, reason: string): Promise<void>;
  /** @throws PennyError `forbidden`, `conflict` */
  resume(person: Person): Promise<void>;
  stopped(): Promise<{ reason: string; by: string } | undefined>;
}

/** Returns the decisions over a database. */
export function createDecisions({ db, now }: { db: Db; now: () => Date }): Decisions {
  const origin = ({ surface }: Person) => ({ surface, now: now() });
  return {
    list: (principal, page) => listRemediations(db, principal, page),
    async find(principal, remediationId) {
      const found = await showRemediation(db, principal, remediationId);
      if (found === undefined) throw new PennyError('not_found', 'There is no such remediation for you.');
      return found;
    },
    propose: (person, recommendationId) =>
      proposeRemediation(db, person.principal, recommendationId, origin(person), KNOWN_ACTIONS),
    decide: (person, decision) => decideRemediation(db, person.principal, decision, origin(person)),
    cancel: (person, remediationId) => cancelRemediation(db, person.principal, remediationId, origin(person)),
    undo: (person, remediationId) => requestUndo(db, person.principal, remediationId, origin(person)),
    async stop(person, reason) {
      if (reason.trim() === '') throw new PennyError('invalid_input', 'Say why; everybody who waits will read it.');
      await stopRemediations(db, person.principal, reason.trim(), origin(person));
    },
    resume: (person) => resumeRemediations(db, person.principal, origin(person)),
    stopped: () => stoppedBecause(db.pool),
  };
}
