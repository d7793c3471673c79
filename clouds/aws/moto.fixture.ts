import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

/** A stand-in for AWS: moto's server, with a state of its own. */
export interface Moto {
  endpoint: string;
  stop(): Promise<void>;
}

/** Starts `moto_server` (pip install 'moto[server]') on a free port of this machine, and fails loudly where it is missing. */
export async function openMoto(): Promise<Moto> {
  const port = await freePort();
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const ended = new Promise<never>((_, reject) => {
    server.once('error', (cause) =>
      reject(
        new Error("moto_server is missing: these tests need it. Install it with pip install 'moto[server]'.", {
          cause,
        }),
      ),
    );
    server.once('exit', (code) => reject(new Error(`moto_server ended (${code}): ${said}`)));
  });
  ended.catch(() => undefined);
  const endpoint = `http://127.0.0.1:${port}`;
  await Promise.race([ended, answers(endpoint)]);
  return {
    endpoint,
    stop: () =>
      new Promise((resolve) => {
        server.removeAllListeners('exit');
        server.once('exit', () => resolve());
        server.kill('SIGKILL');
      }),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Asks until there is an answer. */
async function answers(endpoint: string): Promise<void> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const isUp = await fetch(`${endpoint}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`moto_server does not answer on ${endpoint}.`);
}
