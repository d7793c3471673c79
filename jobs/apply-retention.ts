import { dropUsageBefore, forgetChatEventsBefore, forgetQuestionsBefore, forgetRunsBefore } from '../db/retention.ts';
import type { Job } from './job.ts';

const DAY_MS = 86_400_000;
/** How long what chats sent is known, so that a repeat is one. */
const CHAT_DAYS = 7;

/** Forgets what is older than the settings say it is kept. The audit log and the bill are never among it. */
export const applyRetentionJob: Job = {
  name: 'apply-retention',
  title: 'Forgets answers, measurements, job runs and messages of chats that are older than they are kept.',
  schedule: '40 3 * * *',
  timeoutMs: 3_600_000,
  retries: 3,
  async run({ config, db, dueAt, progress, transaction }) {
    const before = (days: number): Date => new Date(dueAt.getTime() - days * DAY_MS);
    progress({ done: 0, total: 4, text: 'questions and answers' });
    const questions = await transaction((client) =>
      forgetQuestionsBefore(client, before(config.PENNY_KEEP_ANSWERS_DAYS)),
    );
    progress({ done: 1, total: 4, text: 'measurements' });
    const measurements = await dropUsageBefore(db, before(config.PENNY_KEEP_USAGE_DAYS));
    progress({ done: 2, total: 4, text: 'job runs' });
    const runs = await transaction((client) => forgetRunsBefore(client, before(config.PENNY_KEEP_JOB_RUNS_DAYS)));
    progress({ done: 3, total: 4, text: 'messages of chats' });
    const messages = await transaction((client) => forgetChatEventsBefore(client, before(CHAT_DAYS)));
    progress({ done: 4, total: 4 });
    return { rows: questions + measurements + runs + messages };
  },
};
