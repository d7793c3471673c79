import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { decideRemediation, failureOf, listRemediations, resumeChanges, stopChanges } from '../api.ts';
import { useLoaded } from '../loaded.ts';
import { usePerson } from '../person.ts';
import { visible } from '../untrusted.ts';
import { SmallButton } from './button.tsx';
import { ChangeCard } from './change-card.tsx';
import { ReasonForm } from './reason-form.tsx';
import { StateBox } from './state-box.tsx';

const LOOK_MS = 10_000;
const UNDER_WAY = ['approved', 'applying', 'applied', 'undoing'];

/** What was proposed to be changed in the cloud: what waits for a decision first, then what is under way, then what is over. */
export function ChangesView(): ReactNode {
  const { value, failure, refresh } = useLoaded(listRemediations);
  const { me } = usePerson();
  const [problem, setProblem] = useState('');

  useEffect(() => {
    const timer = setInterval(refresh, LOOK_MS);
    return () => clearInterval(timer);
  }, [refresh]);

  const act = useCallback(
    (work: () => Promise<void>) => {
      work()
        .then(() => setProblem(''))
        .catch((error: unknown) => setProblem(failureOf(error).message))
        .finally(refresh);
    },
    [refresh],
  );

  const items = value?.items ?? [];
  const groups = [
    { title: 'Waiting for a decision', items: items.filter(({ state }) => state === 'pending') },
    { title: 'Under way', items: items.filter(({ state }) => UNDER_WAY.includes(state)) },
    { title: 'Over', items: items.filter(({ state }) => state !== 'pending' && !UNDER_WAY.includes(state)) },
  ].filter((group) => group.items.length > 0);

  return (
    <div className="mx-auto max-w-3xl px-4 pt-4 pb-12 md:px-8">
      <h2 className="font-semibold text-xl tracking-tight">Changes</h2>
      <p className="text-soft text-sm">
        What was proposed to be changed in the cloud. Nothing is, until somebody other than the one who asked approves
        it.
      </p>
      <p className={`mt-3 rounded-xl bg-bad-soft px-4 py-3 text-bad text-sm ${problem ? '' : 'hidden'}`} role="alert">
        {visible(problem)}
      </p>
      {value === undefined ? null : <StopSwitch act={act} role={me.role} stopped={value.stopped} />}
      {value === undefined && failure !== undefined ? (
        <div className="mt-4">
          <StateBox kind="failed" title="The changes could not be loaded">
            <p>{failure.message}</p>
            <div className="-ml-2.5 mt-1">
              <SmallButton onClick={refresh}>Try again</SmallButton>
            </div>
          </StateBox>
        </div>
      ) : null}
      {value !== undefined && items.length === 0 ? (
        <p className="mt-6 text-soft">
          Nothing was proposed yet. Ask Penny how to save money, and have the first one proposed.
        </p>
      ) : null}
      {groups.map((group) => (
        <section key={group.title}>
          <h3 className="mt-6 font-semibold tracking-tight">{group.title}</h3>
          <ul className="mt-2 flex flex-col gap-3">
            {group.items.map((item) => (
              <li key={item.remediationId}>
                <ChangeCard
                  item={item}
                  me={me}
                  onDecide={(how, reason) => act(() => decideRemediation(item, how, reason))}
                />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

interface StopProps {
  stopped: { reason: string; by: string } | undefined;
  role: string;
  act: (work: () => Promise<void>) => void;
}

/** Says that everything is stopped, and lets whoever may stop it or let it go on. */
function StopSwitch({ stopped, role, act }: StopProps): ReactNode {
  const [isAsking, setAsking] = useState(false);
  if (stopped !== undefined) {
    return (
      <div
        className="mt-3 flex flex-wrap items-center gap-x-3 rounded-xl bg-warn-soft px-4 py-2 text-sm text-warn"
        role="status"
      >
        <p className="min-w-0 flex-1 [overflow-wrap:anywhere]">
          Changes are stopped by <bdi>{visible(stopped.by)}</bdi>: <bdi>{visible(stopped.reason)}</bdi>
        </p>
        {role === 'admin' ? <SmallButton onClick={() => act(resumeChanges)}>Let them go on</SmallButton> : null}
      </div>
    );
  }
  if (role !== 'admin' && role !== 'approver') return null;
  if (!isAsking) {
    return (
      <div className="-ml-2.5 mt-1">
        <SmallButton onClick={() => setAsking(true)}>Stop all changes</SmallButton>
      </div>
    );
  }
  return (
    <ReasonForm
      action="Stop all changes"
      label="Why are all changes to be stopped?"
      onCancel={() => setAsking(false)}
      onSend={(reason) => {
        setAsking(false);
        act(() => stopChanges(reason));
      }}
    />
  );
}
