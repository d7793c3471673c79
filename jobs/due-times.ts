import { Cron } from 'croner';

const MOST = 100;

/** The newest due time of a schedule at or before `now`; undefined when there is none. */
export function newestDue(schedule: string, now: Date): Date | undefined {
  // Runs strictly before the reference are listed, so the present instant needs one that lies after it.
  return cron(schedule).previousRuns(1, new Date(now.getTime() + 1))[0];
}

/** The first due time of a schedule after `now`; null when there is none, as for the 30th of February. */
export function nextDue(schedule: string, now: Date): Date | null {
  return cron(schedule).nextRun(now);
}

/** The due times after `last` up to `now`, the oldest first; of more than a hundred the newest. */
export function missedSince(schedule: string, last: Date, now: Date): Date[] {
  return cron(schedule)
    .previousRuns(MOST, new Date(now.getTime() + 1))
    .filter((due) => due > last)
    .reverse();
}

function cron(schedule: string): Cron {
  return new Cron(schedule, { timezone: 'UTC' });
}
