import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ACTIONS } from '../../analytics/actions.ts';
import { openMoto } from '../../clouds/aws/moto.fixture.ts';
import { silenceAwsWarning } from '../../config.ts';
import { closeDb, connect, type Db } from '../../db/client.ts';
import { openEmbedded, stopEmbedded } from '../../db/embedded.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import type { Principal } from '../../db/principal.ts';
import { principalByEmail } from '../../db/queries/users.ts';
import { decideRemediation } from '../../db/remediations/decide.ts';
import { requestUndo } from '../../db/remediations/life.ts';
import { proposeRemediation } from '../../db/remediations/propose.ts';
import { findRemediation, type Remediation } from '../../db/remediations/remediation.ts';
import { log } from '../../log.ts';
import { ACCOUNT, openEstate, type Piece, REGION } from './estate.ts';
import { randomOf } from './jobs.ts';
import { type KillPoint, openTap, type Tap } from './tap.ts';

export interface RemediationChaos {
  /** Fewest remediations; more come while workers are still to be killed. */
  remediations: number;
  kills: number;
  workers: number;
  /** Under way at a time. */
  atOnce: number;
  /** Of the calls to AWS, the share before which the worker is killed; and after which, and some moments later. */
  killShare: number;
  throttle: number;
  seed: number;
  /** After which it is given up. */
  patienceMs: number;
  tell?: (line: string) => void;
}

/** What came of it. */
export interface RemediationReport {
  kinds: number;
  remediations: number;
  /** How the remediations ended, by state. */
  ended: Record<string, number>;
  kills: Record<KillPoint, number>;
  calls: number;
  throttled: number;
  /** What is not as it should be, a line each. */
  wrong: string[];
  seconds: number;
}

/** A remediation of the test. Some rest on a state that is not there any more, and must not be applied. */
interface Case {
  id: string;
  piece: Piece;
  isStale: boolean;
  isToBeUndone: boolean;
  isUndoAsked: boolean;
}

interface Crew {
  kills: RemediationReport['kills'];
  count(): number;
  taps: Tap[];
  close(): void;
}

/**
 * Has workers apply remediations in a stand-in for AWS while they are killed at any point, and compares what is there in the end with what the
 * remediations and the audit log say.
 */
