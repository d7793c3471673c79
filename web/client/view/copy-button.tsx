import { type ReactNode, useEffect, useState } from 'react';
import { SmallButton } from './button.tsx';

/** How long the button says that it has copied. */
const THANKS_MS = 2000;

/** Copies text, and says so. Browsers hand out the clipboard on secure addresses only; elsewhere there is no button. */
export function CopyButton({ label, what, text }: { label: string; what: string; text: () => string }): ReactNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), THANKS_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  if (navigator.clipboard === undefined) return null;
  const copy = () =>
    navigator.clipboard.writeText(text()).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <SmallButton aria-label={`Copy ${what}`} icon={copied ? 'check' : 'copy'} onClick={copy}>
      <span aria-live="polite" className={copied ? '' : 'max-sm:sr-only'}>
        {copied ? 'Copied' : label}
      </span>
    </SmallButton>
  );
}
