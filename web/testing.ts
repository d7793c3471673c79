import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, InjectOptions } from 'fastify';
import pino from 'pino';
import { z } from 'zod';
import type { Answer } from '../agent/answer.ts';
import type { AskRequest, Assistant } from '../agent/assistant.ts';
import { createDecisions } from '../agent/decide.ts';
import type { People } from '../agent/identity/people.ts';
import { readConfig } from '../config.ts';
import { PennyError } from '../errors.ts';
import { tools as allTools } from '../tools/registry.ts';
import { defineTool, type Receipt, type Tool, type ToolData } from '../tools/tool.ts';
import type { Conversation, QuerySummary } from './contract.ts';
import type { Budgets, JobRun, Jobs, Principal, ServerOptions } from './server/options.ts';
import { buildServer } from './server/server.ts';

export const ada: Principal = {
  userId: '00000000-0000-4000-8000-000000000001',
  email: 'ada@example.com',
  name: 'Ada',
  role: 'admin',
  scope: 'all',
};

/** The secret of the session of `ada`. */
export const ADAS_SECRET = 'adas-secret';
export const ADAS_COOKIE = `penny_session=${ADAS_SECRET}`;

/** What of a logged line the tests look at; the error's stack includes those of its causes. */
interface LogLine {
  msg: string;
  err?: { stack: string };
}

/**
 * A server over an assistant made of functions, with a page of one line, and the lines it logged. Requests injected into `app`
 * come from a browser in which `ada` has signed in; those into `stranger` come as they are.
 */
export async function testServer(
  changes: Partial<ServerOptions> = {},
): Promise<{ app: FastifyInstance; stranger: FastifyInstance; logged: LogLine[] }> {
  const logged: LogLine[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(JSON.parse(line)) });
  const stranger = await buildServer({
    config: readConfig({}),
    db: undefined as unknown as ServerOptions['db'],
    assistant: memoryAssistant(),
    people: memoryPeople(),
    jobs: memoryJobs(),
    recommendations: noRecommendations,
    decisions: createDecisions({ db: undefined as unknown as ServerOptions['db'], now: () => new Date() }),
    budgets: noBudgets,
    businessMetrics: { give: none },
    anomalies: noAnomalies,
    log,
    now: () => new Date('2026-11-24T10:00:00Z'),
    ready: async () => {},
    tools: memoryTools(),
    clientFolder: await pageFolder(),
    ...changes,
  });
  return { app: signedIn(stranger), stranger, logged };
}

/** The same server, with the cookie of `ada` put into what is injected. */
function signedIn(stranger: FastifyInstance): FastifyInstance {
  return new Proxy(stranger, {
    get(target, name) {
      if (name !== 'inject') return Reflect.get(target, name);
      return (given: string | InjectOptions) => {
        const { headers, ...request } = typeof given === 'string' ? { url: given } : given;
        return target.inject({ ...request, headers: { cookie: ADAS_COOKIE, ...headers } });
      };
    },
  });
}

const PERSONAS = [
  { id: 'administrator', title: 'Local administrator', description: 'Sees everything, and manages people and tokens.' },
  { id: 'manager', title: 'Manager', description: 'Asks about one account, and sees no other.' },
];

/** People of whom one, `ada`, has signed in; a persona signs in as her too. Users and tokens it has none. */
export function memoryPeople(changes: Partial<People> = {}): People {
  const secrets = new Set([ADAS_SECRET]);
  const none = async (): Promise<never> => {
    throw new PennyError('internal');
  };
  return {
    async identify() {
      throw new PennyError('unauthorized');
    },
    async resume({ secret }) {
      if (!secrets.has(secret)) throw new PennyError('unauthorized');
      const expiresAt = new Date('2026-12-01T10:00:00Z');
      return { sessionId: 's1', method: 'persona', principal: ada, expiresAt, rotationDue: false };
    },
    personas: async () => PERSONAS,
    async signIn(how) {
      if (how.method !== 'persona' && how.method !== 'link') throw new PennyError('unauthorized');
      secrets.add(ADAS_SECRET);
      return { principal: ada, secret: ADAS_SECRET, expiresAt: new Date('2036-12-01T10:00:00Z') };
    },
    async signOut({ secret }) {
      secrets.delete(secret);
    },
    accountNames: async () => new Map(),
    listTokens: async () => [],
    createToken: none,
    revokeToken: none,
    listUsers: none,
    addUser: none,
    changeUser: none,
    linkUser: none,
    ...changes,
  };
}

