import pino from 'pino';
import { expect, test } from 'vitest';
import { readConfig } from '../../config.ts';
import { testServer } from '../testing.ts';
import { listen } from './listen.ts';

test('opens a port of this machine without a word', async () => {
  const { app } = await testServer();
  const { log, lines } = recordingLog();
  const address = await listen(app, readConfig({ PORT: '0' }), log);
  expect(await (await fetch(`${address}/healthz`)).json()).toEqual({ status: 'alive' });
  expect(lines).toEqual([]);
  await app.close();
});

test('says which port is taken and what to do', async () => {
  const { app: first } = await testServer();
  const { app: second } = await testServer();
  const port = new URL(await first.listen({ host: '127.0.0.1', port: 0 })).port;
  await expect(listen(second, readConfig({ PORT: port }), recordingLog().log)).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining(`port ${port} (EADDRINUSE). Set HOST or PORT`),
  });
  await Promise.all([first.close(), second.close()]);
});

test('warns when it can be reached from other machines without https', async () => {
  for (const [settings, warnings] of [
    [{}, 1],
    [{ PENNY_PUBLIC_URL: 'https://penny.example' }, 0],
  ] as const) {
    const { app } = await testServer();
    const { log, lines } = recordingLog();
    await listen(app, readConfig({ HOST: '0.0.0.0', PORT: '0', ...settings }), log);
    expect(lines.filter((line) => line.includes('can be read on the way'))).toHaveLength(warnings);
    await app.close();
  }
});

function recordingLog() {
  const lines: string[] = [];
  return { log: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }), lines };
}
