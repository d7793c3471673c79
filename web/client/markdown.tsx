import { Fragment, type ReactNode } from 'react';
import { visible } from './untrusted.ts';

interface List {
  ordered: boolean;
  items: string[];
}

const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBERED = /^\s*\d{1,3}[.)]\s+(.*)$/;

/**
 * The text of an answer with **bold**, `code`, line breaks and lists, as React nodes. Whatever else stands in it, HTML and
 * links included, is shown as the characters it is made of: names in the text come from outside.
 */
export function Markdown({ text }: { text: string }): ReactNode {
  const blocks = visible(text)
    .replaceAll('\r\n', '\n')
    .split(/\n{2,}/)
    .flatMap(splitBlock);
  // The text of an answer never changes, so a block's place is its identity.
  return blocks.map((block, index) => <Fragment key={String(index)}>{renderBlock(block)}</Fragment>);
}

/** Lists need no blank line around them, so a block of lines falls into paragraphs and lists. */
function splitBlock(block: string): (string | List)[] {
  const parts: (string | List)[] = [];
  for (const line of block.split('\n')) {
    const ordered = NUMBERED.exec(line);
    const item = (BULLET.exec(line) ?? ordered)?.[1];
    const last = parts.at(-1);
    if (item === undefined) {
      if (line.trim() === '') continue;
      if (typeof last === 'string') parts[parts.length - 1] = `${last}\n${line}`;
      else parts.push(line);
    } else if (typeof last === 'object' && last.ordered === (ordered !== null)) last.items.push(item);
    else parts.push({ ordered: ordered !== null, items: [item] });
  }
  return parts;
}

function renderBlock(block: string | List): ReactNode {
  if (typeof block === 'string') return <p>{renderInline(block)}</p>;
  const items = block.items.map((item, index) => <li key={String(index)}>{renderInline(item)}</li>);
  return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
}

function renderInline(text: string): ReactNode {
  return text.split(/(\*\*(?! )[^*\n]+(?<! )\*\*|`[^`\n]+`|\n)/).map((part, index) => {
    const key = String(index);
    if (part === '\n') return <br key={key} />;
    if (/^\*\*(?! )[^*]+(?<! )\*\*$/.test(part)) return <strong key={key}>{part.slice(2, -2)}</strong>;
    if (/^`[^`]+`$/.test(part)) return <code key={key}>{part.slice(1, -1)}</code>;
    return <Fragment key={key}>{unbrokenDates(part)}</Fragment>;
  });
}

/** Text whose days (`2026-09-30`) are not torn apart at the end of a line. */
export function unbrokenDates(text: string): ReactNode {
  return text.split(/(\d{4}-\d{2}-\d{2})/).map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <span className="whitespace-nowrap" key={String(index)}>
        {part}
      </span>
    ),
  );
}

/** The text of an answer without its marks, for where it is read aloud. */
export function plainText(text: string): string {
  return text.replaceAll(/\*\*|`/g, '').replaceAll(/^\s*[-*•]\s+/gm, '');
}
