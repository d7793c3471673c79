import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../config.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';

let database: TestDatabase;
let home: string;
beforeAll(async () => {
  database = await testDatabase();
  home = mkdtempSync(join(tmpdir(), 'penny-job-'));
});
const services: ChildProcess[] = [];
afterAll(async () => {
  for (const service of services) service.kill('SIGKILL');
  await database.close();
  rmSync(home, { recursive: true, force: true });
});

const argumentsOf = (args: string[]) => ['--import', 'tsx', join(packageRoot, 'cli/main.ts'), ...args];
const surroundings = () => ({
  cwd: packageRoot,
  env: { PATH: process.env.PATH, PENNY_DATABASE_URL: database.url, PENNY_HOME: home, PORT: '0' },
});

function penny(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, argumentsOf(args), {
    encoding: 'utf8',
    ...surroundings(),
  });
  return { status, stdout, stderr };
}

function pennyJson(...args: string[]) {
  const { status, stdout } = penny('--json', ...args);
  return { status, said: JSON.parse(stdout) };
}

/** Starts the service in a role, and gives it with the address it prints. */
function serve(role: string): Promise<{ service: ChildProcess; url: string }> {
  const options = { ...surroundings(), stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
  const service = spawn(process.execPath, argumentsOf(['--json', 'serve', '--no-demo', '--role', role]), options);
  services.push(service);
  return new Promise((resolve, reject) => {
    service.stdout.once('data', (line: Buffer) => resolve({ service, url: JSON.parse(line.toString()).url }));
    service.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
  });
}

function ended(service: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => service.once('exit', (code) => resolve(code)));
}

test('a job runs from the terminal where no service does, and shows how it went', () => {
  const ran = penny('job', 'run', 'apply-retention', '--at', '2026-11-01T03:40:00Z');
  expect(ran).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^Run 1 of apply-retention is done: 0 rows in .+\.\n$/),
  });
  const listed = penny('job', 'list').stdout;
  expect(listed).toMatch(/apply-retention +40 3 \* \* \* +\d{4}-\d\d-\d\d 03:40 +1 +2026-11-01 03:40 +done/);
  expect(listed).toMatch(/ingest-billing +\*\/10 \* \* \* \* +rests/);
  expect(listed).toContain(
    'ingest-billing rests: Set PENNY_BILLING_PATHS to the folders, files or stores of the bill.',
  );
  expect(pennyJson('job', 'rerun', '1')).toMatchObject({ status: 0, said: { state: 'done', attempt: 2 } });
});

test('what is wrong with a request is said, with the exit code that fits', () => {
  expect(pennyJson('job', 'cancel', '1')).toMatchObject({ status: 1, said: { error: { code: 'conflict' } } });
  expect(pennyJson('job', 'run', 'ingest-billing')).toMatchObject({
    status: 1,
    said: { error: { code: 'invalid_config', message: expect.stringMatching('PENNY_BILLING_PATHS') } },
  });
  expect(pennyJson('job', 'run', 'anchor-audit', '--at', 'soon')).toMatchObject({ status: 2 });
});

test('a web process runs no jobs; a worker runs them and answers health and metrics alone', async () => {
  const { db } = database;
  const anchored = async () =>
    (await db.pool.query("SELECT state, worker FROM job_runs WHERE job = 'anchor-audit'")).rows;
  const web = await serve('web');
  expect((await fetch(`${web.url}/api/v1/jobs`)).status).toBe(401);
  expect(await anchored()).toEqual([]);
  const worker = await serve('worker');
  await expect.poll(anchored, { timeout: 20_000 }).toEqual([{ state: 'done', worker: expect.any(String) }]);
  expect((await anchored())[0]?.worker).toMatch(new RegExp(`/${worker.service.pid}$`));
  expect(await (await fetch(`${worker.url}/readyz`)).json()).toEqual({ status: 'ready' });
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toMatch(/penny_job_runs\{job="anchor-audit",state="done"\} 1/);
  expect(metrics).toMatch(/penny_job_last_success_age_seconds\{job="anchor-audit"\} \d/);
  expect(metrics).toMatch(/penny_job_duration_seconds_count\{job="anchor-audit",state="done"\} 1/);
  expect((await fetch(`${worker.url}/api/v1/jobs`)).status).toBe(404);
  for (const { service } of [web, worker]) {
    const end = ended(service);
    service.kill('SIGTERM');
    expect(await end).toBe(0);
  }
});
