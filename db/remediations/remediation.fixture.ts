import type { Principal, Role, Scope } from '../principal.ts';
import { principalByEmail } from '../queries/users.ts';
import { type TestDatabase, testDatabase } from '../testing.ts';

export const NOW = new Date('2026-11-24T09:00:00Z');

/** A database with people, two machines in two accounts, and a recommendation for each. */
export interface Scene {
  database: TestDatabase;
  person(email: string): Promise<Principal>;
  /** Recommendation numbers by resource. */
  recommendations: Record<string, number>;
  /** Makes everything as it was at first, but for the audit log: quicker than another database. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

const PEOPLE: [email: string, role: Role, scope: Scope][] = [
  ['eva@example.com', 'engineer', 'all'],
  ['ada@example.com', 'approver', 'all'],
  ['bob@example.com', 'approver', 'all'],
  ['cleo@example.com', 'approver', { subAccountIds: ['222222222222'], tags: [] }],
  ['vic@example.com', 'viewer', 'all'],
  ['root@example.com', 'admin', 'all'],
];

const MACHINES = [
  { id: 'i-low', account: '111111111111', risk: 'low', isProtected: false },
  { id: 'i-high', account: '111111111111', risk: 'high', isProtected: false },
  { id: 'i-kept', account: '111111111111', risk: 'low', isProtected: true },
  { id: 'i-other', account: '222222222222', risk: 'low', isProtected: false },
];

export async function openScene(): Promise<Scene> {
  const database = await testDatabase();
  const { pool } = database.db;
  const recommendations: Record<string, number> = {};
  const reset = async (): Promise<void> => {
    for (const table of ['approvals', 'remediations', 'stop_switches', 'recommendations', 'resources'])
      await pool.query(`DELETE FROM ${table}`);
    for (const [email, role, scope] of PEOPLE)
      await pool.query(
        `INSERT INTO users (email, name, role, scope) VALUES ($1, $1, $2, $3)
         ON CONFLICT (lower(email)) DO UPDATE SET role = excluded.role, scope = excluded.scope, disabled_at = NULL`,
        [email, role, JSON.stringify(scope)],
      );
    for (const machine of MACHINES) recommendations[machine.id] = await insertMachine(pool, machine);
  };
  await reset();
  return {
    database,
    recommendations,
    reset,
    async person(email) {
      const principal = await principalByEmail(database.db, `${email}@example.com`);
      if (principal === null) throw new Error(`there is no ${email}`);
      return principal;
    },
    close: () => database.close(),
  };
}

async function insertMachine(
  pool: TestDatabase['db']['pool'],
  { id, account, risk, isProtected }: (typeof MACHINES)[number],
): Promise<number> {
  await pool.query(
    `INSERT INTO resources (resource_id, name, type, sub_account_id, region_id, state, configuration)
     VALUES ($1, $1, 'ec2:instance', $2, 'eu-west-1', 'running', '{"instanceType": "m5.large"}')`,
    [id, account],
  );
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO recommendations (check_id, check_version, subject, resource_id, sub_account_id, title, action, evidence, settings, window_start,
       window_end, billing_currency, estimated_monthly_savings, basis, risk, effort, is_protected)
     VALUES ('ec2-idle', '1', $1, $1, $2, 'Stop it', $3, '{}', '{}', '2026-10-01', '2026-11-01', 'USD', 61.5, 'charges of 30 days', $4, 'low', $5)
     RETURNING recommendation_id AS id`,
    [id, account, JSON.stringify({ action: 'stop-instance', parameters: { instanceId: id } }), risk, isProtected],
  );
  return Number(rows[0]?.id);
}
