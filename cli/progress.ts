import type { JobProgress } from '../db/schema/job-runs.ts';

/** Shows how far something is. */
export interface ProgressDisplay {
  show(progress: JobProgress): void;
  /** Takes the bar away; to be called before anything else is printed. */
  end(): void;
}

interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const BAR = 24;
/** Some terminals do not tell their width, or say 0. */
const USUAL_COLUMNS = 80;
const CLEAR = '\r\u001B[K';

/**
 * A display on `out`, which is stderr: stdout is the answer's. In a terminal a bar on one line; elsewhere a line whenever another step
 * begins; with `silent` nothing.
 */
export function progressDisplay({
  silent,
  out = process.stderr,
}: {
  silent: boolean;
  out?: Terminal;
}): ProgressDisplay {
  if (silent) return { show() {}, end() {} };
  if (out.isTTY) {
    return {
      show: (progress) => void out.write(`${CLEAR}${barOf(progress).slice(0, (out.columns || USUAL_COLUMNS) - 1)}`),
      end: () => void out.write(CLEAR),
    };
  }
  let last = '';
  return {
    show(progress) {
      const line = lineOf(progress);
      if (line !== last) out.write(`${line}\n`);
      last = line;
    },
    end() {},
  };
}

function barOf(progress: JobProgress): string {
  const { done, total } = progress;
  const filled = total === undefined || total === 0 ? 0 : Math.round((BAR * Math.min(done, total)) / total);
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}] ${lineOf(progress)}`;
}

/** As `3 of 14: storing march.csv`. Control characters of names that others wrote must not reach a terminal. */
export function lineOf({ done, total, text }: JobProgress): string {
  const count = total === undefined ? String(done) : `${done} of ${total}`;
  return text === undefined ? count : `${count}: ${text.replaceAll(/\p{Cc}/gu, '\uFFFD')}`;
}
