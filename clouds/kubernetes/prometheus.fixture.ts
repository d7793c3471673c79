import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real Prometheus that holds given samples and scrapes nothing. */
export interface PrometheusServer {
  url: string;
  stop(): Promise<void>;
}

/** A series as it was scraped: its name with labels, and its samples by instant in seconds. */
export interface Scraped {
  series: string;
  samples: readonly (readonly [seconds: number, value: number])[];
}

/** Starts `prometheus` (Debian package prometheus) over the samples, on a free port of this machine, and fails loudly where it is missing. */
export async function openPrometheus(scraped: readonly Scraped[]): Promise<PrometheusServer> {
  const folder = mkdtempSync(join(tmpdir(), 'penny-prometheus-'));
  backfill(folder, scraped);
  writeFileSync(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
  const port = await freePort();
  const server = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  server.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const ended = new Promise<never>((_, reject) => {
    server.once('error', (cause) => reject(new Error(MISSING, { cause })));
    server.once('exit', (code) => reject(new Error(`prometheus ended (${code}): ${said}`)));
  });
  ended.catch(() => undefined);
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([ended, answers(url)]);
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        server.removeAllListeners('exit');
        server.once('exit', () => {
          rmSync(folder, { recursive: true });
          resolve();
        });
        server.kill('SIGKILL');
      }),
  };
}

const MISSING = 'prometheus is missing: these tests need it. Install the Debian package prometheus.';

function backfill(folder: string, scraped: readonly Scraped[]): void {
  const lines = scraped.flatMap(({ series, samples }) =>
    samples.map(([seconds, value]) => `${series} ${Number.isNaN(value) ? 'NaN' : value} ${seconds}`),
  );
  const file = join(folder, 'samples.om');
  writeFileSync(file, `${lines.join('\n')}\n# EOF\n`);
  const made = spawnSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'data')]);
  if (made.error !== undefined) throw new Error(MISSING, { cause: made.error });
  if (made.status !== 0) throw new Error(`promtool: ${made.stderr}`);
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
async function answers(url: string): Promise<void> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`prometheus does not answer on ${url}.`);
}
