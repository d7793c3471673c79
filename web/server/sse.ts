import type { FastifyReply } from 'fastify';
import type { StreamEvent } from '../contract.ts';

/** Proxies close quiet connections after 30 to 60 seconds, and a model may think longer than that. */
export const HEARTBEAT_MS = 15_000;

export interface EventStream {
  send(event: StreamEvent): void;
  end(): void;
}

/** Takes the response over as `text/event-stream`, headers sent at once, with a comment every 15 s while nothing is said. */
export function openEventStream(reply: FastifyReply): EventStream {
  reply.hijack();
  const { raw } = reply;
  const headers = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined);
  raw.writeHead(200, {
    ...Object.fromEntries(headers),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  const beat = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(': still working\n\n');
  }, HEARTBEAT_MS);
  raw.once('close', () => clearInterval(beat));
  return {
    send(event) {
      if (raw.writableEnded || raw.destroyed) return;
      raw.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    },
    end() {
      clearInterval(beat);
      raw.end();
    },
  };
}
