import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import type { Db } from '../db/client.ts';
import type { Principal } from '../db/principal.ts';
import { conversationTurns, finishQuery, startQuery, type ToolCallRecord } from '../db/queries/ai-queries.ts';
import { loadCatalog } from '../db/queries/catalog.ts';
import { PennyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { modelTokens, questionSeconds, questionsRunning, toolSeconds } from '../metrics.ts';
import { redact, redacted } from '../redaction.ts';
import type { Tool } from '../tools/tool.ts';
import type { Answer, AskEvent } from './answer.ts';
import { composeAnswer, failedAnswer } from './compose.ts';
import { remember, TURNS_REMEMBERED } from './memory.ts';
import { type ModelName, openAiModel } from './model.ts';
import { OfflineModel } from './offline/model.ts';
import { systemPrompt } from './prompt.ts';
import type { TurnResult } from './results.ts';
import { newTurnRecord, runTurn, type TurnRecord } from './turn.ts';
import { isUuid } from './uuid.ts';

export interface AskRequest {
  question: string;
  /** The conversation to go on with; without it a new one begins. */
  threadId?: string;
  principal: Principal;
  surface: 'web' | 'api' | 'cli' | 'eval' | 'slack' | 'teams';
  signal?: AbortSignal;
  /** Called with each step as it happens; the answer comes last. */
  onEvent?: (event: AskEvent) => void;
}

export interface AskOptions {
  config: Config;
  db: Db;
  log: Log;
  now: () => Date;
  tools: Tool[];
  model: ModelName;
  /** What to say before each answer, in a sentence without numbers. */
  note?: string;
}

export const QUESTION_MAX_CHARS = 4000;

/** Time the offline model gets when the other one has failed; it needs no network. */
const FALLBACK_TIMEOUT_MS = 20_000;

/** A question with its identity, as the log and the answer carry it. */
interface Turn {
  queryId: string;
  threadId: string;
  question: string;
  startedAt: Date;
  request: AskRequest;
}

/** See `Assistant.ask`. Secrets are taken out of the question before anything is done with it, and out of all that comes of it. */
export async function ask(options: AskOptions, request: AskRequest): Promise<Answer> {
  const began = performance.now();
  const turn: Turn = {
    queryId: randomUUID(),
    threadId: request.threadId ?? randomUUID(),
    question: redact(checkedQuestion(request.question)),
    startedAt: options.now(),
    request,
  };
  const history = remember(await openTurn(options, turn));
  request.onEvent?.({ type: 'started', queryId: turn.queryId, threadId: turn.threadId });
  questionsRunning.inc();
  const record = newTurnRecord();
  try {
    const { answer: whole, errorCode } = await answerTurn(options, turn, history, record);
    const answer = redacted(options.note === undefined ? whole : withNote(whole, options.note));
    const elapsedMs = performance.now() - began;
    await closeTurn(options, turn, record, answer, errorCode, elapsedMs);
    questionSeconds.observe({ surface: request.surface, status: answer.status }, elapsedMs / 1000);
    request.onEvent?.({ type: 'answer', answer });
    return answer;
  } finally {
    questionsRunning.dec();
  }
}

function withNote(answer: Answer, note: string): Answer {
  return { ...answer, text: `${note}\n\n${answer.text}` };
}

function checkedQuestion(text: string): string {
  const question = text.trim();
  if (question === '') throw new PennyError('invalid_input', 'Write a question.');
  if (question.includes('\0')) throw new PennyError('invalid_input', 'A question may not hold a NUL character.');
  if (question.length <= QUESTION_MAX_CHARS) return question;
  throw new PennyError('invalid_input', `A question may have at most ${QUESTION_MAX_CHARS} characters.`);
}

/** Writes the question to the log and returns the earlier turns of its conversation. */
async function openTurn({ db, model }: AskOptions, { queryId, threadId, question, startedAt, request }: Turn) {
  const { principal, surface } = request;
  const unknown = new PennyError('not_found', 'There is no such conversation.');
  if (request.threadId !== undefined && !isUuid(request.threadId)) throw unknown;
  const earlier =
    request.threadId === undefined ? [] : await conversationTurns(db, principal, request.threadId, TURNS_REMEMBERED);
  const opened = await startQuery(db, {
    queryId,
    conversationId: threadId,
    principal,
    surface,
    question,
    model: model.name,
    startedAt,
  });
  if (!opened) throw unknown;
  return earlier ?? [];
}

type History = ReturnType<typeof remember>;

/** The answer, whatever happens: from the configured model, else from the offline model with a word about it, else a failure. */
async function answerTurn(
  options: AskOptions,
  turn: Turn,
  history: History,
  record: TurnRecord,
): Promise<{ answer: Answer; errorCode: string | null }> {
  const { config, log, model } = options;
  const { queryId, threadId, request } = turn;
  try {
    return {
      answer: await runWith(model.kind, config.PENNY_MODEL_TIMEOUT_MS, options, turn, history, record),
      errorCode: null,
    };
  } catch (error) {
    const failure = error instanceof PennyError ? error : new PennyError('internal', undefined, { cause: error });
    log.error({ err: failure, cause: failure.cause, queryId }, 'a turn failed');
    const mayFallBack = model.kind !== 'offline' && failure.code.startsWith('model_') && !request.signal?.aborted;
    if (!mayFallBack)
      return { answer: failedAnswer(queryId, threadId, failure, record.results), errorCode: failure.code };
    const answer = await fallBack(options, turn, history, record, failure);
    return { answer, errorCode: failure.code };
  }
}

async function fallBack(
  options: AskOptions,
  turn: Turn,
  history: History,
  record: TurnRecord,
  failure: PennyError,
): Promise<Answer> {
  record.results.length = 0;
  try {
    const answer = await runWith('offline', FALLBACK_TIMEOUT_MS, options, turn, history, record);
    if (answer.status !== 'answered' && answer.status !== 'no_data') throw failure;
    return withNote(answer, `${failure.message} This answer comes from the built-in planner.`);
  } catch (error) {
    if (error !== failure) options.log.error({ err: error, queryId: turn.queryId }, 'the offline model failed too');
    return failedAnswer(turn.queryId, turn.threadId, failure, record.results);
  }
}

async function runWith(
  kind: ModelName['kind'],
  timeoutMs: number,
  options: AskOptions,
  turn: Turn,
  history: History,
  record: TurnRecord,
): Promise<Answer> {
  const { config, db, log, tools } = options;
  const { queryId, threadId, question, startedAt, request } = turn;
  const catalog = await loadCatalog(db, request.principal);
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]);
  const outcome = await runTurn({
    model: kind === 'offline' ? new OfflineModel({ catalog, now: startedAt }) : openAiModel(config),
    tools,
    context: {
      ...{ db, log, signal },
      principal: request.principal,
      now: startedAt,
      origin: { surface: request.surface, conversationId: threadId },
    },
    systemPrompt: systemPrompt({ now: startedAt, catalog }),
    history,
    question,
    maxModelCalls: config.PENNY_MODEL_MAX_CALLS,
    record,
    onEvent: request.onEvent ?? (() => {}),
  });
  return composeAnswer(queryId, threadId, outcome, record.results);
}

