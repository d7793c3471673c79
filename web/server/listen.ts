import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config.ts';
import { PennyError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { isLoopback } from './security.ts';

/**
 * Opens the port and returns the address to open in a browser.
 * @throws PennyError `invalid_config` when the port is taken or may not be used
 */
export async function listen(app: FastifyInstance, config: Config, log: Log): Promise<string> {
  if (!isLoopback(config.HOST) && !config.PENNY_PUBLIC_URL?.startsWith('https:')) {
    log.warn(
      { host: config.HOST },
      'Penny can be reached from other machines and PENNY_PUBLIC_URL is no https address: tokens and sessions can be read on the way',
    );
  }
  try {
    return await app.listen({ host: config.HOST, port: config.PORT });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes(code)) throw error;
    const message = `Cannot listen on ${config.HOST}, port ${config.PORT} (${code}). Set HOST or PORT to a free one.`;
    throw new PennyError('invalid_config', message, { cause: error });
  }
}
