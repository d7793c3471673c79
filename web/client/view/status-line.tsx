import { type ReactNode, useEffect } from 'react';
import type { ModelInfo, ToolResponse } from '../../contract.ts';
import { getFreshness } from '../api.ts';
import { dayText } from '../dates.ts';
import { useLoaded } from '../loaded.ts';

/** What may have changed how far the data reaches, or whether Penny can be reached at all. */
const CHANGES = ['focus', 'online', 'offline'];

/**
 * Under the composer: how far the data reaches and which model answers, or that there is no connection. That is tried and
 * not taken from the browser: it calls a machine without a network offline, though its own Penny answers.
 */
export function StatusLine({ model }: { model: ModelInfo | undefined }): ReactNode {
  const freshness = useLoaded(getFreshness);
  useEffect(() => {
    for (const change of CHANGES) window.addEventListener(change, freshness.refresh);
    return () => {
      for (const change of CHANGES) window.removeEventListener(change, freshness.refresh);
    };
  }, [freshness.refresh]);
  if (freshness.failure?.code === 'unreachable') {
    return <Line>Penny cannot be reached. Questions can be sent once it is back.</Line>;
  }
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
