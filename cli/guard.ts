import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import * as z from 'zod';
import { checkStatement } from '../db/guard/check.ts';
import { GUARD_CODES } from '../db/guard/codes.ts';
import { action } from './context.ts';
import { type Line, readLines } from './json-lines.ts';

/** A statement of 4,000 characters takes some 50 KB when every one of them is escaped. */
const MAX_LINE_BYTES = 256 * 1024;

const Input = z.object({ id: z.union([z.string(), z.number()]), sql: z.string() });

/** What is printed for a line; `code` is one of the guard's, or `invalid_input` for a line that holds no statement. */
export interface GuardLine {
  id: string | number | null;
  allowed: boolean;
  code: string | null;
  reason: string | null;
}

export function registerGuard(program: Command): void {
  program
    .command('guard')
    .description('tell which SQL statements the guard lets through: JSON Lines in, JSON Lines out, no database')
    .addHelpText('after', HELP)
    .action(
      action(async () => {
        const answers = Readable.from(guardLines(process.stdin));
        await pipeline(answers, process.stdout, { end: false }).catch((error: NodeJS.ErrnoException) => {
          // Whoever reads has read enough, as `head` does.
          if (error.code !== 'EPIPE') throw error;
        });
      }),
    );
}

const HELP = `
Reads {"id":"1","sql":"SELECT ..."} a line from stdin and prints {"id":"1","allowed":true,"code":null,"reason":null} a line, in
the same order, as the lines come. A line that is no such object is answered with the code invalid_input, and the exit code
is 1 at the end. Codes of refused statements:
${Object.entries(GUARD_CODES)
  .map(([code, meaning]) => `  ${code.padEnd(22)} ${meaning}`)
  .join('\n')}`;

async function* guardLines(input: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const line of readLines(input, MAX_LINE_BYTES)) {
    if (!line.cut && line.bytes.toString('latin1').trim() === '') continue;
    const answer = await answerLine(line);
    if (answer.code === 'invalid_input') process.exitCode = 1;
    yield `${JSON.stringify(answer)}\n`;
  }
}

/** Returns what to print for one line of input. */
export async function answerLine({ bytes, cut }: Line): Promise<GuardLine> {
  const refused = (id: GuardLine['id'], code: string, reason: string): GuardLine => ({
    id,
    allowed: false,
    code,
    reason,
  });
  const id = idOf(bytes);
  if (cut) return refused(id, 'text_too_long', `The line is longer than ${MAX_LINE_BYTES} bytes.`);
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) return refused(id, 'not_utf8', 'The line is not UTF-8.');
  const input = Input.safeParse(parsed(text));
  if (!input.success) {
    return refused(id, 'invalid_input', 'The line is no JSON object {"id":"...","sql":"..."}.');
  }
  const verdict = await checkStatement(input.data.sql);
  if (verdict.allowed) return { id: input.data.id, allowed: true, code: null, reason: null };
  return refused(input.data.id, verdict.code, [verdict.reason, verdict.hint].filter(Boolean).join(' '));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Finds the id of a line that cannot be read whole, where the id comes first. */
function idOf(bytes: Buffer): GuardLine['id'] {
  const found = /^\s*\{\s*"id"\s*:\s*("(?:[^"\\]|\\.){0,200}"|-?\d{1,15}(?=[\s,}]))/.exec(
    bytes.subarray(0, 1_000).toString('utf8'),
  );
  return found === null ? null : ((parsed(found[1] ?? '') as string | number | undefined) ?? null);
}
