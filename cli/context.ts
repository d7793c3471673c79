import type { Command } from 'commander';
import { type Config, clock, readConfig } from '../config.ts';
import { PennyError, toErrorBody } from '../errors.ts';
import { type Log, log } from '../log.ts';
import { openSecrets, type Secrets, type SecretsOptions, withSecrets } from '../secrets.ts';

/** What every command gets: the configuration, the clock, the log (stderr) and the one way to write to stdout. */
export interface CliContext {
  /** Its secrets come from wherever they are kept and are those of the moment. */
  config: Config;
  secrets: Secrets;
  now: () => Date;
  log: Log;
  json: boolean;
  /** Aborted by Ctrl-C or a termination signal. */
  signal: AbortSignal;
  /** With --json writes `document` as one JSON document; else `text`, for people. */
  print(document: unknown, text: string): void;
}

/**
 * Wraps a command's work in the one edge where failures are caught: prints `{"error":{"code","message"}}` (on stdout with
 * --json, else on stderr), logs unexpected causes, and sets the exit code: 1 failed, 2 wrong usage. With `whileWaiting` a
 * command waits for a Vault that is not there yet; others give up after some seconds.
 */
export function action<Args extends unknown[]>(
  work: (context: CliContext, ...args: Args) => Promise<void>,
  options: { whileWaiting?: (config: Config, log: Log) => SecretsOptions['whileWaiting'] } = {},
) {
  return async function run(this: Command, ...args: [...Args, ...unknown[]]): Promise<void> {
    const json = Boolean(this.optsWithGlobals().json);
    const stop = new AbortController();
    const onSignal = () => stop.abort(new PennyError('internal', 'Stopped by a signal.'));
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
    let secrets: Secrets | undefined;
    try {
      const settings = readConfig();
      log.level = settings.PENNY_LOG_LEVEL;
      const whileWaiting = options.whileWaiting?.(settings, log);
      secrets = await openSecrets(settings, log, { signal: stop.signal, whileWaiting });
      await work(
        {
          config: withSecrets(settings, secrets),
          secrets,
          now: clock(settings),
          log,
          json,
          signal: stop.signal,
          print: (document, text) => process.stdout.write(json ? `${JSON.stringify(document)}\n` : `${text}\n`),
        },
        ...(args as unknown as Args),
      );
    } catch (error) {
      fail(error, json);
    } finally {
      await secrets?.close();
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    }
  };
}

/** Prints a failure in the one error shape and sets the exit code. */
export function fail(error: unknown, json: boolean): void {
  const body = toErrorBody(error);
  if (body.error.code === 'internal') log.error({ err: error }, 'a command failed');
  (json ? process.stdout : process.stderr).write(`${JSON.stringify(body)}\n`);
  process.exitCode = body.error.code === 'usage' ? 2 : 1;
}