/** A server without budgets to make. */
const none = async (): Promise<never> => {
  throw new PennyError('internal');
};
export const noBudgets: Budgets = { add: none, change: none, archive: none };
/** A server without recommendations. */
export const noRecommendations: ServerOptions['recommendations'] = { find: none, decide: none };
/** A server where nothing can be said of anomalies. */
export const noAnomalies: ServerOptions['anomalies'] = { say: none, expect: none, takeBack: none, said: none };

/** One job whose runs never end by themselves: run 1 failed, the others are added. */
export function memoryJobs(): Jobs {
  const runs = [newRun(1, '2026-11-24T09:50:00Z')];
  Object.assign(runs[0] as JobRun, {
    ...{ state: 'dead', attempt: 4, elapsedMs: 61_000, finishedAt: new Date('2026-11-24T09:59:00Z') },
    ...{ errorCode: 'value_unknown', errorMessage: 'Row 3 of july.csv holds a value that is not known.' },
  });
  const find = (runId: number): JobRun => {
    const run = runs.find((one) => one.runId === runId);
    if (run === undefined) throw new PennyError('not_found', `There is no run ${runId}.`);
    return run;
  };
  return {
    list: async () => [
      {
        ...{ name: 'ingest-billing', title: 'Loads the billing exports.', schedule: '*/10 * * * *', missing: null },
        ...{ nextDueAt: new Date('2026-11-24T10:10:00Z'), lastRun: runs.at(-1) ?? null, lastSuccessAt: null },
      },
    ],
    runs: async ({ limit }) => ({ items: runs.toReversed().slice(0, limit) }),
    async run(name, { actor }, dueAt) {
      if (name !== 'ingest-billing') throw new PennyError('not_found', `There is no job ${name}.`);
      const run = { ...newRun(runs.length + 1, dueAt?.toISOString() ?? '2026-11-24T10:00:00Z'), requestedBy: actor };
      runs.push(run);
      return run;
    },
    async cancel(runId) {
      const run = find(runId);
      if (run.finishedAt !== null) throw new PennyError('conflict', `Run ${runId} is over already.`);
      return Object.assign(run, { state: 'cancelled', finishedAt: new Date('2026-11-24T10:00:05Z') });
    },
    async rerun(runId, { actor }) {
      const cleared = { state: 'due', finishedAt: null, errorCode: null, errorMessage: null, requestedBy: actor };
      return Object.assign(find(runId), cleared);
    },
  };
}

function newRun(runId: number, dueAt: string): JobRun {
  return {
    ...{ runId, job: 'ingest-billing', dueAt: new Date(dueAt), state: 'due', attempt: 0, worker: null },
    ...{ startedAt: null, finishedAt: null, retryAt: null, cancelRequestedAt: null, requestedBy: null },
    ...{ progress: null, rowCount: null, errorCode: null, errorMessage: null, elapsedMs: null },
  };
}

async function pageFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'penny-page-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Penny</title>');
  await writeFile(join(folder, 'assets/app-1a2b.js'), 'export {};');
  await writeFile(join(folder, 'assets/app-1a2b.js.gz'), gzipSync('export {};'));
  return folder;
}

interface Turn {
  question: string;
  answer: Answer;
  askedAt: string;
  feedback?: { score: 1 | -1; reason?: string };
}

/** How the answer to a question is found: the steps reported on the way, and the answer without its ids. */
export type AnswerQuestion = (
  request: AskRequest,
  step: (id: string, title: string, state: 'running' | 'done' | 'failed') => void,
) => Promise<Omit<Answer, 'queryId' | 'threadId'>>;

/** An assistant that keeps its conversations in memory and answers with the function given. */
export function memoryAssistant(answerQuestion: AnswerQuestion = answerShortly): Assistant {
  const turns: Turn[] = [];
  let ids = 0;
  return {
    async ask(request) {
      const queryId = `query-${++ids}`;
      const threadId = request.threadId ?? `thread-${ids}`;
      request.onEvent?.({ type: 'started', queryId, threadId });
      const found = await answerQuestion(request, (id, title, state) =>
        request.onEvent?.({ type: 'step', id, title, state }),
      );
      const answer: Answer = { queryId, threadId, ...found };
      turns.push({ question: request.question, answer, askedAt: new Date().toISOString() });
      request.onEvent?.({ type: 'answer', answer });
      return answer;
    },
    async listQueries(_principal, { limit, cursor }) {
      const from = Number(cursor ?? 0);
      const items = turns
        .toReversed()
        .map(summaryOf)
        .slice(from, from + limit);
      return from + limit < turns.length ? { items, nextCursor: String(from + limit) } : { items };
    },
    async listConversations(_principal, { limit }) {
      return [...threadsOf(turns).values()].toReversed().slice(0, limit).map(titleOf);
    },
    async getConversation(_principal, threadId) {
      return threadsOf(turns).get(threadId) ?? null;
    },
    async giveFeedback(_principal, queryId, given) {
      const turn = turns.find(({ answer }) => answer.queryId === queryId);
      if (turn === undefined) throw new PennyError('not_found', 'There is no such question.');
      turn.feedback = given;
    },
    listAudit: async () => ({ items: [] }),
    suggestQuestions: async () => ['Top 5 services with rising cost last 60 days?', 'What did we spend last month?'],
    model: { kind: 'offline', name: 'offline' },
  };
}

