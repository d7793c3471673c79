import { plainWords } from '../../agent/plain.ts';

/** An Adaptive Card, or a part of one: https://adaptivecards.io/explorer, schema 1.5, the newest that Teams shows everywhere. */
export type Element = { type: string } & Record<string, unknown>;

/** What an action of a card brings back, whichever of its two forms the client knows. */
export type Verb = 'approve' | 'reject' | 'refresh' | 'rate' | 'ask';

/** An underscore within a word is one; clients that show a backslash then have fewer of them to show. */
const NOT_WORDS = /[\\`*[\]]|(?<!\w)_|_(?!\w)/g;

/** Returns words of ours as a block of text. */
export const text = (words: string, style: Record<string, unknown> = {}): Element => ({
  type: 'TextBlock',
  text: words,
  wrap: true,
  ...style,
});

/** Returns a heading that screen readers find as one. */
export const heading = (words: string, style: Record<string, unknown> = {}): Element =>
  text(words, { size: 'medium', weight: 'bolder', style: 'heading', ...style });

/** Returns text that others wrote, such as the name of a resource, without what a card would read as markup, a link or a function. */
export const quoted = (words: string): string =>
  plainWords(words)
    .replace(NOT_WORDS, '\\$&')
    .replaceAll('{{', '{ {')
    .replace(/^(\s*)([-+#>])/, '$1\\$2');

/** Returns pairs of a name and a value; what has no value is left out. */
export function facts(pairs: readonly (readonly [title: string, value: string | null | undefined])[]): Element {
  return {
    type: 'FactSet',
    facts: pairs.flatMap(([title, value]) => (value ? [{ title, value: quoted(value) }] : [])),
  };
}

/** Returns a button that sends a verb to Penny; clients that know no Action.Execute send the same as a message. */
export function button(
  title: string,
  verb: Verb,
  data: Record<string, unknown>,
  style: Record<string, unknown> = {},
): Element {
  return {
    type: 'Action.Execute',
    title,
    verb,
    data,
    ...style,
    fallback: { type: 'Action.Submit', title, data: { verb, ...data }, ...style },
  };
}

/** Returns a button that asks a question, shown in the chat as if the person had written it. */
export function questionButton(question: string): Element {
  const title = question.length <= 60 ? question : `${question.slice(0, 59)}…`;
  return {
    type: 'Action.Submit',
    title,
    data: { verb: 'ask', question, msteams: { type: 'messageBack', displayText: question, text: question } },
  };
}

/** Returns a whole card; `fallbackText` is for clients without cards of this version. */
export function card(body: Element[], fallbackText: string, more: Record<string, unknown> = {}): Element {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    fallbackText,
    msteams: { width: 'Full' },
    body,
    ...more,
  };
}

/** Returns a card as an attachment of a message. */
export const attached = (content: Element) => ({ contentType: 'application/vnd.microsoft.card.adaptive', content });
