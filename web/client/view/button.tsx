import type { ComponentProps, ReactNode } from 'react';
import { Icon, type IconName } from '../icons.tsx';

/** A button that is an icon; its name is read aloud and shown on hover. */
export function IconButton({
  icon,
  label,
  className = '',
  ...rest
}: { icon: IconName; label: string } & ComponentProps<'button'>): ReactNode {
  return (
    <button
      aria-label={label}
      className={`grid size-9 place-items-center rounded-lg text-soft hover:bg-sunken hover:text-ink ${className}`}
      title={label}
      type="button"
      {...rest}
    >
      <Icon className="size-[1.15rem]" name={icon} />
    </button>
  );
}

/** A small button with a word, for what one can do with a table or an answer. */
export function SmallButton({
  icon,
  children,
  className = '',
  ...rest
}: { icon?: IconName } & ComponentProps<'button'>): ReactNode {
  return (
    <button
      className={`inline-flex min-h-8 items-center gap-1.5 rounded-lg px-2.5 text-soft text-sm hover:bg-sunken hover:text-ink ${className}`}
      type="button"
      {...rest}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}
