import Fastify from 'fastify';
import pino from 'pino';
import type { Answer } from '../../agent/answer.ts';
import { createDecisions } from '../../agent/decide.ts';
import { identify } from '../../agent/identify.ts';
import { readConfig } from '../../config.ts';
import { createInbox } from '../../db/chat/inbox.ts';
import { createOutbox } from '../../db/chat/outbox.ts';
import { approversOf } from '../../db/remediations/approvers.ts';
import { NOW, openScene, type Scene } from '../../db/remediations/remediation.fixture.ts';
import { createSlackBot, type SlackBot, type SlackOptions } from './index.ts';
import { FakeSlack, TEAM } from './stand-in.ts';

export const SECRET = 'a-signing-secret';

type Request = Parameters<SlackOptions['assistant']['ask']>[0];

/** Slack users by name; each is linked to the person of that name. */
export const SLACK_USERS = { eva: 'U0EVA', ada: 'U0ADA', bob: 'U0BOB', vic: 'U0VIC', cleo: 'U0CLEO' } as const;

/** A workspace with people, the real bot behind a real server, and a real database. */
export interface Stage {
  scene: Scene;
  slack: FakeSlack;
  bot: SlackBot;
  /** What was asked of the assistant; its answers are `answers` in order, else a usual one. */
  asked: Request[];
  answers: (Partial<Answer> | Error)[];
  rated: { queryId: string; score: number }[];
  /** Lets time pass for what waits, and has it looked at. */
  pass(ms: number): Promise<void>;
  now(): Date;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Another process over the same database, as after a restart. */
  another(): SlackBot;
  close(): Promise<void>;
}

export async function openStage(settings: Record<string, string> = {}): Promise<Stage> {
  const scene = await openScene();
  const { db } = scene.database;
  const slack = await FakeSlack.open(SECRET);
  const sql = async (text: string, values: unknown[] = []) => (await db.pool.query(text, values)).rows;
  for (const [name, subject] of Object.entries(SLACK_USERS))
    await sql(
      `INSERT INTO identities (user_id, platform, tenant, subject) SELECT user_id, 'slack', $1, $2 FROM users WHERE email = $3`,
      [TEAM, subject, `${name}@example.com`],
    );
  let clock = NOW.getTime();
  const now = () => new Date(clock);
  const asked: Request[] = [];
  const answers: Stage['answers'] = [];
  const rated: Stage['rated'] = [];
  const options: SlackOptions = {
    config: readConfig({
      ...{ SLACK_BOT_TOKEN: 'xoxb-test', SLACK_SIGNING_SECRET: SECRET, SLACK_API_URL: slack.apiUrl },
      ...settings,
    }),
    log: pino({ level: 'silent' }),
    now,
    assistant: {
      model: { kind: 'offline', name: 'offline' },
      async ask(request) {
        asked.push(request);
        const next = answers.shift() ?? {};
        if (next instanceof Error) throw next;
        return { ...USUAL, threadId: request.threadId ?? '', ...next };
      },
      async giveFeedback(_principal, queryId, { score }) {
        rated.push({ queryId, score });
      },
      suggestQuestions: async () => ['What did we spend last month?'],
    },
    decisions: createDecisions({ db, now }),
    identify: (identity) => identify(db, identity, now()),
    approvers: (tenant, remediationId) => approversOf(db, { platform: 'slack', tenant }, remediationId, now()),
    mailbox: { inbox: createInbox(db, 'slack', now), outbox: createOutbox(db, 'slack', now) },
  };
  const bots: SlackBot[] = [];
  function another(): SlackBot {
    const made = createSlackBot(options);
    bots.push(made);
    return made;
  }
  const bot = another();
  const server = Fastify({ forceCloseConnections: true });
  await bot.mount(server);
  slack.installAt(`${await server.listen({ host: '127.0.0.1', port: 0 })}/slack/events`);
  return {
    ...{ scene, slack, bot, asked, answers, rated, now, sql, another },
    async pass(ms) {
      clock += ms;
      await bot.start();
      await bot.idle();
    },
    async close() {
      for (const one of bots) await one.stop();
      await server.close();
      await slack.close();
      await scene.close();
    },
  };
}

const USUAL: Answer = {
  queryId: '00000000-0000-4000-8000-00000000000a',
  threadId: '',
  status: 'answered',
  text: 'Production cost $1,234.50 in October 2026.',
  tables: [
    {
      title: 'Cost by service',
      columns: [
        { name: 'service_name', kind: 'text', unit: null },
        { name: 'effective_cost', kind: 'money', unit: 'USD' },
      ],
      rows: [
        ['Amazon EC2', '1000.25'],
        ['Amazon <S3>', '234.25'],
      ],
    },
  ],
  receipts: [
    {
      ...{ tool: 'query_costs', arguments: {}, notes: [], rowCount: 2, truncated: false, elapsedMs: 3 },
      ...{ period: { start: '2026-10-01', end: '2026-11-01' }, costBasis: 'effective_cost', credits: 'excluded' },
      ...{ dataThrough: '2026-11-23', hash: 'abcdef0123456789' },
    },
  ],
  proposals: [],
  followUps: ['And in September?'],
};