const answerShortly: AnswerQuestion = async (request, step) => {
  step('s1', 'Looking up costs', 'running');
  step('s1', 'Looking up costs', 'done');
  return {
    status: 'answered',
    text: `About: ${request.question}`,
    tables: [],
    receipts: [],
    proposals: [],
    followUps: [],
  };
};

function summaryOf({ question, answer, askedAt, feedback }: Turn): QuerySummary {
  return {
    queryId: answer.queryId,
    threadId: answer.threadId,
    askedAt,
    askedBy: ada.email,
    surface: 'api',
    question,
    status: answer.status,
    model: 'offline',
    toolCalls: answer.receipts.length,
    rowCount: answer.receipts.reduce((sum, { rowCount }) => sum + rowCount, 0),
    elapsedMs: 12,
    feedback: feedback ?? null,
  };
}

function threadsOf(turns: Turn[]): Map<string, Conversation> {
  const threads = new Map<string, Conversation>();
  for (const turn of turns) {
    const { threadId } = turn.answer;
    const thread = threads.get(threadId) ?? { threadId, turns: [] };
    threads.set(threadId, { threadId, turns: [...thread.turns, turn] });
  }
  return threads;
}

function titleOf({ threadId, turns }: Conversation) {
  const [first] = turns;
  const last = turns.at(-1);
  return { threadId, title: first?.question ?? '', lastAt: last?.askedAt ?? '', turns: turns.length };
}

const receiptOf = (tool: string, given: unknown, rowCount: number): Receipt => ({
  tool,
  arguments: given as Record<string, unknown>,
  period: { start: '2026-10-25', end: '2026-11-24' },
  costBasis: 'effective_cost',
  credits: 'excluded',
  notes: [],
  rowCount,
  truncated: false,
  dataThrough: '2026-11-23',
  hash: '9f2c',
  elapsedMs: 3,
});

const dimension = z.enum(['service_name', 'region_id', 'tag:team']);

/** The tools behind the data routes, over two rows of data that their receipts give back with the input they got. */
export function memoryTools(): Tool[] {
  const costs = defineTool({
    name: 'query_costs',
    title: 'Costs',
    description: 'Costs of two services.',
    access: 'read',
    input: z.object({
      period: z.string().optional(),
      groupBy: z.array(dimension).max(3).optional(),
      filters: z.array(z.object({ dimension, operator: z.string(), values: z.array(z.string()) })).optional(),
      limit: z.int().min(1).max(500).optional(),
      includeCredits: z.boolean().optional(),
    }),
    async run(_context, input) {
      if (input.period === 'last century') {
        const receipt = receiptOf('query_costs', input, 0);
        return { status: 'no_data', searched: 'costs of the last century', suggestions: [], receipt };
      }
      if (input.period === 'soon')
        return { status: 'error', code: 'period_unknown', message: 'Which period is "soon"?' };
      if (input.period === 'secret') return { status: 'denied', message: 'That is outside your scope.' };
      return { status: 'ok', data: costsData, receipt: receiptOf('query_costs', input, 2) };
    },
  });
  return [
    costs,
    ...allTools
      .map(({ name }) => name)
      .filter((name) => name !== costs.name)
      .map(echoTool),
  ];
}

const costsData: ToolData = {
  facts: { total: { value: '9500.25', kind: 'money', unit: 'USD' } },
  tables: [
    {
      name: 'costs',
      title: 'Cost by service',
      columns: [
        { name: 'service_name', kind: 'text', unit: null },
        { name: 'cost', kind: 'money', unit: 'USD' },
      ],
      rows: [
        ['Amazon EC2', '8000'],
        ['AWS Lambda', '1500.25'],
      ],
    },
  ],
};

/** A tool that finds nothing but gives back what it was asked. */
function echoTool(name: string): Tool {
  return defineTool({
    name,
    title: name,
    description: name,
    access: 'read',
    input: z.looseObject({}),
    run: async (_context, input) => ({
      status: 'ok',
      data: { facts: {}, tables: [] },
      receipt: receiptOf(name, input, 0),
    }),
  });
}
