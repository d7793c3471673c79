import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing.ts';

const ASKER = '00000000-0000-4000-8000-000000000001';
const APPROVER = '00000000-0000-4000-8000-000000000002';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await database.db.pool.query(`
    INSERT INTO users (user_id, email, name, role) VALUES
      ('${ASKER}', 'asker@example.com', 'Asker', 'engineer'), ('${APPROVER}', 'approver@example.com', 'Approver', 'approver');
    INSERT INTO resources (resource_id) VALUES ('i-1'), ('i-2');
    INSERT INTO billing_loads (load_id, source_id, origin, uris, content_hash, line_count, row_count, sums)
      VALUES (101, 'focus', 'file', '{a.csv}', 'a', 10, 5, '{}'), (102, 'focus', 'file', '{b.csv}', 'b', 10, 5, '{}');
    INSERT INTO billing_load_periods VALUES (101, '111', '2026-10-01Z', 5, true);
    INSERT INTO policies VALUES ('${ASKER}', 1, true, 'Nights', 'rehearse', '{}', '{}', 1, '${ASKER}');
    INSERT INTO conversations (conversation_id, user_id, surface, title) VALUES ('${ASKER}', '${ASKER}', 'web', 'Hello');
    INSERT INTO audit_log VALUES (1, now(), NULL, 'job', 'job', 'started', NULL, NULL, '{}', repeat('0', 64), repeat('a', 64));
    INSERT INTO outbox (deduplication_key, surface, tenant, destination, kind, payload)
      VALUES ('anomaly 1', 'slack', 'T1', 'C1', 'anomaly', '{}');
    INSERT INTO job_runs (job, due_at) VALUES ('ingest-billing', '2026-11-01Z')`);
  await insert('remediations', remediation({ remediation_id: ASKER }));
  await insert('anomalies', anomaly({}));
  await insert('recommendations', recommendation({}));
});

afterAll(async () => {
  await database.close();
});

type Row = Record<string, unknown>;

const remediation = (changes: Row): Row => ({
  resource_id: 'i-1',
  action: 'stop-ec2-instance',
  parameters: {},
  parameters_hash: 'h1',
  observed_state: {},
  evidence: {},
  risk: 'low',
  billing_currency: 'USD',
  estimated_monthly_savings: '10',
  basis: 'charges of the last 30 days',
  required_approvals: 1,
  requested_by: ASKER,
  requested_at: '2026-11-01Z',
  expires_at: '2026-11-02Z',
  surface: 'slack',
  ...changes,
});

const approval = (changes: Row): Row => ({
  remediation_id: ASKER,
  requested_by: ASKER,
  parameters_hash: 'h1',
  decided_by: APPROVER,
  decision: 'approve',
  surface: 'teams',
  ...changes,
});

const anomaly = (changes: Row): Row => ({
  kind: 'cost',
  series_key: 'service_name=Amazon EC2',
  dimensions: {},
  metric: 'effective_cost',
  billing_currency: 'USD',
  direction: 'up',
  start_date: '2026-11-01',
  end_date: '2026-11-02',
  state: 'open',
  actual: '20',
  expected: '10',
  impact: '10',
  score: 0.99,
  baseline: {},
  detector: 'season',
  detector_version: '1',
  settings: {},
  ...changes,
});

const recommendation = (changes: Row): Row => ({
  check_id: 'ec2-idle',
  check_version: '1',
  subject: 'i-1',
  resource_id: 'i-1',
  title: 'Stop i-1',
  action: {},
  evidence: {},
  settings: {},
  window_start: '2026-10-01',
  window_end: '2026-10-15',
  billing_currency: 'USD',
  estimated_monthly_savings: '10',
  basis: 'list price',
  risk: 'low',
  effort: 'low',
  ...changes,
});

const query = (changes: Row): Row => ({
  conversation_id: ASKER,
  user_id: ASKER,
  surface: 'web',
  question: 'What did we spend?',
  model: 'offline',
  ...changes,
});

const token = (changes: Row): Row => ({
  user_id: ASKER,
  platform: 'token',
  tenant: 'penny',
  subject: 'hash',
  role: 'viewer',
  expires_at: '2099-01-01Z',
  ...changes,
});

const budget = (changes: Row): Row => ({
  name: 'All',
  period: 'month',
  kind: 'fixed',
  amount: '100',
  billing_currency: 'USD',
  threshold_percents: '{80,100}',
  start_date: '2026-01-01',
  created_by: ASKER,
  ...changes,
});

const load = (changes: Row): Row => ({
  source_id: 'focus',
  origin: 'file',
  uris: '{c.csv}',
  content_hash: 'c',
  line_count: 1,
  row_count: 1,
  sums: {},
  ...changes,
});

