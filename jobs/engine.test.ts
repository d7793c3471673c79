import { afterEach, expect, test } from 'vitest';
import { PennyError } from '../errors.ts';
import type { Job } from './job.ts';
import { ANNA, type Floor, jobThat, openFloor, over, runThat } from './workers.fixture.ts';

let floor: Floor;
afterEach(() => floor.close());

async function open(jobs: Job[], options?: Parameters<typeof openFloor>[1]): Promise<Floor> {
  floor = await openFloor(jobs, options);
  return floor;
}

/** A promise and how to fulfil it. */
function gate(): { open: () => void; passed: Promise<void> } {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

test('a run that somebody asks for is done, with its rows, its progress and an entry in the audit log', async () => {
  const { desk, db, start } = await open([
    jobThat(async ({ progress }) => {
      progress({ done: 7, total: 7, text: 'all of it' });
      return { rows: 7 };
    }),
  ]);
  await start();
  const { runId } = await desk.run('test-job', ANNA, new Date('2026-11-01T00:00:00Z'));
  expect(await over(desk, runId)).toMatchObject({
    state: 'done',
    attempt: 1,
    rowCount: 7,
    dueAt: new Date('2026-11-01T00:00:00Z'),
    progress: { done: 7, total: 7, text: 'all of it' },
    requestedBy: 'anna@example.com',
    errorCode: null,
  });
  const { rows } = await db.pool.query('SELECT event, actor, subject_id FROM audit_pending ORDER BY 1');
  expect(rows).toEqual([{ event: 'job.requested', actor: 'anna@example.com', subject_id: String(runId) }]);
});

test('a due time runs once, however many workers find it due', async () => {
  const ran: string[] = [];
  const job = jobThat(
    async ({ dueAt }) => {
      ran.push(dueAt.toISOString());
      return {};
    },
    { schedule: '*/10 * * * *' },
  );
  const { desk, start } = await open([job], { now: () => new Date('2026-11-24T12:09:59Z') });
  await Promise.all([start(), start(), start()]);
  await expect.poll(async () => (await desk.runs({ limit: 10 })).items.map(({ state }) => state)).toEqual(['done']);
  expect(ran).toEqual(['2026-11-24T12:00:00.000Z']);
});

test('two runs of one job are never under way at once, two of different jobs are', async () => {
  const both = gate();
  let [under, most] = [0, 0];
  const counted = async () => {
    most = Math.max(most, ++under);
    await new Promise((resolve) => setImmediate(resolve));
    under--;
    return {};
  };
  let [firstIn, secondIn] = [false, false];
  const meet = (mark: () => void) => async () => {
    mark();
    if (firstIn && secondIn) both.open();
    await both.passed;
    return {};
  };
  const { desk, start } = await open([
    jobThat(counted),
    jobThat(
      meet(() => (firstIn = true)),
      { name: 'first-job' },
    ),
    jobThat(
      meet(() => (secondIn = true)),
      { name: 'second-job' },
    ),
  ]);
  const days = [1, 2, 3, 4].map((day) => new Date(Date.UTC(2026, 10, day)));
  const runs = await Promise.all(days.map((day) => desk.run('test-job', ANNA, day)));
  runs.push(await desk.run('first-job', ANNA), await desk.run('second-job', ANNA));
  await Promise.all([start(), start()]);
  for (const { runId } of runs) expect((await over(desk, runId)).state).toBe('done');
  expect(most).toBe(1);
});

test('what may pass is tried again, later each time, and is dead after the last try; a person can rerun it', async () => {
  let broken = true;
  const { desk, start } = await open([
    jobThat(
      async () => {
        if (broken) throw new Error('secret of the database');
        return { rows: 1 };
      },
      { retries: 1 },
    ),
  ]);
  await start();
  const { runId } = await desk.run('test-job', ANNA);
  const failed = await runThat(desk, runId, ({ state }) => state === 'failed');
  expect(failed).toMatchObject({
    attempt: 1,
    errorCode: 'internal',
    errorMessage: 'Something went wrong on our side.',
  });
  expect(failed.retryAt?.getTime()).toBeGreaterThan(failed.startedAt?.getTime() ?? Number.POSITIVE_INFINITY);
  expect(await over(desk, runId)).toMatchObject({ state: 'dead', attempt: 2, retryAt: null });
  broken = false;
  await desk.rerun(runId, ANNA);
  expect(await over(desk, runId)).toMatchObject({ state: 'done', attempt: 3, rowCount: 1, errorCode: null });
});

test('what another try cannot mend is dead at once', async () => {
  const { desk, start } = await open([
    jobThat(async () => {
      throw new PennyError('value_unknown', 'Row 3 of july.csv holds a value that is not known.');
    }),
  ]);
  await start();
  const { runId } = await desk.run('test-job', ANNA);
  expect(await over(desk, runId)).toMatchObject({ state: 'dead', attempt: 1, errorCode: 'value_unknown' });
});

test('a run under way is cancelled from elsewhere, and one that waits too', async () => {
  const begun = gate();
  const { desk, start } = await open([
    jobThat(async ({ signal }) => {
      begun.open();
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return {};
    }),
  ]);
  const waiting = await desk.run('test-job', ANNA, new Date('2026-11-02T00:00:00Z'));
  expect((await desk.cancel(waiting.runId, ANNA)).state).toBe('cancelled');
  await start();
  const running = await desk.run('test-job', ANNA);
  await begun.passed;
  expect(await desk.cancel(running.runId, ANNA)).toMatchObject({
    state: 'running',
    cancelRequestedAt: expect.any(Date),
  });
  expect(await over(desk, running.runId)).toMatchObject({ state: 'cancelled', attempt: 1, errorCode: null });
  await expect(desk.cancel(running.runId, ANNA)).rejects.toMatchObject({ code: 'conflict' });
  expect(await desk.find(waiting.runId)).toMatchObject({ state: 'cancelled', attempt: 0 });
});

test('a run that takes too long is stopped and says so', async () => {
  const { desk, start } = await open([
    jobThat(
      ({ signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
      { timeoutMs: 300, retries: 0 },
    ),
  ]);
  await start();
  const { runId } = await desk.run('test-job', ANNA);
  expect(await over(desk, runId)).toMatchObject({ state: 'dead', errorCode: 'job_timeout' });
});

/** Ends with the signal. */
function untilStopped(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

test('a process that stops lets its run finish when there is time for it', async () => {
  const [begun, finish] = [gate(), gate()];
  const { desk, start } = await open([
    jobThat(async ({ signal }) => {
      begun.open();
      await Promise.race([finish.passed, untilStopped(signal)]);
      return { rows: 1 };
    }),
  ]);
  const engine = await start();
  const { runId } = await desk.run('test-job', ANNA);
  await begun.passed;
  const stopped = engine.stop(20_000);
  finish.open();
  await stopped;
  expect(await desk.find(runId)).toMatchObject({ state: 'done', attempt: 1 });
});

test('a process that has no time to wait hands its run over', async () => {
  const begun = gate();
  let tries = 0;
  const { desk, start } = await open([
    jobThat(async ({ signal }) => {
      begun.open();
      if (++tries === 1) await untilStopped(signal);
      return {};
    }),
  ]);
  const engine = await start();
  const { runId } = await desk.run('test-job', ANNA);
  await begun.passed;
  await engine.stop(0);
  expect(await desk.find(runId)).toMatchObject({ state: 'failed', errorCode: 'job_lost' });
  await start();
  expect(await over(desk, runId)).toMatchObject({ state: 'done', attempt: 2 });
});

test('what a worker writes after another took its run over does not stay', async () => {
  const { desk, db, start, lines } = await open([
    jobThat(async ({ transaction }) => {
      await transaction(async (client) => {
        await client.query("INSERT INTO written VALUES ('late')");
        // As another worker does that the queue has given the entry to.
        await db.pool.query("UPDATE job_runs SET attempt = attempt + 1, worker = 'another'");
      });
      return {};
    }),
  ]);
  await db.pool.query('CREATE TABLE written (what text)');
  await start();
  const { runId } = await desk.run('test-job', ANNA);
  const late = () => lines.filter((line) => line.includes('had taken it over'));
  await expect.poll(late, { timeout: 20_000 }).toHaveLength(1);
  expect(await desk.find(runId)).toMatchObject({ state: 'running', worker: 'another', attempt: 2 });
  expect((await db.pool.query('SELECT * FROM written')).rows).toEqual([]);
});

test('what nobody knows, what has a run already and what is not over is refused', async () => {
  const { desk } = await open([jobThat(async () => ({}))]);
  const { runId } = await desk.run('test-job', ANNA);
  await expect(desk.run('no-job', ANNA)).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringMatching('test-job'),
  });
  await expect(desk.run('test-job', ANNA)).rejects.toMatchObject({ code: 'conflict' });
  await expect(desk.rerun(runId, ANNA)).rejects.toMatchObject({ code: 'conflict' });
  await expect(desk.cancel(99, ANNA)).rejects.toMatchObject({ code: 'not_found' });
});
