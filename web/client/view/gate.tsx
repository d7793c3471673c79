import { type ReactNode, useCallback, useEffect } from 'react';
import { getMe, sessionEnded } from '../api.ts';
import type { Failure } from '../chat-state.ts';
import { useLoaded } from '../loaded.ts';
import { PersonContext } from '../person.ts';
import { App } from './app.tsx';
import { SmallButton } from './button.tsx';
import { SignIn } from './sign-in.tsx';
import { StateBox } from './state-box.tsx';

/** The page for whoever is signed in, else the ways to sign in. `arrival` ends when a one-time link has been tried. */
export function Gate({ arrival }: { arrival: Promise<Failure | undefined> }): ReactNode {
  const load = useCallback(async () => {
    await arrival;
    return getMe();
  }, [arrival]);
  const { value: me, failure, refresh } = useLoaded(load);

  useEffect(() => {
    sessionEnded.listeners.add(refresh);
    return () => void sessionEnded.listeners.delete(refresh);
  }, [refresh]);

  if (failure?.code === 'unauthorized') return <SignIn arrival={arrival} onSignedIn={refresh} />;
  if (me !== undefined) {
    return (
      <PersonContext value={{ me, onChange: refresh }}>
        <App key={me.email} />
      </PersonContext>
    );
  }
  if (failure === undefined) return null;
  return (
    <main className="mx-auto max-w-md px-4 py-16">
      <h1 className="sr-only">Penny</h1>
      <StateBox kind="failed" title="Penny does not answer">
        <p>{failure.message}</p>
        <div className="-ml-2.5 mt-1">
          <SmallButton onClick={refresh}>Try again</SmallButton>
        </div>
      </StateBox>
    </main>
  );
}
