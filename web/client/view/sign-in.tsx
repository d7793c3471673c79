import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type { Persona, SignInOptions } from '../../contract.ts';
import { failureOf, getSignInOptions, signIn } from '../api.ts';
import type { Failure } from '../chat-state.ts';
import { Icon, Mark } from '../icons.tsx';
import { useLoaded } from '../loaded.ts';

interface SignInProps {
  /** Ends with why a one-time link did not sign in, if it did not. */
  arrival: Promise<Failure | undefined>;
  onSignedIn: () => void;
}

/** What somebody sees who is not signed in: the ways there are here, the likeliest first. */
export function SignIn({ arrival, onSignedIn }: SignInProps): ReactNode {
  const { value: options, failure } = useLoaded(getSignInOptions);
  const [problem, setProblem] = useState<Failure>();
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    document.title = 'Sign in · Penny';
    void arrival.then(setProblem);
  }, [arrival]);

  async function enter(how: Parameters<typeof signIn>[0]) {
    setBusy(true);
    try {
      await signIn(how);
      onSignedIn();
    } catch (error) {
      setProblem(failureOf(error));
      setBusy(false);
    }
  }

  const shown = problem ?? failure;
  return (
    <main className="mx-auto flex min-h-full max-w-xl flex-col justify-center px-4 py-10 md:px-8">
      <Mark className="size-12" />
      <h1 className="mt-5 font-semibold text-2xl tracking-tight sm:text-3xl">Sign in to Penny</h1>
      <p className="mt-2 text-soft">{options === undefined ? '\u00A0' : introduction(options)}</p>
      <p className={`mt-4 rounded-xl bg-bad-soft px-4 py-3 text-bad text-sm ${shown ? '' : 'hidden'}`} role="alert">
        {shown?.message}
      </p>
      {options === undefined ? null : <Ways busy={busy} onEnter={enter} options={options} />}
    </main>
  );
}

function introduction({ personas, provider, oneMachine }: SignInOptions): string {
  if (personas.length > 0) return 'This is a demo estate on your own machine. Choose whose eyes to see it with.';
  if (provider) return 'Use the account of your organisation.';
  if (oneMachine) return 'Only whoever holds this machine gets in: open a one-time link from its terminal.';
  return 'Use an API token; whoever runs this Penny can make you one.';
}

interface WaysProps {
  options: SignInOptions;
  busy: boolean;
  onEnter: (how: Parameters<typeof signIn>[0]) => void;
}

function Ways({ options, busy, onEnter }: WaysProps): ReactNode {
  const { personas, provider, oneMachine } = options;
  const tokenOnly = !provider && !oneMachine;
  return (
    <div className="mt-6 flex flex-col gap-4">
      {personas.length > 0 ? <Personas busy={busy} onEnter={onEnter} personas={personas} /> : null}
      {provider ? (
        <a
          className="flex min-h-12 items-center justify-center gap-2 rounded-xl bg-accent px-4 font-medium text-on-accent hover:bg-accent-strong"
          href={`/auth/sign-in?return_to=${encodeURIComponent(location.pathname)}`}
        >
          Sign in with your organisation <Icon name="arrow" />
        </a>
      ) : null}
      {oneMachine && personas.length === 0 ? <LinkHint /> : null}
      <details className="text-sm" open={tokenOnly}>
        <summary className="w-fit rounded text-soft hover:text-ink">Use an API token</summary>
        <TokenForm busy={busy} onEnter={onEnter} />
      </details>
    </div>
  );
}

function Personas({ personas, busy, onEnter }: Omit<WaysProps, 'options'> & { personas: Persona[] }): ReactNode {
  return (
    <ul aria-label="Personas" className="grid gap-2.5 sm:grid-cols-2">
      {personas.map(({ id, title, description }) => (
        <li key={id}>
          <button
            className="group flex h-full w-full items-start gap-3 rounded-xl border border-line bg-surface px-4 py-3 text-left hover:border-line-strong"
            disabled={busy}
            onClick={() => onEnter({ persona: id })}
            type="button"
          >
            <span className="flex-1">
              <span className="block font-medium">{title}</span>
              <span className="mt-0.5 block text-soft text-sm">{description}</span>
            </span>
            <Icon className="mt-1 size-4 text-soft group-hover:text-accent" name="arrow" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function LinkHint(): ReactNode {
  return (
    <div className="rounded-xl border border-line bg-surface px-4 py-3 text-sm">
      <p>
        The terminal that Penny was started in shows a link. It works once and for some minutes; this prints another:
      </p>
      <pre className="mt-2 overflow-x-auto rounded-lg bg-sunken px-3 py-2 font-mono">npm run -s penny -- user link</pre>
    </div>
  );
}

function TokenForm({ busy, onEnter }: Omit<WaysProps, 'options'>): ReactNode {
  const [token, setToken] = useState('');
  function submit(event: FormEvent) {
    event.preventDefault();
    if (token.trim() !== '') onEnter({ token: token.trim() });
  }
  return (
    <form className="mt-2 flex gap-2" onSubmit={submit}>
      <label className="sr-only" htmlFor="token">
        API token
      </label>
      <input
        autoComplete="off"
        className="min-h-10 min-w-0 flex-1 rounded-xl border border-line-strong bg-surface px-3 font-mono outline-offset-0"
        id="token"
        onChange={(event) => setToken(event.target.value)}
        placeholder="penny_…"
        spellCheck={false}
        type="password"
        value={token}
      />
      <button
        className="min-h-10 rounded-xl bg-accent px-4 font-medium text-on-accent hover:bg-accent-strong disabled:bg-sunken disabled:text-soft"
        disabled={busy || token.trim() === ''}
        type="submit"
      >
        Sign in
      </button>
    </form>
  );
}
