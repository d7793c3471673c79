import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../../log.ts';

/** Returns the log as Slack's packages write to it; what they say at `info` is of no interest to anybody else. */
export function boltLogger(log: Log): Logger {
  const words = (parts: unknown[]) =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: () => {},
    info: (...parts) => log.debug(words(parts)),
    warn: (...parts) => log.warn(words(parts)),
    error: (...parts) => log.error(words(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
