import { type Command, Option } from 'commander';
import { createAssistant } from '../agent/assistant.ts';
import { createDecisions } from '../agent/decide.ts';
import { identify } from '../agent/identify.ts';
import { LINK_MINUTES, linkAddress, makeLinkCode } from '../agent/identity/links.ts';
import { createPeople, type People } from '../agent/identity/people.ts';
import type { Config } from '../config.ts';
import { createAnomalyDesk } from '../db/anomalies/feedback.ts';
import { keepAudit } from '../db/audit/keep.ts';
import type { Actor } from '../db/audit/record.ts';
import { createBudgetDesk } from '../db/budgets/keep.ts';
import { createMetricDesk } from '../db/business-metrics.ts';
import { migrateDatabase, missingMigrations } from '../db/migrate.ts';
import { type OpenDatabase, openDatabase } from '../db/open.ts';
import { hasBilling } from '../db/queries/freshness.ts';
import { openQueue } from '../db/queue.ts';
import { createRecommendationDesk } from '../db/recommendations/decide.ts';
import { PennyError } from '../errors.ts';
import { createJobDesk, type JobDesk } from '../jobs/desk.ts';
import { startEngine } from '../jobs/engine.ts';
import { showRuns } from '../jobs/metrics.ts';
import { JOBS } from '../jobs/registry.ts';
import type { Log } from '../log.ts';
import type { Secrets, SecretsOptions } from '../secrets.ts';
import { listen } from '../web/server/listen.ts';
import { servesOneMachine } from '../web/server/local.ts';
import { buildServer } from '../web/server/server.ts';
import { buildWaitingServer } from '../web/server/waiting.ts';
import { buildWorkerServer } from '../web/server/worker.ts';
import { action, type CliContext } from './context.ts';
import { loadDemo } from './demo.ts';
import { slackOf } from './slack.ts';
import { openTeams } from './teams.ts';

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('run the service: web, API, jobs and everything that belongs to it')
    .addOption(
      new Option('--role <role>', 'all; web: no jobs; worker: jobs, and on the port only health and metrics')
        .choices([...ROLES])
        .default('all'),
    )
    .option('--no-demo', 'start without the demo estate when the database is empty')
    .action(
      action<[{ demo: boolean; role: Role }]>(
        async (context, { demo, role }) => {
          const { config, log, now } = context;
          const database = await openDatabase(config, log, { exclusive: true });
          const { db } = database;
          // What was opened is closed in the reverse order.
          const closing: (() => Promise<unknown>)[] = [() => database.close()];
          try {
            await migrateDatabase(database.url);
            closing.push(keepAudit(db, config, log, now));
            const queue = await openQueue(db, log, { watch: role !== 'web' });
            const options = { jobs: JOBS, db, queue, config, log, now };
            const engine = role === 'web' ? undefined : await startEngine(options);
            closing.push(() => engine?.stop() ?? queue.close(1_000));
            showRuns(db, log);
            if (role === 'worker') return await serveHealth(context, db);
            const isEmpty = !(await hasBilling(db));
            const desk = createJobDesk(options);
            const rest = isEmpty && demo ? await firstEstate(context, database, desk) : undefined;
            await serve(context, database, desk, rest !== undefined);
            await Promise.all(rest ?? []);
          } finally {
            for (const close of closing.reverse())
              await close().catch((err: unknown) => log.warn({ err }, 'a part of the service did not end in order'));
          }
        },
        { whileWaiting },
      ),
    );
}

const ROLES = ['all', 'web', 'worker'] as const;
type Role = (typeof ROLES)[number];

/** What a worker answers while its jobs run. */
async function serveHealth({ config, secrets, log, print, signal }: CliContext, db: OpenDatabase['db']): Promise<void> {
  const app = await buildWorkerServer({ ready: () => readiness(secrets, db) });
  try {
    const url = shownUrl(await listen(app, config, log), config);
    print(
      { url, jobs: JOBS.map(({ name }) => name) },
      `Jobs run here; health and metrics are at ${url}.\nCtrl-C stops it.`,
    );
    await untilStopped(signal);
  } finally {
    await app.close();
  }
}

function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Holds the port while the secrets are not there yet, so that whoever asks `/readyz` hears why. */
function whileWaiting(config: Config, log: Log): SecretsOptions['whileWaiting'] {
  return async (reason) => {
    const app = buildWaitingServer(reason);
    await listen(app, config, log);
    return () => app.close();
  };
}

