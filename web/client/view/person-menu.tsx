import { type ReactNode, useId, useState } from 'react';
import { failureOf, signOut } from '../api.ts';
import { Icon } from '../icons.tsx';
import { usePerson } from '../person.ts';
import { visible } from '../untrusted.ts';
import { SmallButton } from './button.tsx';

/** Who one is here, what one may see, and the way out. A popover: Esc or a click beside it closes it. */
export function PersonMenu(): ReactNode {
  const { me, onChange } = usePerson();
  const [problem, setProblem] = useState('');
  const id = useId();

  async function leave(everywhere: boolean) {
    try {
      await signOut(everywhere);
      onChange();
    } catch (error) {
      setProblem(failureOf(error).message);
    }
  }

  return (
    <>
      <button
        className="flex min-h-9 max-w-56 items-center gap-2 rounded-lg px-2 text-soft text-sm hover:bg-sunken hover:text-ink"
        popoverTarget={id}
        title={`${me.name}, ${me.role}`}
        type="button"
      >
        <Icon className="size-[1.15rem]" name="person" />
        <span className="truncate max-sm:sr-only">
          <bdi>{visible(me.name)}</bdi>
        </span>
      </button>
      <div
        className="fixed inset-auto top-13 right-3 m-0 w-72 max-w-[calc(100vw-1.5rem)] rounded-xl border border-line bg-surface p-4 text-ink text-sm shadow-black/10 shadow-lg md:right-8"
        id={id}
        popover="auto"
      >
        <p className="font-medium [overflow-wrap:anywhere]">
          <bdi>{visible(me.name)}</bdi>
        </p>
        {me.name === me.email ? null : <p className="text-soft [overflow-wrap:anywhere]">{visible(me.email)}</p>}
        <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          <dt className="text-soft">Role</dt>
          <dd>{me.role}</dd>
          <dt className="text-soft">Sees</dt>
          <dd className="[overflow-wrap:anywhere]">
            <bdi>{visible(me.sees)}</bdi>
          </dd>
        </dl>
        <div className="-mx-2.5 mt-3 flex flex-wrap border-line border-t pt-2">
          <SmallButton onClick={() => leave(false)}>Sign out</SmallButton>
          <SmallButton onClick={() => leave(true)}>Sign out everywhere</SmallButton>
        </div>
        <p className="text-bad" role="status">
          {problem}
        </p>
      </div>
    </>
  );
}
