import pino from 'pino';
import { redact, redacted } from './redaction.ts';

/** A log that writes JSON Lines to `destination`. Each line is redacted as a whole: message, objects, errors and their causes. */
export function createLog(destination: pino.DestinationStream) {
  return pino(
    {
      level: 'info',
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: redactLine },
    },
    destination,
  );
}

/** The service's log: on stderr, so that stdout stays the answer's. Bodies are never logged. */
export const log = createLog(pino.destination({ dest: 2, sync: true }));

export type Log = pino.Logger;

function redactLine(line: string): string {
  try {
    return `${JSON.stringify(redacted(JSON.parse(line)))}\n`;
  } catch {
    return redact(line);
  }
}
