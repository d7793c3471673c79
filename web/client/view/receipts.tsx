import { type ReactNode, useId } from 'react';
import { dayText, periodText } from '../dates.ts';
import { Icon } from '../icons.tsx';
import { basisLine, costBasisText, creditsText, type Receipt } from '../receipt-text.ts';
import { visible } from '../untrusted.ts';
import { CopyButton } from './copy-button.tsx';

/** How the answer was found: in one line always, and in full behind a click, one part a tool call. */
export function Receipts({ receipts }: { receipts: Receipt[] }): ReactNode {
  return (
    <details className="group rounded-xl border border-line bg-surface text-sm">
      <summary className="flex min-h-10 list-none items-start gap-2 rounded-xl px-3 py-2 hover:bg-sunken [&::-webkit-details-marker]:hidden">
        <Icon className="mt-1 size-4 text-soft transition-transform group-open:rotate-90" name="chevron" />
        <span className="flex flex-wrap gap-x-2">
          <span className="font-medium">How this was found</span>{' '}
          <span className="text-soft">{basisLine(receipts)}</span>
        </span>
      </summary>
      <ol className="flex flex-col divide-y divide-line border-line border-t">
        {receipts.map((receipt, index) => (
          <li className="px-4 py-3" key={String(index)}>
            <ReceiptView receipt={receipt} />
          </li>
        ))}
      </ol>
    </details>
  );
}

function ReceiptView({ receipt }: { receipt: Receipt }): ReactNode {
  const { arguments: given, sql, notes } = receipt;
  return (
    <div className="flex flex-col gap-3">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        {factsOf(receipt).map(([name, value]) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
      {notes.length > 0 ? (
        <ul className="list-disc pl-5 text-soft">
          {notes.map((note) => (
            <li key={note}>
              <bdi>{visible(note)}</bdi>
            </li>
          ))}
        </ul>
      ) : null}
      <Code text={JSON.stringify(given, null, 2)} title="Arguments" />
      {sql === undefined ? null : <Code text={sql} title="SQL" />}
    </div>
  );
}

function factsOf(receipt: Receipt): [string, string][] {
  const { tool, period, comparedTo, costBasis, credits, dataThrough, rowCount, truncated, elapsedMs, hash } = receipt;
  const facts: [string, string | undefined][] = [
    ['Tool', tool],
    ['Period', period && periodText(period)],
    ['Compared to', comparedTo && periodText(comparedTo)],
    ['Cost basis', costBasis && costBasisText(costBasis)],
    ['Credits', credits && creditsText(credits)],
    ['Data through', dataThrough === null ? 'No data' : dayText(dataThrough)],
    ['Rows', `${rowCount.toLocaleString('en-US')}${truncated ? ', more exist' : ''}`],
    ['Took', `${Math.round(elapsedMs).toLocaleString('en-US')} ms`],
    ['Hash', hash],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function Fact({ name, value }: { name: string; value: string }): ReactNode {
  const code = name === 'Tool' || name === 'Hash';
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className={`[overflow-wrap:anywhere] ${code ? 'font-mono text-[0.8125rem]' : ''}`}>{value}</dd>
    </>
  );
}

function Code({ title, text }: { title: string; text: string }): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className="flex items-center justify-between">
        <h3 className="text-soft" id={id}>
          {title}
        </h3>
        <CopyButton label="Copy" text={() => text} what={title} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse */}
      <pre className="max-h-72 overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs leading-relaxed" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
