import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Prometheus } from './prometheus.ts';

/** What Prometheus was asked. */
export interface Asked {
  path: string;
  form: URLSearchParams;
  headers: IncomingMessage['headers'];
}

export interface Given {
  status?: number;
  body: unknown;
}

/** A server that speaks as Prometheus does, on the wire. */
export interface PrometheusWire {
  asked: Asked[];
  prometheus: Prometheus;
  close(): Promise<void>;
}

/** Starts a server on a free port that answers by `answer`; undefined: never. */
export async function openPrometheusWire(
  answer: (asked: Asked, count: number) => Given | undefined,
  settings: Partial<Prometheus> = {},
): Promise<PrometheusWire> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
    const one = { path: request.url ?? '', form, headers: request.headers };
    const given = answer(one, asked.push(one));
    if (given === undefined) return;
    const body = typeof given.body === 'string' ? given.body : JSON.stringify(given.body);
    response.writeHead(given.status ?? 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prometheus`;
  return {
    asked,
    prometheus: { url, pauseMs: 1, ...settings },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const success = (result: unknown[], warnings?: string[]): Given => ({
  body: { status: 'success', data: { resultType: 'matrix', result }, ...(warnings === undefined ? {} : { warnings }) },
});

export const failure = (status: number, errorType: string, error = 'told by a test'): Given => ({
  status,
  body: { status: 'error', errorType, error },
});