test.each<[string, string, Row, string]>([
  ['the same files loaded twice', 'billing_loads', load({ content_hash: 'a' }), 'billing_loads_content'],
  ['a current load that was superseded', 'billing_loads', load({ superseded_by: 101 }), 'billing_loads_superseded'],
  ['a load from nowhere known', 'billing_loads', load({ origin: 'ftp' }), 'billing_loads_origin'],
  [
    'two loads in force for one billing period',
    'billing_load_periods',
    { load_id: 102, billing_account_id: '111', billing_period_start: '2026-10-01Z', rows: 5 },
    'billing_load_periods_current',
  ],
  [
    'a billing period of no load',
    'billing_load_periods',
    { load_id: 99, billing_account_id: '111', billing_period_start: '2026-09-01Z', rows: 5 },
    'billing_load_periods_load_id_billing_loads_load_id_fk',
  ],
  ['an account of another kind', 'accounts', { account_id: '1', kind: 'shadow' }, 'accounts_kind'],
  [
    'a resource last seen before it was first seen',
    'resources',
    { resource_id: 'i-3', first_seen_date: '2026-02-01', last_seen_date: '2026-01-01' },
    'resources_seen',
  ],
  [
    'a deleted resource with a state afterwards',
    'resource_changes',
    { resource_id: 'i-1', observed_at: '2026-11-01Z', kind: 'deleted', before: {}, after: {} },
    'resource_changes_states',
  ],
  ['a role that does not exist', 'users', { email: 'a@b.c', name: 'A', role: 'root' }, 'users_role'],
  [
    'an e-mail address twice in another case',
    'users',
    { email: 'ASKER@example.com', name: 'A', role: 'viewer' },
    'users_email',
  ],
  [
    'a scope of no shape',
    'users',
    { email: 'a@b.c', name: 'A', role: 'viewer', scope: { subAccountIds: [] } },
    'users_scope_shape',
  ],
  ['an API token that never expires', 'identities', token({ expires_at: null }), 'identities_token'],
  ['an API token without a role', 'identities', token({ role: null }), 'identities_token'],
  [
    'an administrator who sees less than everything',
    'identities',
    token({ role: 'admin', scope: { subAccountIds: [], tags: [] } }),
    'identities_narrowed_admin',
  ],
  [
    'a session by token without the token',
    'sessions',
    {
      user_id: ASKER,
      method: 'token',
      hash: 'h',
      rotated_at: '2026-11-01Z',
      rotate_after: '2026-11-01Z',
      created_at: '2026-11-01Z',
      last_used_at: '2026-11-01Z',
      expires_at: '2026-11-02Z',
    },
    'sessions_identity',
  ],
  [
    'a question that ended without an answer',
    'ai_queries',
    query({ finished_at: '2026-11-01Z' }),
    'ai_queries_finished',
  ],
  [
    'an answer of unknown status',
    'ai_queries',
    query({ finished_at: '2026-11-01Z', elapsed_ms: 1, answer_text: '', answer_status: 'maybe' }),
    'ai_queries_answer_status',
  ],
  ['a thumb sideways', 'ai_queries', query({ feedback: 0, feedback_at: '2026-11-01Z' }), 'ai_queries_feedback'],
  ['a thumb at no time', 'ai_queries', query({ feedback: 1 }), 'ai_queries_feedback_at'],
  [
    'a question of nobody',
    'ai_queries',
    query({ user_id: '00000000-0000-4000-8000-000000000009' }),
    'ai_queries_user_id_users_user_id_fk',
  ],
  [
    'a second open anomaly of one series',
    'anomalies',
    anomaly({ start_date: '2026-11-05', end_date: '2026-11-06' }),
    'anomalies_open',
  ],
  [
    'an anomaly that is over and open',
    'anomalies',
    anomaly({ series_key: 'x', closed_at: '2026-11-03Z' }),
    'anomalies_closed',
  ],
  [
    'an anomaly that ends before it starts',
    'anomalies',
    anomaly({ series_key: 'x', end_date: '2026-11-01' }),
    'anomalies_period',
  ],
  ['money without a currency', 'anomalies', anomaly({ series_key: 'x', billing_currency: null }), 'anomalies_money'],
  ['feedback of nobody', 'anomalies', anomaly({ series_key: 'x', feedback: 'expected' }), 'anomalies_feedback_given'],
  ['one finding twice', 'recommendations', recommendation({}), 'recommendations_one_alive'],
  [
    'a dismissal without a reason',
    'recommendations',
    recommendation({ subject: 'x', state: 'dismissed' }),
    'recommendations_dismissed',
  ],
  [
    'a decision of nobody',
    'recommendations',
    recommendation({ subject: 'x', decided_at: '2026-11-01Z' }),
    'recommendations_decided',
  ],
  [
    'a closed finding without a reason',
    'recommendations',
    recommendation({ subject: 'x', state: 'closed', closed_at: '2026-11-01Z' }),
    'recommendations_closed',
  ],
  [
    'a negative estimate',
    'recommendations',
    recommendation({ subject: 'x', estimated_monthly_savings: '-1' }),
    'recommendations_savings',
  ],
  [
    'measured savings without a measurement',
    'savings',
    { subject: 'i-1', origin: 'penny', change_date: '2026-10-01', state: 'measured', billing_currency: 'USD' },
    'savings_measured',
  ],
  [
    'savings counted before they were measured',
    'savings',
    { subject: 'i-1', origin: 'penny', change_date: '2026-10-01', billing_currency: 'USD', realized_savings: '5' },
    'savings_measured',
  ],
  ['a fixed budget without an amount', 'budgets', budget({ amount: null }), 'budgets_amount'],
  ['a budget that warns at nothing', 'budgets', budget({ threshold_percents: '{}' }), 'budgets_thresholds'],
  ['a budget in no currency', 'budgets', budget({ billing_currency: 'Dollars' }), 'budgets_currency'],
  [
    'a forecast whose ranges cross',
    'forecast_points',
    { forecast_id: 1, date: '2026-12-01', mean: '10', lo80: '11', hi80: '12', lo95: '9', hi95: '13' },
    'forecast_points_nested',
  ],
  [
    'two versions of a policy in force',
    'policies',
    {
      policy_id: ASKER,
      version: 2,
      is_current: true,
      name: 'Nights',
      mode: 'rehearse',
      rule: {},
      limits: {},
      required_approvals: 1,
      created_by: ASKER,
    },
    'policies_one_current',
  ],
  [
    'a policy that lets people decide without any approval',
    'policies',
    {
      policy_id: APPROVER,
      version: 1,
      is_current: true,
      name: 'Days',
      mode: 'propose',
      rule: {},
      limits: {},
      required_approvals: 0,
      created_by: ASKER,
    },
    'policies_approvals',
  ],
  ['a second remediation of one thing under way', 'remediations', remediation({}), 'remediations_one_under_way'],
  [
    'a remediation that expires before it is asked for',
    'remediations',
    remediation({ resource_id: 'i-2', expires_at: '2026-10-01Z' }),
    'remediations_expiry',
  ],
  [
    'a remediation approved at no time',
    'remediations',
    remediation({ resource_id: 'i-2', state: 'approved' }),
    'remediations_decided',
  ],
  [
    'a remediation decided and still pending',
    'remediations',
    remediation({ resource_id: 'i-2', decided_at: '2026-11-01Z' }),
    'remediations_decided',
  ],
  [
    'a remediation applied that never started',
    'remediations',
    remediation({ resource_id: 'i-2', state: 'applied', decided_at: '2026-11-01Z', applied_at: '2026-11-01Z' }),
    'remediations_started',
  ],
  [
    'a remediation that needs no approval under no policy',
    'remediations',
    remediation({ resource_id: 'i-2', required_approvals: 0 }),
    'remediations_approvals_needed',
  ],
  ['an approval of one’s own request', 'approvals', approval({ decided_by: ASKER }), 'approvals_four_eyes'],
  [
    'an approval that lies about who asked',
    'approvals',
    approval({ requested_by: APPROVER, decided_by: ASKER }),
    'approvals_what_is_decided',
  ],
  ['an approval of other parameters', 'approvals', approval({ parameters_hash: 'h2' }), 'approvals_what_is_decided'],
  ['a rejection without a reason', 'approvals', approval({ decision: 'reject' }), 'approvals_reason'],
  [
    'one message twice',
    'outbox',
    { deduplication_key: 'anomaly 1', surface: 'slack', tenant: 'T1', destination: 'C1', kind: 'anomaly', payload: {} },
    'outbox_deduplication_key_unique',
  ],
  [
    'a message both sent and given up',
    'outbox',
    {
      deduplication_key: 'x',
      surface: 'slack',
      tenant: 'T1',
      destination: 'C1',
      kind: 'anomaly',
      payload: {},
      sent_at: '2026-11-01Z',
      abandoned_at: '2026-11-01Z',
    },
    'outbox_one_end',
  ],
  ['one due time twice', 'job_runs', { job: 'ingest-billing', due_at: '2026-11-01Z' }, 'job_runs_once'],
  ['a run without a worker', 'job_runs', { job: 'x', due_at: '2026-11-01Z', state: 'running' }, 'job_runs_running'],
  [
    'a run given up without an error',
    'job_runs',
    { job: 'x', due_at: '2026-11-01Z', state: 'dead', finished_at: '2026-11-01Z' },
    'job_runs_error',
  ],
])('refuses %s', async (_what, table, row, constraint) => {
  await expect(insert(table, row)).rejects.toMatchObject({ constraint });
});

test('takes one decision a person, and keeps what was decided on from changing', async () => {
  await insert('approvals', approval({}));
  await expect(insert('approvals', approval({ decision: 'reject', reason: 'Changed my mind' }))).rejects.toMatchObject({
    constraint: 'approvals_one_each',
  });
  await expect(
    database.db.pool.query(`UPDATE remediations SET parameters_hash = 'h2' WHERE remediation_id = '${ASKER}'`),
  ).rejects.toMatchObject({ message: expect.stringContaining('propose it anew') });
});

test.each(["UPDATE audit_log SET actor = 'somebody else'", 'DELETE FROM audit_log', 'TRUNCATE audit_log'])(
  'the audit log refuses %s',
  async (statement) => {
    await expect(database.db.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
  },
);

async function insert(table: string, row: Row): Promise<void> {
  const columns = Object.keys(row);
  const values = Object.values(row).map((value) =>
    typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
  );
  const places = columns.map((_, index) => `$${index + 1}`);
  await database.db.pool.query(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`, values);
}
