import { type ChildProcess, fork } from 'node:child_process';
import Fastify from 'fastify';
import { z } from 'zod';
import { createAssistant } from '../agent/assistant.ts';
import { createDecisions } from '../agent/decide.ts';
import { FakeSlack, TEAM } from '../bots/slack/stand-in.ts';
import { mention } from '../bots/slack/stand-in-payloads.ts';
import { slackOf } from '../cli/slack.ts';
import { clock, readConfig } from '../config.ts';
import type { Db } from '../db/client.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { log } from '../log.ts';

/**
 * Prints how fast Slack hears that its events arrived when 200 people ask at the same instant, every fifth of them twice as Slack repeats
 * them, over the estate of PENNY_HOME (`penny demo`): and whether each was answered, and once. Slack stands in a process of its own.
 */
const PEOPLE = 200;
const LIMIT_MS = 1_000;
const SECRET = 'bench';
const MOST_SECONDS = 300;

const QUESTIONS = [
  'What did we spend last month?',
  'Which services cost most in October?',
  'How did the cost of EC2 change from September to October?',
  'What did the payments team spend last week?',
  'What would save money?',
];

const person = (index: number) => `U0BENCH${index}`;
const channel = (index: number) => `D0BENCH${index}`;

interface Result {
  /** As many requests at once that ask for nothing but a signature to be checked: what the machine takes for it. */
  helloMs: number[];
  ackMs: number[];
  statuses: number[];
  /** From asking to the answer, for each person who got one. */
  answerMs: number[];
  /** Answers a person. */
  answers: number[];
}

const orders = z.object({ url: z.url() });

async function main(): Promise<void> {
  const home = readConfig();
  log.level = 'error';
  const database = await openDatabase(home, log);
  const people = fork(import.meta.filename);
  try {
    await migrateDatabase(database.url);
    const { db } = database;
    await linkPeople(db);
    const apiUrl = await told<string>(people);
    const config = {
      ...home,
      ...{ OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined },
      ...{ SLACK_BOT_TOKEN: 'xoxb-bench', SLACK_SIGNING_SECRET: SECRET, SLACK_API_URL: apiUrl },
    };
    const now = clock(config);
    const assistant = createAssistant({ config, db, log, now });
    const slack = slackOf({ config, db, log, now, assistant, decisions: createDecisions({ db, now }) });
    const server = Fastify({ forceCloseConnections: true });
    await slack?.mount(server);
    await slack?.start();
    people.send({ url: await server.listen({ host: '127.0.0.1', port: 0 }) });
    const result = await told<Result>(people);
    await slack?.stop();
    await server.close();
    report(result);
  } finally {
    people.kill();
    await database.close();
  }
}

function told<Message>(people: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    people.once('message', (message) => resolve(message as Message));
    people.once('exit', (code) => reject(new Error(`the askers ended with ${code}`)));
  });
}

async function linkPeople(db: Db): Promise<void> {
  await db.pool.query(
    `INSERT INTO users (email, name, role, scope) SELECT 'slack-bench-' || n || '@example.com', 'Bench', 'viewer', '"all"'
     FROM generate_series(0, $1::int - 1) AS n ON CONFLICT DO NOTHING`,
    [PEOPLE],
  );
  await db.pool.query(
    `INSERT INTO identities (user_id, platform, tenant, subject)
     SELECT user_id, 'slack', $1, 'U0BENCH' || substring(email FROM '^slack-bench-([0-9]+)@') FROM users WHERE email LIKE 'slack-bench-%'
     ON CONFLICT DO NOTHING`,
    [TEAM],
  );
}

/** Slack, and the people who ask in it. */
async function askers(): Promise<void> {
  const slack = await FakeSlack.open(SECRET);
  process.send?.(slack.apiUrl);
  const { url } = orders.parse(await new Promise((resolve) => process.once('message', resolve)));
  slack.installAt(`${url}/slack/events`);
  const result: Result = { helloMs: [], ackMs: [], statuses: [], answerMs: [], answers: [] };
  const hello = JSON.stringify({ type: 'url_verification', challenge: 'hello' });
  await Promise.all(
    Array.from({ length: PEOPLE * 1.2 }, async () => {
      const sent = performance.now();
      await slack.post(hello, 'application/json', {});
      result.helloMs.push(performance.now() - sent);
    }),
  );
  const began = performance.now();
  const run = String(Date.now());
  async function ask(index: number, retry?: number): Promise<void> {
    const event = mention(person(index), QUESTIONS[index % QUESTIONS.length] ?? '', channel(index), '1795500000.1');
    const sent = performance.now();
    const { status } = await slack.event(event, { eventId: `Ev${run}.${index}` }, retry === undefined ? {} : { retry });
    result.ackMs.push(performance.now() - sent);
    result.statuses.push(status);
  }
  const everybody = Array.from({ length: PEOPLE }, (_, index) => index);
  await Promise.all(everybody.flatMap((index) => [ask(index), ...(index % 5 === 0 ? [ask(index, 1)] : [])]));
  const of = (index: number) => slack.messages.filter((message) => message.channel === channel(index));
  const timer = setTimeout(() => finish(), MOST_SECONDS * 1_000);
  let seen = 0;
  await slack.until(() => {
    const arrived = slack.messages.length - seen;
    result.answerMs.push(...Array.from({ length: arrived }, () => performance.now() - began));
    seen = slack.messages.length;
    return everybody.every((index) => of(index).length > 0);
  });
  clearTimeout(timer);
  finish();
  function finish(): void {
    result.answers = everybody.map((index) => of(index).length);
    process.send?.(result);
  }
}

function report({ helloMs, ackMs, statuses, answerMs, answers }: Result): void {
  const p99 = at(ackMs, 0.99);
  const lines = [
    `people           ${PEOPLE} at the same instant, ${ackMs.length - PEOPLE} events sent twice`,
    `acknowledged     ${statuses.filter((status) => status === 200).length} of ${ackMs.length} with 200`,
    `acks p50/p99/max ${[at(ackMs, 0.5), p99, at(ackMs, 1)].map((ms) => ms.toFixed(0)).join(' / ')} ms`,
    `without keeping  ${[at(helloMs, 0.5), at(helloMs, 0.99), at(helloMs, 1)].map((ms) => ms.toFixed(0)).join(' / ')} ms`,
    `p99 of limit     ${(p99 / LIMIT_MS).toFixed(2)} (limit ${LIMIT_MS} ms)`,
    `answered         p50 ${(at(answerMs, 0.5) / 1_000).toFixed(1)} s, last ${(at(answerMs, 1) / 1_000).toFixed(1)} s after asking`,
    `lost             ${answers.filter((count) => count === 0).length}`,
    `answered twice   ${answers.filter((count) => count > 1).length}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (answers.some((count) => count !== 1) || p99 > LIMIT_MS) process.exitCode = 1;
}

/** The value that a share does not exceed. */
function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}

if (process.send === undefined) await main();
else await askers();
