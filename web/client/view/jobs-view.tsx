import { type ReactNode, useCallback, useEffect, useState } from 'react';
import type { Job, JobRun } from '../../contract.ts';
import { failureOf, listJobRuns, listJobs, runJob, steerRun } from '../api.ts';
import { minuteText } from '../dates.ts';
import { useLoaded } from '../loaded.ts';
import { usePerson } from '../person.ts';
import { visible } from '../untrusted.ts';
import { SmallButton } from './button.tsx';
import { RunLine, StateMark } from './job-run.tsx';
import { StateBox } from './state-box.tsx';

const BUSY_MS = 1_500;
const IDLE_MS = 15_000;

/** What runs on a clock: each job with its next and last run, then the last runs, with what an administrator may do. */
export function JobsView(): ReactNode {
  const load = useCallback(async () => {
    const [jobs, runs] = await Promise.all([listJobs(), listJobRuns()]);
    return { jobs: jobs.items, runs: runs.items };
  }, []);
  const { value, failure, refresh } = useLoaded(load);
  const [problem, setProblem] = useState('');
  const mayAct = usePerson().me.role === 'admin';
  const isBusy = value?.runs.some(({ finishedAt }) => finishedAt === null) ?? false;

  useEffect(() => {
    const timer = setInterval(refresh, isBusy ? BUSY_MS : IDLE_MS);
    return () => clearInterval(timer);
  }, [refresh, isBusy]);

  function act(work: () => Promise<void>) {
    work()
      .then(() => setProblem(''))
      .catch((error: unknown) => setProblem(failureOf(error).message))
      .finally(refresh);
  }

  return (
    <div className="mx-auto max-w-3xl px-4 pt-4 pb-12 md:px-8">
      <h2 className="font-semibold text-xl tracking-tight">Jobs</h2>
      <p className="text-soft text-sm">What Penny does on a clock. Times are UTC.</p>
      <p className={`mt-3 rounded-xl bg-bad-soft px-4 py-3 text-bad text-sm ${problem ? '' : 'hidden'}`} role="alert">
        {visible(problem)}
      </p>
      {value === undefined && failure !== undefined ? (
        <div className="mt-4">
          <StateBox kind="failed" title="The jobs could not be loaded">
            <p>{failure.message}</p>
            <div className="-ml-2.5 mt-1">
              <SmallButton onClick={refresh}>Try again</SmallButton>
            </div>
          </StateBox>
        </div>
      ) : null}
      <ul className="mt-4 divide-y divide-line rounded-xl border border-line bg-surface">
        {value?.jobs.map((job) => (
          <li key={job.name}>
            <JobLine job={job} {...(mayAct ? { onRun: () => act(() => runJob(job.name)) } : {})} />
          </li>
        ))}
      </ul>
      {value === undefined || value.runs.length === 0 ? null : (
        <>
          <h2 className="mt-8 font-semibold tracking-tight">Last runs</h2>
          <ul className="mt-2 divide-y divide-line border-line border-y">
            {value.runs.map((run) => (
              <li key={run.runId}>
                <RunLine run={run} {...(mayAct ? { onSteer: (how) => act(() => steerRun(run.runId, how)) } : {})} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** Without `onRun` one may only look. */
function JobLine({ job, onRun }: { job: Job; onRun?: () => void }): ReactNode {
  const { name, title, schedule, missing, lastRun } = job;
  return (
    <div className="flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium">{name}</p>
        <p className="text-soft text-sm">{title}</p>
        <p className="mt-1 text-sm">
          {missing === null ? (
            <>
              Next {nextText(job)}
              <code className="ml-2 whitespace-nowrap rounded bg-sunken px-1.5 py-0.5 text-soft text-xs">
                {schedule}
              </code>
            </>
          ) : (
            visible(missing)
          )}
        </p>
      </div>
      <div className="flex items-center gap-2">
        {lastRun === null ? <span className="text-soft text-sm">never ran</span> : <StateMark run={lastRun} />}
        {onRun === undefined ? null : (
          <SmallButton
            aria-label={`Run ${name} now`}
            className="border border-line disabled:opacity-50"
            disabled={missing !== null || isWaiting(lastRun)}
            onClick={onRun}
          >
            Run now
          </SmallButton>
        )}
      </div>
    </div>
  );
}

function nextText({ nextDueAt }: Job): string {
  return nextDueAt === null ? 'never' : minuteText(nextDueAt);
}

const isWaiting = (run: JobRun | null): boolean => run !== null && run.finishedAt === null;
