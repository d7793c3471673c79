import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { ERRORS, PennyError } from '../../../errors.ts';
import {
  errorBody,
  type job,
  jobList,
  jobParams,
  jobRun,
  jobRunPage,
  jobRunParams,
  jobRunsQuery,
  newJobRun,
} from '../../contract.ts';
import type { JobRun, JobStatus, Principal, ServerOptions } from '../options.ts';

const tags = ['jobs'];
const refusals = { 400: errorBody, 403: errorBody, 404: errorBody, 409: errorBody };

/** `/jobs`: what runs on a clock and how it went, for everybody; to run, cancel and rerun, for administrators. */
export const jobRoutes: FastifyPluginAsyncZod<ServerOptions> = async (app, { jobs }) => {
  app.get(
    '/jobs',
    { schema: { tags, summary: 'The jobs, when each is due and how its last run went', response: { 200: jobList } } },
    async ({ principal }) => ({ items: (await jobs.list()).map((status) => shownJob(status, principal)) }),
  );

  app.get(
    '/jobs/runs',
    {
      schema: {
        tags,
        summary: 'Runs, the newest first',
        querystring: jobRunsQuery,
        response: { 200: jobRunPage, 400: errorBody },
      },
    },
    async ({ principal, query }) => {
      const { items, nextCursor } = await jobs.runs(query);
      const page = items.map((run) => shownRun(run, principal));
      return nextCursor === undefined ? { items: page } : { items: page, nextCursor };
    },
  );

  app.post(
    '/jobs/:name/run',
    {
      schema: {
        tags,
        summary: 'Run a job now',
        description: 'Answers when the run waits for a worker; `GET /jobs/runs` tells how it goes.',
        params: jobParams,
        body: newJobRun,
        response: { 202: jobRun, ...refusals },
      },
    },
    async (request, reply) => {
      const dueAt = request.body?.dueAt;
      const run = await jobs.run(
        request.params.name,
        administrator(request),
        dueAt === undefined ? undefined : new Date(dueAt),
      );
      return reply.status(202).send(shownRun(run, request.principal));
    },
  );

  app.post(
    '/jobs/runs/:runId/cancel',
    {
      schema: {
        tags,
        summary: 'Stop a run',
        description: 'One that waits is cancelled at once; one under way is told to stop (`stopping`).',
        params: jobRunParams,
        response: { 202: jobRun, ...refusals },
      },
    },
    async (request, reply) => {
      const run = await jobs.cancel(request.params.runId, administrator(request));
      return reply.status(202).send(shownRun(run, request.principal));
    },
  );

  app.post(
    '/jobs/runs/:runId/rerun',
    {
      schema: {
        tags,
        summary: 'Run the due time of a run that is over once more',
        params: jobRunParams,
        response: { 202: jobRun, ...refusals },
      },
    },
    async (request, reply) => {
      const run = await jobs.rerun(request.params.runId, administrator(request));
      return reply.status(202).send(shownRun(run, request.principal));
    },
  );
};

function administrator({ principal, surface }: FastifyRequest) {
  if (principal.role !== 'admin') throw new PennyError('forbidden', 'Only an administrator runs and stops jobs.');
  return { actorId: principal.userId, actor: principal.email, surface };
}

function shownJob(status: JobStatus, principal: Principal): z.output<typeof job> {
  const { name, title, schedule, missing, nextDueAt, lastRun, lastSuccessAt } = status;
  return {
    ...{ name, title, schedule, missing },
    nextDueAt: nextDueAt?.toISOString() ?? null,
    lastRun: lastRun === null ? null : shownRun(lastRun, principal),
    lastSuccessAt: lastSuccessAt?.toISOString() ?? null,
  };
}

function shownRun(run: JobRun, principal: Principal): z.output<typeof jobRun> {
  const { runId, job, state, attempt, requestedBy, elapsedMs, progress, rowCount } = run;
  return {
    ...{ runId, job, state, attempt, requestedBy, elapsedMs, rowCount },
    dueAt: run.dueAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    retryAt: run.retryAt?.toISOString() ?? null,
    stopping: run.cancelRequestedAt !== null && run.finishedAt === null,
    progress: principal.role === 'admin' || progress === null ? progress : withoutText(progress),
    error: errorOf(run, principal),
  };
}

/** Files and accounts have names, which only an administrator may see whatever their scope. */
function withoutText({ done, total }: NonNullable<JobRun['progress']>): JobRun['progress'] {
  return total === undefined ? { done } : { done, total };
}

function errorOf({ errorCode: code, errorMessage }: JobRun, { role }: Principal): z.output<typeof jobRun>['error'] {
  if (code === null) return null;
  const known = code in ERRORS ? ERRORS[code as keyof typeof ERRORS].message : ERRORS.internal.message;
  return { code, message: role === 'admin' ? (errorMessage ?? known) : known };
}