/**
 * An empty database gets the demo estate, so that the first question has an answer. Returns when the last months can be
 * asked about, with the promise that earlier months, usage and inventories are in too.
 */
async function firstEstate(
  { config, log, now, json, signal }: CliContext,
  { db }: OpenDatabase,
  desk: JobDesk,
): Promise<Promise<void>[]> {
  if (!json) process.stdout.write('First start: building the demo estate ...\n');
  let billIsIn = (): void => {};
  const bill = new Promise<void>((resolve) => {
    billIsIn = resolve;
  });
  const all = loadDemo({ config, db, now: now(), log, signal, onBilling: billIsIn });
  await Promise.race([bill, all]);
  return [
    all.then(
      async () => {
        if (!json)
          process.stdout.write('\nAll of the demo estate is loaded; anomalies, savings and forecasts follow.\n');
        // Usage and inventories come after the bill, and what looks at the bill looks at them too.
        for (const { name } of JOBS.filter(({ afterLoads }) => afterLoads)) await desk.run(name, DEMO);
      },
      (error: unknown) => log.error({ err: error }, 'the rest of the demo estate was not loaded'),
    ),
  ];
}

/** Who asks for what a first start needs. */
const DEMO: Actor = { actorId: null, actor: 'demo', surface: 'cli' };

async function serve(context: CliContext, { db }: OpenDatabase, jobs: JobDesk, isLoading: boolean): Promise<void> {
  const { config, secrets, log, now, print, signal } = context;
  const assistant = createAssistant({ config, db, log, now });
  const people = createPeople({ config, db, now });
  const local = await identify(db, { platform: 'local' });
  const decisions = createDecisions({ db, now });
  const teams = await openTeams({ config, db, assistant, decisions, log, now });
  const app = await buildServer({
    config,
    db,
    assistant,
    log,
    now,
    people,
    jobs,
    recommendations: createRecommendationDesk(db, now),
    budgets: createBudgetDesk(db, now),
    businessMetrics: createMetricDesk(db, now),
    anomalies: createAnomalyDesk(db, now),
    decisions,
    ready: () => readiness(secrets, db),
  });
  const slack = slackOf({ config, db, log, now, assistant, decisions });
  try {
    await slack?.mount(app);
    await teams?.mount(app);
    const url = shownUrl(await listen(app, config, log), config);
    // Socket Mode connects when it can; the service does not wait for that.
    slack?.start().catch((err: unknown) => log.error({ err }, 'Slack could not be connected to'));
    const questions = (await assistant.suggestQuestions(local)).slice(0, 3);
    const link = await firstLink(context, people, db, url);
    print({ url, questions, ...(link === undefined ? {} : { link }) }, greeting(url, questions, isLoading, link));
    await untilStopped(signal);
  } finally {
    await app.close();
    await slack?.stop();
    await teams?.stop();
  }
}

/** Where nobody is a persona and no provider is set up, a link for whoever reads this terminal. */
async function firstLink(
  { config, now }: CliContext,
  people: People,
  db: OpenDatabase['db'],
  url: string,
): Promise<string | undefined> {
  if (!servesOneMachine(config) || (await people.personas()).length > 0) return undefined;
  const local = await identify(db, { platform: 'local' });
  return linkAddress(url, await makeLinkCode(db, local, now()));
}

async function readiness(secrets: Secrets, db: OpenDatabase['db']): Promise<void> {
  secrets.check();
  if ((await missingMigrations(db.pool)) > 0) throw new PennyError('database_schema');
}

function shownUrl(url: string, { HOST }: Config): string {
  return HOST === '0.0.0.0' ? url.replace('0.0.0.0', '127.0.0.1') : url;
}

function greeting(url: string, questions: string[], isLoading: boolean, link: string | undefined): string {
  const lines = questions.map((question) => `  ${question}`);
  const note = isLoading ? ['The last five months can be asked about; earlier ones follow within a minute.', ''] : [];
  const signIn = link === undefined ? [] : ['', `Sign in, once and within ${LINK_MINUTES} minutes: ${link}`];
  return [`Penny is ready: ${url}`, ...signIn, '', 'Try:', ...lines, '', ...note, 'Stop with Ctrl-C.'].join('\n');
}
