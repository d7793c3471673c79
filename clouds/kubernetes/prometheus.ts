import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { PennyError } from '../../errors.ts';

/** A Prometheus, or what speaks its HTTP API (Thanos, Mimir, VictoriaMetrics), for one run. */
export interface Prometheus {
  /** The address that `/api/v1` lies below. */
  url: string;
  /** Goes along as bearer token. */
  token?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Before the second try; each later one waits twice as long. */
  pauseMs?: number;
}

/** A time series: its labels, and its values by instant in seconds. What is no number (NaN, infinite) is left out. */
export interface TimeSeries {
  labels: Readonly<Record<string, string>>;
  values: (readonly [seconds: number, value: number])[];
}

/** What a query gave, and what kept it from being all there is. */
export interface Answer {
  series: TimeSeries[];
  warnings: string[];
}

/** Instants in seconds: both ends are evaluated. */
export interface Range {
  start: number;
  end: number;
  step: number;
}

const TRIES = 4;
const BUSY = new Set([429, 500, 502, 503, 504]);
const QUERY_SECONDS = 60;

const point = z.tuple([z.number(), z.string()]);
const envelope = z.object({
  status: z.enum(['success', 'error']),
  errorType: z.string().optional(),
  error: z.string().optional(),
  warnings: z.array(z.string()).optional(),
  data: z
    .object({
      result: z.array(
        z.object({
          metric: z.record(z.string(), z.string()),
          value: point.optional(),
          values: z.array(point).optional(),
        }),
      ),
    })
    .optional(),
});
type Envelope = z.infer<typeof envelope>;

/**
 * Returns the values of an expression over a range.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/api/
 * @throws PennyError `cloud_unavailable` (with `details.isTooLarge` when the same over a shorter time may be answered), `cloud_denied`
 */
export function queryRange(prometheus: Prometheus, query: string, { start, end, step }: Range): Promise<Answer> {
  return ask(prometheus, 'query_range', { query, start: String(start), end: String(end), step: String(step) });
}

/**
 * Returns the values of an expression at one instant (in seconds).
 * @throws PennyError as `queryRange`
 */
export function queryAt(prometheus: Prometheus, query: string, time: number): Promise<Answer> {
  return ask(prometheus, 'query', { query, time: String(time) });
}

async function ask(prometheus: Prometheus, path: string, parameters: Record<string, string>): Promise<Answer> {
  // Thanos would answer with what some of its stores have; others don't know the parameter.
  const form = new URLSearchParams({ ...parameters, timeout: `${QUERY_SECONDS}s`, partial_response: 'false' });
  const { data, warnings = [] } = await answerOf(prometheus, path, form);
  const series = (data?.result ?? []).map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
    labels: metric,
    values: values
      .map(([seconds, text]) => [seconds, rounded(Number(text))] as const)
      .filter(([, number]) => Number.isFinite(number)),
  }));
  // Notes on the expression itself take nothing away from the answer.
  return { series, warnings: warnings.filter((warning) => !warning.startsWith('PromQL ')) };
}

async function answerOf(prometheus: Prometheus, path: string, form: URLSearchParams): Promise<Envelope> {
  const { signal, pauseMs = 500 } = prometheus;
  for (let tries = 1; ; tries++) {
    const answer = await call(prometheus, path, form);
    if (answer.ok !== undefined) return answer.ok;
    if (!answer.isPassing || tries === TRIES) throw answer.error;
    await delay(pauseMs * 2 ** (tries - 1), undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}

type Outcome = { ok: Envelope } | { ok?: undefined; error: PennyError; isPassing: boolean };

async function call(prometheus: Prometheus, path: string, form: URLSearchParams): Promise<Outcome> {
  const { url, token, signal } = prometheus;
  const late = AbortSignal.timeout((QUERY_SECONDS + 15) * 1000);
  try {
    const response = await fetch(new URL(`api/v1/${path}`, url.endsWith('/') ? url : `${url}/`), {
      method: 'POST',
      body: form,
      // A token is for this address alone.
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, late]) : late,
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    });
    return outcomeOf(response.status, await response.text());
  } catch (error) {
    signal?.throwIfAborted();
    const message = late.aborted
      ? `Prometheus did not answer within ${QUERY_SECONDS + 15} seconds.`
      : 'Prometheus cannot be reached at PROMETHEUS_URL.';
    return { error: unavailable(message, { isTooLarge: late.aborted, cause: error }), isPassing: !late.aborted };
  }
}

function outcomeOf(status: number, text: string): Outcome {
  const answer = parsed(text);
  if (status < 300 && answer?.status === 'success') return { ok: answer };
  if (status === 401 || status === 403) {
    const message = `Prometheus refused the request (${status}). Set PROMETHEUS_TOKEN to a token that may query it.`;
    return { error: new PennyError('cloud_denied', message), isPassing: false };
  }
  if (answer === undefined && status < 500 && status !== 429) {
    const message = `PROMETHEUS_URL does not answer as Prometheus does (${status}): it is the address that /api/v1 lies below.`;
    return { error: unavailable(message), isPassing: false };
  }
  const kind = answer?.errorType ?? String(status);
  // Too many samples (422), or too long for the server: over a shorter time it may go.
  const isTooLarge = kind === 'execution' || kind === 'timeout' || kind === 'canceled';
  const error = unavailable(`Prometheus could not answer a query (${kind}).`, { isTooLarge, cause: answer?.error });
  return { error, isPassing: BUSY.has(status) && !isTooLarge };
}

function parsed(text: string): Envelope | undefined {
  try {
    return envelope.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function unavailable(
  message: string,
  { isTooLarge = false, cause }: { isTooLarge?: boolean; cause?: unknown } = {},
): PennyError {
  return new PennyError('cloud_unavailable', message, { details: { isTooLarge }, cause });
}

/** Whether what was asked may be answered over a shorter time. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof PennyError && error.details?.isTooLarge === true;
}

/** A rate may differ in its last digit from one answer to the next, and must not look like another measurement. */
const rounded = (value: number): number => Number(value.toPrecision(13));
