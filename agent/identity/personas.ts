import type { Db } from '../../db/client.ts';
import type { Principal, Role, Scope } from '../../db/principal.ts';
import { accountIdByName, isDemoAlone, upsertUser } from '../../db/queries/personas.ts';
import { localPrincipal } from '../../db/queries/users.ts';
import { inTransaction } from '../../db/transaction.ts';
import { PennyError } from '../../errors.ts';

/** Somebody whom one can be with one click while there is only the demo estate. */
export interface Persona {
  id: string;
  title: string;
  description: string;
}

interface Part extends Persona {
  email: string;
  role: Role;
  /** What of the demo estate they see: everything, what carries a tag, or an account by its name. */
  sees: 'all' | { tag: { key: string; value: string } } | { account: string };
}

/** The parts beside the local administrator. The addresses lead nowhere (RFC 2606), so no provider can vouch for one. */
const PARTS: Part[] = [
  {
    id: 'engineer',
    title: 'Engineer',
    description: 'Sees what the payments team runs, and proposes changes to it.',
    email: 'engineer@demo.penny.invalid',
    role: 'engineer',
    sees: { tag: { key: 'team', value: 'payments' } },
  },
  {
    id: 'approver',
    title: 'Approver',
    description: 'Sees everything, and decides on what others propose.',
    email: 'approver@demo.penny.invalid',
    role: 'approver',
    sees: 'all',
  },
  {
    id: 'manager',
    title: 'Manager',
    description: 'Asks about one account, fernhill-production, and sees no other.',
    email: 'manager@demo.penny.invalid',
    role: 'viewer',
    sees: { account: 'fernhill-production' },
  },
];

const ADMINISTRATOR: Persona = {
  id: 'administrator',
  title: 'Local administrator',
  description: 'Sees everything, and manages people and tokens.',
};

/** The personas there are: none unless the demo estate is all that is loaded. */
export async function listPersonas(db: Db): Promise<Persona[]> {
  if (!(await isDemoAlone(db.pool))) return [];
  return [ADMINISTRATOR, ...PARTS].map(({ id, title, description }) => ({ id, title, description }));
}

/**
 * The principal of a persona, made on first use.
 * @throws PennyError `not_found` when there is none, or there is more than the demo estate
 */
export async function personaPrincipal(db: Db, id: string): Promise<Principal> {
  const part = PARTS.find((one) => one.id === id);
  if ((part === undefined && id !== ADMINISTRATOR.id) || !(await isDemoAlone(db.pool))) {
    throw new PennyError('not_found', 'There is no such persona; they exist only beside the demo estate.');
  }
  if (part === undefined) return localPrincipal(db);
  const { email, role } = part;
  const name = part.title;
  const scope = await scopeOf(db, part);
  const userId = await inTransaction(db, (client) => upsertUser(client, { email, name, role, scope }));
  return { userId, email, name, role, scope };
}

async function scopeOf(db: Db, { sees }: Part): Promise<Scope> {
  if (sees === 'all') return 'all';
  if ('tag' in sees) return { subAccountIds: [], tags: [sees.tag] };
  const id = await accountIdByName(db.pool, sees.account);
  return { subAccountIds: id === null ? [] : [id], tags: [] };
}
