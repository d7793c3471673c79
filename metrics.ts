import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What `/metrics` shows: one registry a process. Labels come from closed sets, so that the number of series stays small. */
export const registry = new Registry();
collectDefaultMetrics({ register: registry });

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Seconds from a question to its answer, by surface and the answer's status (`error` when none came). */
export const questionSeconds = new Histogram({
  name: 'penny_question_duration_seconds',
  help: 'Seconds from a question to its answer.',
  labelNames: ['surface', 'status'] as const,
  buckets: SECONDS,
  registers: [registry],
});

export const questionsRunning = new Gauge({
  name: 'penny_questions_running',
  help: 'Questions being worked on now.',
  registers: [registry],
});

/** Seconds a tool call took, by tool and the status of its result. */
export const toolSeconds = new Histogram({
  name: 'penny_tool_duration_seconds',
  help: 'Seconds a tool call took.',
  labelNames: ['tool', 'status'] as const,
  buckets: SECONDS,
  registers: [registry],
});

/** Tokens by model and direction (`input`, `output`), as the endpoint counted them. */
export const modelTokens = new Counter({
  name: 'penny_model_tokens_total',
  help: 'Tokens sent to and received from the language model.',
  labelNames: ['model', 'direction'] as const,
  registers: [registry],
});

export const feedbackGiven = new Counter({
  name: 'penny_feedback_total',
  help: 'Feedback on answers.',
  labelNames: ['score'] as const,
  registers: [registry],
});

/** Seconds of an HTTP request, by method, route pattern (`unmatched` for none) and status. */
export const httpSeconds = new Histogram({
  name: 'penny_http_request_duration_seconds',
  help: 'Seconds from an HTTP request to the end of its response.',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: SECONDS,
  registers: [registry],
});
