import { type ReactNode, useState } from 'react';
import { SmallButton } from './button.tsx';

interface ReasonProps {
  label: string;
  action: string;
  onSend: (reason: string) => void;
  onCancel: () => void;
}

/** Asks why, before something is done that others will want to know the reason of. */
export function ReasonForm({ label, action, onSend, onCancel }: ReasonProps): ReactNode {
  const [reason, setReason] = useState('');
  return (
    <form
      className="mt-2 flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== '') onSend(reason.trim());
      }}
    >
      <label className="min-w-0 flex-1 basis-56 text-sm">
        {label}
        <input
          className="mt-1 block w-full rounded-lg border border-line-strong bg-surface px-3 py-1.5"
          maxLength={1000}
          onChange={(event) => setReason(event.currentTarget.value)}
          required
          value={reason}
        />
      </label>
      <SmallButton className="border border-line-strong" type="submit">
        {action}
      </SmallButton>
      <SmallButton onClick={onCancel}>Cancel</SmallButton>
    </form>
  );
}
