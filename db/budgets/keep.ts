import type pg from 'pg';
import { PennyError } from '../../errors.ts';
import { type Actor, recordAudit } from '../audit/record.ts';
import type { Db } from '../client.ts';
import { type Budget, filtersOf, findBudget } from '../queries/budgets.ts';
import { dimensionName } from '../queries/dimensions.ts';
import { describeFreshness, type Freshness } from '../queries/freshness.ts';
import { chargesExist, recentValues } from '../queries/values.ts';
import { inTransaction } from '../transaction.ts';

/** A budget to be made. Money and percent are decimal text. */
export interface NewBudget {
  name: string;
  dimensions: Record<string, string>;
  metric: string;
  period: Budget['period'];
  /** What one period allows; null follows the forecast. */
  amount: string | null;
  currency: string;
  thresholdPercents: readonly string[];
  startDate: string;
  endDate: string | null;
  /** E-mail address of who answers for it; null for who makes it. */
  owner: string | null;
}

/** What of a budget can be changed; what is undefined stays. */
export type BudgetChanges = {
  [Key in 'name' | 'amount' | 'thresholdPercents' | 'endDate' | 'owner']?: NewBudget[Key] | undefined;
};

/** How budgets are made, changed and put away. Who may do so is for the caller to say; each change is in the audit log. */
export interface BudgetDesk {
  /** @throws PennyError `conflict` when the name is taken, `invalid_input`, `not_found` for an owner nobody knows */
  add(budget: NewBudget, actor: Person): Promise<Budget>;
  /** @throws PennyError `not_found`, `conflict`, `invalid_input` */
  change(budgetId: number, changes: BudgetChanges, actor: Person): Promise<Budget>;
  /** @throws PennyError `not_found` */
  archive(idOrName: number | string, actor: Person): Promise<Budget>;
}

/** Somebody who is known: a budget says who made it. */
type Person = Actor & { actorId: string };

/** Returns the desk over a database. */
export function createBudgetDesk(db: Db, now: () => Date): BudgetDesk {
  return {
    async add(budget, actor) {
      const freshness = await describeFreshness(db);
      return inTransaction(db, async (client) => {
        await refuseUnknown(client, budget.dimensions, freshness);
        return add(client, budget, actor, now());
      });
    },
    change: (budgetId, changes, actor) =>
      inTransaction(db, (client) => change(client, budgetId, changes, actor, now())),
    archive: (idOrName, actor) => inTransaction(db, (client) => archive(client, idOrName, actor, now())),
  };
}

async function add(client: pg.ClientBase, budget: NewBudget, actor: Person, now: Date): Promise<Budget> {
  const { name, dimensions, metric, period, amount, currency, thresholdPercents, startDate, endDate } = budget;
  filtersOf(dimensions);
  await refuseTaken(client, name);
  const ownerId = budget.owner === null ? actor.actorId : await userOf(client, budget.owner);
  const { rows } = await client.query<{ budget_id: string }>(
    `INSERT INTO budgets (name, dimensions, metric, period, kind, amount, billing_currency, threshold_percents, start_date, end_date, owner_id, created_by, created_at)
     VALUES ($1, $2, $3, $4, CASE WHEN $5::numeric IS NULL THEN 'forecast' ELSE 'fixed' END, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING budget_id`,
    [
      ...[name, JSON.stringify(dimensions), metric, period, amount, currency, thresholdPercents, startDate, endDate],
      ...[ownerId, actor.actorId, now],
    ],
  );
  return recorded(client, Number(rows[0]?.budget_id), 'budget.added', actor, now);
}

async function change(
  client: pg.ClientBase,
  budgetId: number,
  changes: BudgetChanges,
  actor: Person,
  now: Date,
): Promise<Budget> {
  const before = await existing(client, budgetId);
  const { name = before.name, endDate = before.endDate, thresholdPercents = before.thresholdPercents } = changes;
  const amount = changes.amount === undefined ? before.amount : changes.amount;
  if (name.toLowerCase() !== before.name.toLowerCase()) await refuseTaken(client, name);
  const ownerId = changes.owner ? await userOf(client, changes.owner) : changes.owner === null ? null : before.ownerId;
  await client.query(
    `UPDATE budgets SET name = $2, amount = $3, kind = CASE WHEN $3::numeric IS NULL THEN 'forecast' ELSE 'fixed' END, threshold_percents = $4,
       end_date = $5, owner_id = $6 WHERE budget_id = $1`,
    [before.budgetId, name, amount, thresholdPercents, endDate, ownerId],
  );
  return recorded(client, before.budgetId, 'budget.changed', actor, now, before);
}

async function archive(client: pg.ClientBase, idOrName: number | string, actor: Person, now: Date): Promise<Budget> {
  const { budgetId } = await existing(client, idOrName);
  await client.query('UPDATE budgets SET archived_at = $2 WHERE budget_id = $1', [budgetId, now]);
  return recorded(client, budgetId, 'budget.archived', actor, now);
}

async function existing(client: pg.ClientBase, idOrName: number | string): Promise<Budget> {
  const budget = await findBudget(client, idOrName);
  if (budget !== null && budget.archivedAt === null) return budget;
  throw new PennyError('not_found', `There is no budget ${idOrName}, or it is archived.`);
}

/** A name that is misspelt would be a budget that nothing is ever spent of. */
async function refuseUnknown(
  client: pg.ClientBase,
  dimensions: Record<string, string>,
  freshness: Freshness,
): Promise<void> {
  const { dataFrom } = freshness;
  if (dataFrom === null) return;
  const always = { start: dataFrom, end: '9999-01-01' };
  for (const filter of filtersOf(dimensions)) {
    if (await chargesExist(client, [filter], always, 'all', freshness)) continue;
    const values = await recentValues(client, filter.dimension, 'all', freshness);
    const known = values.slice(0, 5).join(', ');
    throw new PennyError(
      'invalid_input',
      `No charge has the ${dimensionName(filter.dimension)} '${filter.values[0]}'.${known === '' ? '' : ` There are ${known}, ...`}`,
    );
  }
}

async function refuseTaken(client: pg.ClientBase, name: string): Promise<void> {
  if ((await findBudget(client, name)) === null) return;
  throw new PennyError('conflict', `There is a budget '${name}' already. Take another name, or archive that one.`);
}

async function userOf(client: pg.ClientBase, email: string): Promise<string> {
  const { rows } = await client.query<{ user_id: string }>('SELECT user_id FROM users WHERE lower(email) = lower($1)', [
    email,
  ]);
  if (rows[0] === undefined) throw new PennyError('not_found', `There is no user with the e-mail address ${email}.`);
  return rows[0].user_id;
}

async function recorded(
  client: pg.ClientBase,
  budgetId: number,
  event: string,
  actor: Actor,
  now: Date,
  before?: Budget,
): Promise<Budget> {
  const budget = await findBudget(client, budgetId);
  if (budget === null) throw new Error(`The budget ${budgetId} is gone`);
  const subject = { type: 'budget', id: String(budgetId) };
  const details = before === undefined ? { ...budget } : { before, after: budget };
  await recordAudit(client, { ...actor, occurredAt: now, event, subject, details });
  return budget;
}
