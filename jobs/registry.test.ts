import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../config.ts';
import { nextDue } from './due-times.ts';
import { JOBS } from './registry.ts';

test('jobs have names of their own, a sentence, a schedule that comes to pass, bounds, and their row in docs/jobs.md', () => {
  const rows = readFileSync(join(packageRoot, 'docs/jobs.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| `[a-z-]+` \|/.test(line));
  expect(rows).toEqual(JOBS.map(({ name, schedule, title }) => `| \`${name}\` | \`${schedule}\` | ${title} |`));
  expect(new Set(JOBS.map(({ name }) => name)).size).toBe(JOBS.length);
  for (const job of JOBS) {
    expect(job.name).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(job.title).toMatch(/^[A-Z].*\.$/);
    expect(nextDue(job.schedule, new Date('2026-11-24T00:00:00Z'))).toBeInstanceOf(Date);
    expect(job.timeoutMs).toBeGreaterThan(0);
    expect(job.timeoutMs).toBeLessThan(24 * 3_600_000);
    expect(job.retries).toBeGreaterThanOrEqual(0);
  }
});