async function closeTurn(
  { db, now, model }: AskOptions,
  turn: Turn,
  { results, usage }: TurnRecord,
  answer: Answer,
  errorCode: string | null,
  elapsedMs: number,
): Promise<void> {
  for (const { tool, result, elapsedMs } of results)
    toolSeconds.observe({ tool, status: result.status }, elapsedMs / 1000);
  modelTokens.inc({ model: model.name, direction: 'input' }, usage.inputTokens);
  modelTokens.inc({ model: model.name, direction: 'output' }, usage.outputTokens);
  await finishQuery(db, {
    queryId: turn.queryId,
    question: turn.question,
    askedBy: turn.request.principal.email,
    status: answer.status,
    answer,
    answerText: answer.text,
    errorCode,
    model: model.name,
    ...usage,
    finishedAt: now(),
    elapsedMs,
    toolCalls: redacted(results.map(toToolCallRecord)),
  });
}

function toToolCallRecord({ tool, arguments: input, result, startedAt, elapsedMs }: TurnResult): ToolCallRecord {
  const receipt = result.status === 'ok' || result.status === 'no_data' ? result.receipt : undefined;
  return {
    tool,
    arguments: input,
    status: result.status,
    sql: receipt?.sql ?? null,
    sqlFingerprint: receipt?.fingerprint ?? null,
    rowCount: receipt?.rowCount ?? null,
    resultHash: receipt?.hash ?? null,
    errorCode: result.status === 'error' ? result.code : null,
    startedAt,
    elapsedMs,
  };
}
