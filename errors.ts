import { redacted } from './redaction.ts';

/**
 * Every error Penny shows to a person, in one table: the code is stable and documented in `docs/errors.md`, the message
 * is safe to show to anyone, the status is the HTTP status. Whatever may hold data or secrets goes into `cause`, which
 * only the log sees; `details` is shown, so it holds only what the person who made the request already knows.
 */
export const ERRORS = {
  usage: { status: 400, message: 'The command or request is not one Penny knows.' },
  invalid_input: { status: 400, message: 'The input is not valid.' },
  invalid_config: { status: 500, message: 'The configuration is not valid.' },
  unauthorized: { status: 401, message: 'Sign in or send a token first.' },
  forbidden: { status: 403, message: 'You may not do that.' },
  not_found: { status: 404, message: 'There is no such thing here.' },
  conflict: { status: 409, message: 'That was changed or taken by somebody else in the meantime.' },
  too_large: { status: 413, message: 'The request is larger than Penny takes.' },
  unsupported_type: { status: 415, message: 'Send the request as application/json.' },
  rate_limited: { status: 429, message: 'Too many requests; try again in a moment.' },
  database_unavailable: { status: 503, message: 'The database cannot be reached.' },
  database_busy: { status: 503, message: 'The database folder is in use by another process.' },
  database_schema: { status: 503, message: 'The database schema is not up to date.' },
  secrets_unavailable: { status: 503, message: 'The secrets cannot be read from Vault.' },
  query_timeout: { status: 504, message: 'The query took too long and was stopped.' },
  identity_provider_unavailable: { status: 503, message: 'The identity provider cannot be reached.' },
  file_unreadable: { status: 400, message: 'The file cannot be read.' },
  file_empty: { status: 400, message: 'The file holds no rows.' },
  source_unknown: { status: 400, message: 'The file is no billing export that Penny knows.' },
  column_missing: { status: 400, message: 'The file lacks a column that the load needs.' },
  value_invalid: { status: 400, message: 'A value in the file is not valid.' },
  value_unknown: { status: 400, message: 'A value in the file is not one that Penny knows how to count.' },
  totals_differ: { status: 500, message: 'The sums stored differ from the sums in the file; nothing was stored.' },
  period_unknown: { status: 400, message: 'The period could not be understood.' },
  dimension_unknown: { status: 400, message: 'There is no such dimension.' },
  sql_refused: { status: 400, message: 'The statement is not one that may be run here.' },
  sql_failed: { status: 400, message: 'The statement could not be run.' },
  cloud_unavailable: { status: 503, message: 'The cloud cannot be reached, or takes no more calls at the moment.' },
  cloud_denied: { status: 502, message: 'The cloud does not let Penny do that with the credentials it has.' },
  cloud_refused: { status: 502, message: 'The cloud refuses what it was asked for, and would again.' },
  cloud_budget: { status: 503, message: 'The run has made as many calls to the cloud as it may.' },
  warehouse_unavailable: { status: 503, message: 'The warehouse cannot be reached.' },
  warehouse_failed: { status: 502, message: 'The warehouse could not run the query.' },
  model_unavailable: { status: 503, message: 'The language model cannot be reached.' },
  model_timeout: { status: 504, message: 'The language model took too long.' },
  model_rate_limited: { status: 503, message: 'The language model is over its rate limit or quota.' },
  job_timeout: { status: 504, message: 'The job took longer than it may and was stopped.' },
  job_lost: { status: 503, message: 'The process that ran the job went away.' },
  internal: { status: 500, message: 'Something went wrong on our side.' },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** The one error class. `message` is the table's sentence, or a safe and more telling one; `cause` is for the log only. */
export class PennyError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: ErrorCode,
    message?: string,
    options: { details?: Record<string, unknown> | undefined; cause?: unknown } = {},
  ) {
    super(message ?? ERRORS[code].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PennyError';
    this.code = code;
    this.status = ERRORS[code].status;
    this.details = options.details;
  }
}

/** The shape every surface shows: `{error: {code, message, details?}}`. Unknown errors become `internal`, without their text. */
export function toErrorBody(error: unknown): {
  error: { code: ErrorCode; message: string; details?: Record<string, unknown> };
} {
  if (error instanceof PennyError) {
    const { code, message, details } = error;
    return redacted({ error: { code, message, ...(details ? { details } : {}) } });
  }
  return { error: { code: 'internal', message: ERRORS.internal.message } };
}
