// A process that holds the embedded database of a folder until it is told to close or is killed.
// Usage: hold-home.ts HOME [--exclusive]. Prints one line of JSON, then waits for the end of its input.
import { toErrorBody } from '../../errors.ts';
import { log } from '../../log.ts';
import { openEmbedded } from '../embedded.ts';

log.level = 'silent';
const [home = '', mode] = process.argv.slice(2);

try {
  const { url, close } = await openEmbedded(home, log, { exclusive: mode === '--exclusive' });
  process.stdout.write(`${JSON.stringify({ url })}\n`);
  process.stdin.resume();
  process.stdin.once('end', () => void close());
} catch (error) {
  process.stdout.write(`${JSON.stringify(toErrorBody(error))}\n`);
}
