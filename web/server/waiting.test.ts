import { expect, test } from 'vitest';
import { PennyError } from '../../errors.ts';
import { buildWaitingServer } from './waiting.ts';

test('a service that cannot start yet is alive, not ready, and says why', async () => {
  const app = buildWaitingServer(new PennyError('secrets_unavailable', 'Vault at vault:8200 is sealed.'));
  expect((await app.inject('/healthz')).json()).toEqual({ status: 'alive' });
  for (const url of ['/readyz', '/', '/api/v1/ai/queries']) {
    const reply = await app.inject(url);
    expect(reply.statusCode).toBe(503);
    expect(reply.headers['retry-after']).toBe('5');
    expect(reply.json()).toEqual({ error: { code: 'secrets_unavailable', message: 'Vault at vault:8200 is sealed.' } });
  }
  await app.close();
});