export async function runRemediationChaos(options: RemediationChaos): Promise<RemediationReport> {
  const began = performance.now();
  const home = mkdtempSync(join(tmpdir(), 'penny-chaos-'));
  log.level = 'fatal';
  silenceAwsWarning();
  const [moto, server] = await Promise.all([openMoto(), openEmbedded(home, log)]);
  const estate = await openEstate(moto.endpoint);
  await migrateDatabase(server.url);
  const db = connect(server.url, { max: 6 });
  const crew = await openCrew(server.url, moto.endpoint, options);
  try {
    const cases = await workThrough(db, estate.kinds, crew, options);
    const wrong = (await Promise.all(cases.map((one) => compare(db, one)))).flat();
    const states = await Promise.all(cases.map(async ({ id }) => (await now(db, id)).state));
    const ended: Record<string, number> = {};
    for (const state of states) ended[state] = (ended[state] ?? 0) + 1;
    return {
      ...{ kinds: estate.kinds.length, remediations: cases.length, ended, kills: crew.kills, wrong },
      calls: crew.taps.reduce((sum, { counts }) => sum + counts.calls, 0),
      throttled: crew.taps.reduce((sum, { counts }) => sum + counts.throttled, 0),
      seconds: Math.round((performance.now() - began) / 100) / 10,
    };
  } finally {
    crew.close();
    estate.close();
    await closeDb(db);
    await server.close();
    await stopEmbedded(home);
    await moto.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

const now = (db: Db, id: string) => findRemediation(db.pool, id) as Promise<Remediation>;

/** Starts workers, each behind a tap of its own, and new ones in the place of those that are killed. */
async function openCrew(url: string, endpoint: string, options: RemediationChaos): Promise<Crew> {
  const random = randomOf(options.seed);
  const kills = { before: 0, after: 0, between: 0 };
  const count = () => kills.before + kills.after + kills.between;
  const workers: (ChildProcess | undefined)[] = [];
  const taps: Tap[] = [];
  let isOver = false;
  const kill = (nth: number, when: KillPoint): boolean => {
    const worker = workers[nth];
    if (worker === undefined || count() >= options.kills) return false;
    kills[when]++;
    workers[nth] = undefined;
    worker.once('exit', () => launch(nth));
    worker.kill('SIGKILL');
    return true;
  };
  const launch = (nth: number): void => {
    if (!isOver) workers[nth] = startWorker(url, taps[nth]?.url ?? '');
  };
  for (let nth = 0; nth < options.workers; nth++) {
    const isKilled = (when: KillPoint) => random() < options.killShare && kill(nth, when);
    taps.push(await openTap({ ...{ endpoint, random, throttle: options.throttle, isKilled } }));
    launch(nth);
  }
  return {
    ...{ kills, count, taps },
    close() {
      isOver = true;
      for (const worker of workers) worker?.kill('SIGKILL');
      for (const tap of taps) tap.close();
    },
  };
}

function startWorker(url: string, endpoint: string): ChildProcess {
  const own = fileURLToPath(import.meta.url);
  const isSource = own.endsWith('.ts');
  const script = join(own, '..', isSource ? 'remediation-worker.ts' : 'remediation-worker.js');
  return spawn(process.execPath, [...(isSource ? ['--import', 'tsx'] : []), script, url], {
    stdio: 'inherit',
    env: {
      ...{ AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'OWN', AWS_SECRET_ACCESS_KEY: 'secret' },
      PENNY_AWS_ACTION_ROLE_ARN: 'arn:aws:iam::{account}:role/penny-actor',
    },
  });
}

async function workThrough(
  db: Db,
  kinds: readonly ((nth: number) => Promise<Piece>)[],
  crew: Crew,
  { remediations, kills, atOnce, patienceMs, tell }: RemediationChaos,
): Promise<Case[]> {
  const [eva, ada] = [await addPerson(db, 'eva', 'engineer'), await addPerson(db, 'ada', 'approver')];
  const bob = await addPerson(db, 'bob', 'approver');
  const cases: Case[] = [];
  const end = performance.now() + patienceMs;
  for (let rounds = 0; performance.now() < end; rounds++) {
    let open = 0;
    for (const one of cases) if (await isOpen(db, one, ada)) open++;
    const isEnough = cases.length >= remediations && crew.count() >= kills;
    if (isEnough && open === 0) break;
    for (; open < atOnce && !isEnough; open++) {
      const piece = await (kinds[cases.length % kinds.length] as (nth: number) => Promise<Piece>)(cases.length);
      cases.push(await propose(db, piece, cases.length, { eva, approvers: [ada, bob] }));
    }
    if (rounds % 20 === 0) tell?.(`${crew.count()} killed, ${cases.length - open} of ${cases.length} ended`);
    await pause(200);
  }
  return cases;
}

/** Whether there is more to come of it; has it undone where that is to be. */
async function isOpen(db: Db, one: Case, approver: Principal): Promise<boolean> {
  const { state } = await now(db, one.id);
  if (state === 'verified' && one.isToBeUndone && !one.isUndoAsked) {
    await requestUndo(db, approver, one.id, { surface: 'cli', now: new Date() });
    one.isUndoAsked = true;
    return true;
  }
  return !['verified', 'undone', 'failed'].includes(state);
}

async function addPerson(db: Db, name: string, role: string): Promise<Principal> {
  const email = `${name}@example.com`;
  await db.pool.query(`INSERT INTO users (email, name, role, scope) VALUES ($1, $1, $2, '"all"')`, [email, role]);
  const principal = await principalByEmail(db, email);
  if (principal === null) throw new Error(`there is no ${email}`);
  return principal;
}

async function propose(
  db: Db,
  piece: Piece,
  nth: number,
  { eva, approvers }: { eva: Principal; approvers: Principal[] },
): Promise<Case> {
  const isStale = nth % 7 === 6;
  const { resourceId, action, parameters, configuration } = piece;
  await db.pool.query(
    `INSERT INTO resources (resource_id, name, type, sub_account_id, region_id, state, configuration)
     VALUES ($1, $1, 'test', $2, $3, $4, $5)`,
    [resourceId, ACCOUNT, REGION, isStale ? 'another' : piece.state, JSON.stringify(configuration)],
  );
  const { rows } = await db.pool.query<{ id: string }>(
    `INSERT INTO recommendations (check_id, check_version, subject, resource_id, sub_account_id, title, action, evidence, settings, window_start,
       window_end, billing_currency, estimated_monthly_savings, basis, risk, effort, is_protected)
     VALUES ('test', '1', $1, $1, $2, 'Do it', $3, '{}', '{}', '2026-10-01', '2026-11-01', 'USD', 61.5, 'charges of 30 days', 'low', 'low', false)
     RETURNING recommendation_id AS id`,
    [resourceId, ACCOUNT, JSON.stringify({ action, parameters })],
  );
  const origin = { surface: 'cli', now: new Date() } as const;
  const proposal = await proposeRemediation(db, eva, Number(rows[0]?.id), origin, ACTIONS);
  const { remediationId } = proposal;
  for (const approver of approvers.slice(0, proposal.requiredApprovals))
    await decideRemediation(db, approver, { remediationId, decision: 'approve' }, origin);
  const isToBeUndone = piece.restored !== undefined && nth % 2 === 0;
  return { id: remediationId, piece, isStale, isToBeUndone, isUndoAsked: false };
}

/** The steps that the audit log must tell of a remediation that ended so, each once. */
const TOLD: Record<string, string[]> = {
  verified: ['applied', 'applying', 'verified'],
  undone: ['applied', 'applying', 'undone', 'verified'],
  failed: ['failed'],
};

/** Returns what of a remediation, the resource and the audit log does not fit together. */
async function compare(db: Db, { id, piece, isStale, isUndoAsked }: Case): Promise<string[]> {
  const { state, failure } = await now(db, id);
  const wanted = isStale ? 'failed' : isUndoAsked ? 'undone' : 'verified';
  const looks = { verified: piece.after, undone: piece.restored, failed: piece.before }[wanted];
  const seen = await piece.look();
  const { rows } = await db.pool.query<{ event: string }>(
    `SELECT replace(event, 'remediation.', '') AS event FROM (
       SELECT event, subject_id, actor FROM audit_log UNION ALL SELECT event, subject_id, actor FROM audit_pending) AS entry
     WHERE subject_id = $1 AND actor = 'apply-remediations' ORDER BY event`,
    [id],
  );
  const told = rows.map(({ event }) => event).join(', ');
  const should = (TOLD[wanted] ?? []).join(', ');
  const about = `${piece.action} of ${piece.resourceId}`;
  return [
    ...(state === wanted ? [] : [`${about} is ${state} and should be ${wanted}: ${failure ?? ''}`]),
    ...(seen === looks ? [] : [`${about} left "${seen}" and should have left "${looks}"`]),
    ...(told === should ? [] : [`${about}: the audit log tells "${told}" and should tell "${should}"`]),
    ...(isStale && !failure?.includes('Nothing was changed')
      ? [`${about}: it is not said that nothing was changed`]
      : []),
  ];
}
