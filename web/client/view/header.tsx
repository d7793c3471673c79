import type { ReactNode } from 'react';
import { chooseTheme, useTheme } from '../browser.ts';
import { visible } from '../untrusted.ts';
import { IconButton } from './button.tsx';
import { PersonMenu } from './person-menu.tsx';

export function Header({ title, onMenu }: { title: string | undefined; onMenu: () => void }): ReactNode {
  const theme = useTheme();
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 px-3 md:px-8">
      <IconButton className="md:hidden" icon="menu" label="Conversations" onClick={onMenu} />
      <h1 className="min-w-0 flex-1 truncate font-medium text-soft text-sm">
        <bdi>{title === undefined ? 'New question' : visible(title)}</bdi>
      </h1>
      <IconButton
        icon={theme === 'dark' ? 'sun' : 'moon'}
        label={`Switch to the ${other} theme`}
        onClick={() => chooseTheme(other)}
      />
      <PersonMenu />
    </header>
  );
}
