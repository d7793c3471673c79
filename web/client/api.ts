import type {
  AskBody,
  Conversation,
  ConversationSummary,
  ErrorBody,
  Feedback,
  Job,
  JobRun,
  Me,
  ModelInfo,
  SignInOptions,
  StreamEvent,
  ToolResponse,
} from '../contract.ts';
import type { RemediationBody, RemediationPageBody } from '../contract-remediations.ts';
import type { Failure } from './chat-state.ts';
import { createSseParser } from './sse.ts';

/** A request that came to nothing. `unreachable` and `interrupted` are the page's own codes, the others the server's. */
export class RequestFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'RequestFailure';
    this.code = code;
  }
}

/** Tells the page that its session is over, wherever that was noticed. */
export const sessionEnded = {
  listeners: new Set<() => void>(),
  tell() {
    for (const listener of this.listeners) listener();
  },
};

/** What to show of an error: a failed request's own words, or that it is a fault of the page. */
export function failureOf(error: unknown): Failure {
  if (error instanceof RequestFailure) return { code: error.code, message: error.message };
  return { code: 'internal', message: 'Something went wrong on this page. Reload it and try again.' };
}

const API = '/api/v1';

const get = async <T>(path: string): Promise<T> => (await send(`${API}${path}`, {})).json();

export const getMe = () => get<Me>('/me');
export const getSignInOptions = async (): Promise<SignInOptions> => (await send('/auth/options', {})).json();

/** Signs in: as a persona, with the code of a one-time link, or with an API token. The session is in a cookie. */
export async function signIn(how: { persona: string } | { code: string } | { token: string }): Promise<void> {
  const way = 'persona' in how ? 'persona' : 'code' in how ? 'link' : 'token';
  await send(`/auth/${way}`, post(how));
}

export async function signOut(everywhere: boolean): Promise<void> {
  await send('/auth/sign-out', post({ everywhere }));
}

export const listConversations = () => get<{ items: ConversationSummary[] }>('/ai/conversations');
export const getConversation = (threadId: string) =>
  get<Conversation>(`/ai/conversations/${encodeURIComponent(threadId)}`);
export const suggestQuestions = () => get<{ items: string[] }>('/ai/suggestions');
export const getModel = () => get<ModelInfo>('/ai/model');
export const getFreshness = () => get<ToolResponse>('/billing/freshness');

export const listJobs = () => get<{ items: Job[] }>('/jobs');
export const listJobRuns = () => get<{ items: JobRun[] }>('/jobs/runs?limit=30');

export async function runJob(name: string): Promise<void> {
  await send(`${API}/jobs/${encodeURIComponent(name)}/run`, post({}));
}

export async function steerRun(runId: number, how: 'cancel' | 'rerun'): Promise<void> {
  await send(`${API}/jobs/runs/${runId}/${how}`, post({}));
}

export const listRemediations = () => get<RemediationPageBody>('/remediations?limit=100');

/** Decides on exactly what was shown: the hash of its parameters goes with it. */
export async function decideRemediation(
  { remediationId, parametersHash }: Pick<RemediationBody, 'remediationId' | 'parametersHash'>,
  how: 'approve' | 'reject' | 'cancel' | 'undo',
  reason?: string,
): Promise<void> {
  const bodies = { approve: { parametersHash }, reject: { parametersHash, reason }, cancel: {}, undo: {} };
  await send(`${API}/remediations/${encodeURIComponent(remediationId)}/${how}`, post(bodies[how]));
}

export async function stopChanges(reason: string): Promise<void> {
  await send(`${API}/remediations/stop`, post({ reason }));
}

export async function resumeChanges(): Promise<void> {
  await send(`${API}/remediations/resume`, post({}));
}

export async function giveFeedback(queryId: string, feedback: Feedback): Promise<void> {
  await send(`${API}/ai/queries/${encodeURIComponent(queryId)}/feedback`, post(feedback));
}

/**
 * Asks, and hands over each event of the stream as it comes; resolves after the last.
 * @throws RequestFailure when the question is refused, or the stream ends with neither answer nor error
 */
export async function askStreaming(
  body: AskBody,
  { signal, onEvent }: { signal: AbortSignal; onEvent: (event: StreamEvent) => void },
): Promise<void> {
  const request = post(body, { accept: 'text/event-stream' });
  const response = await send(`${API}/ai/queries`, { ...request, signal });
  let ended = false;
  for await (const event of eventsOf(response, signal)) {
    ended ||= event.type === 'answer' || event.type === 'error';
    onEvent(event);
  }
  if (!ended) throw new RequestFailure('interrupted', 'The connection ended before the answer came.');
}

async function* eventsOf(response: Response, signal: AbortSignal): AsyncGenerator<StreamEvent> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  const parse = createSseParser();
  while (reader !== undefined) {
    const { done, value } = await reader.read().catch(failed(signal));
    if (done) return;
    for (const { data } of parse(decoder.decode(value, { stream: true }))) yield JSON.parse(data) as StreamEvent;
  }
}

function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch(failed(init.signal));
  if (response.ok) return response;
  // `/me` is how the page asks whether somebody is signed in.
  if (response.status === 401 && path.startsWith(API) && path !== `${API}/me`) sessionEnded.tell();
  const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
  const { code, message } = body?.error ?? { code: 'internal', message: `The server answered ${response.status}.` };
  throw new RequestFailure(code, message);
}

/** fetch tells nothing of why the network failed; that the asker stopped it is no failure of the network. */
function failed(signal: AbortSignal | null | undefined) {
  return (error: unknown): never => {
    if (signal?.aborted) throw error;
    throw new RequestFailure('unreachable', 'Penny cannot be reached. Check that it runs and that you are online.');
  };
}
