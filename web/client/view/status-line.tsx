import { type ReactNode, useEffect } from 'react';
import type { ModelInfo, ToolResponse } from '../../contract.ts';
import { getFreshness } from '../api.ts';
import { useOnline } from '../browser.ts';
import { dayText } from '../dates.ts';
import { useLoaded } from '../loaded.ts';

/** Under the composer: how far the data reaches and which model answers, or that there is no connection. */
export function StatusLine({ model }: { model: ModelInfo | undefined }): ReactNode {
  const freshness = useLoaded(getFreshness);
  const online = useOnline();
  // A page may stay open for days; whoever comes back to it sees how far the data reaches now.
  useEffect(() => {
    window.addEventListener('focus', freshness.refresh);
    return () => window.removeEventListener('focus', freshness.refresh);
  }, [freshness.refresh]);
  if (!online) return <Line>You are offline. Questions can be sent once you are back.</Line>;
  const parts = [freshnessText(freshness.value), modelText(model)].filter((part) => part !== undefined);
  return (
    <Line>
      {parts.join(' · ')}
      {model?.kind === 'offline' ? <span className="max-sm:sr-only">, nothing leaves this machine</span> : null}
    </Line>
  );
}

function Line({ children }: { children: ReactNode }): ReactNode {
  return (
    <p className="min-h-7 px-2 pt-2 text-center text-soft text-xs" role="status">
      {children}
    </p>
  );
}

function freshnessText(freshness: ToolResponse | undefined): string | undefined {
  if (freshness === undefined) return undefined;
  const { dataThrough } = freshness.receipt;
  return dataThrough === null ? 'No billing data yet' : `Data through ${dayText(dataThrough)}`;
}

function modelText(model: ModelInfo | undefined): string | undefined {
  if (model === undefined) return undefined;
  return model.kind === 'offline' ? 'Offline model' : `Model ${model.name}`;
}
