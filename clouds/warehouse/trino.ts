import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { PennyError } from '../../errors.ts';
import type { Warehouse } from '../contract.ts';
import { csvLine } from './csv.ts';

/** A Trino to ask, over HTTP or HTTPS; a password goes over HTTPS only. */
export interface Trino {
  url: string;
  user: string;
  password?: string | undefined;
}

/** Some rows of a result, in its order; numbers with a point are text, as Trino writes them. */
export interface TrinoRows {
  columns: { name: string; type: string }[];
  rows: (string | number | boolean | null)[][];
  /** What the statement has read so far; null when the server does not say. */
  bytesRead: number | null;
}

/** Returns Trino as the engine that sums exports. It begins a statement anew each time: it knows no tokens. */
export function openTrino(trino: Trino): Warehouse {
  return {
    title: 'Trino',
    within: [],
    async rows(sql, signal) {
      const found: (string | null)[][] = [];
      for await (const { rows } of askTrino(trino, sql, signal))
        found.push(...rows.map((row) => row.map((value) => (value === null ? null : String(value)))));
      return found;
    },
    async *csv(sql, { signal }) {
      let isFirst = true;
      let bytesRead: number | null = null;
      for await (const page of askTrino(trino, sql, signal)) {
        if (isFirst) yield csvLine(page.columns.map(({ name }) => name));
        isFirst = false;
        bytesRead = page.bytesRead;
        yield page.rows.map(csvLine).join('');
      }
      return { bytesRead };
    },
  };
}

const page = z.object({
  nextUri: z.url().optional(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })).optional(),
  data: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))).optional(),
  stats: z.object({ physicalInputBytes: z.number().optional() }).optional(),
  error: z.object({ message: z.string(), errorName: z.string() }).optional(),
});

const BUSY = new Set([429, 502, 503, 504]);
const TRIES = 8;

/**
 * Yields the result of a statement as it comes. An abort, or leaving early, ends the statement at the server.
 * Source: Trino client REST API, https://trino.io/docs/current/develop/client-protocol.html
 * @throws PennyError `warehouse_failed` when the statement fails there, `warehouse_unavailable` when the server does not answer
 */
export async function* askTrino(trino: Trino, sql: string, signal: AbortSignal): AsyncGenerator<TrinoRows> {
  let next: string | undefined = new URL('/v1/statement', trino.url).href;
  let body: string | undefined = sql;
  let columns: TrinoRows['columns'] = [];
  try {
    while (next !== undefined) {
      const answer: z.infer<typeof page> = await call(trino, next, body, signal);
      body = undefined;
      next = answer.nextUri;
      if (answer.error !== undefined) throw failed(answer.error);
      columns = answer.columns ?? columns;
      const bytesRead = answer.stats?.physicalInputBytes ?? null;
      // A result without rows has columns all the same.
      if (answer.data !== undefined || answer.columns !== undefined)
        yield { columns, rows: answer.data ?? [], bytesRead };
    }
  } finally {
    if (next !== undefined && body === undefined) {
      await fetch(next, { method: 'DELETE', headers: headersOf(trino) }).catch(() => undefined);
    }
  }
}

async function call(
  trino: Trino,
  url: string,
  body: string | undefined,
  signal: AbortSignal,
): Promise<z.infer<typeof page>> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, {
      headers: headersOf(trino),
      signal,
      ...(body === undefined ? {} : { method: 'POST', body }),
    }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new PennyError('warehouse_unavailable', `Trino does not answer at ${new URL(url).origin}.`, { cause });
    });
    if (BUSY.has(response.status) && attempt < TRIES) {
      await delay(50 * 2 ** attempt, undefined, { signal });
      continue;
    }
    return read(response);
  }
}

async function read(response: Response): Promise<z.infer<typeof page>> {
  const text = await response.text();
  if (!response.ok) {
    const reason =
      response.status === 401 ? 'it does not accept the user or the password' : `it answered ${response.status}`;
    throw new PennyError('warehouse_unavailable', `Trino cannot be asked: ${reason}.`, {
      cause: new Error(text.slice(0, 500)),
    });
  }
  try {
    return page.parse(JSON.parse(text));
  } catch (cause) {
    throw new PennyError('warehouse_unavailable', 'Trino answered what Penny cannot read.', { cause });
  }
}

function headersOf({ url, user, password }: Trino): Record<string, string> {
  const login: Record<string, string> =
    password === undefined ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  if (password !== undefined && !url.startsWith('https:')) {
    throw new PennyError('invalid_config', 'A password for Trino goes over https only; correct PENNY_TRINO_URL.');
  }
  return { 'x-trino-user': user, 'x-trino-source': 'penny', 'x-trino-time-zone': 'UTC', ...login };
}

function failed({ message, errorName }: { message: string; errorName: string }): PennyError {
  return new PennyError('warehouse_failed', `Trino refused the query (${errorName}): ${message.slice(0, 300)}`, {
    details: { reason: errorName },
  });
}
