/** Words as Slack shows them unchanged: nothing in them can mention somebody, link anywhere or hide. */
export const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What somebody wrote in Slack as plain words: without the mention of `botUserId`, with the words of links and names of channels. */
export function plainQuestion(text: string, botUserId: string | undefined): string {
  return text
    .replace(/<@([A-Z0-9]+)(\|[^>]*)?>/g, (_, user: string) => (user === botUserId ? '' : `@${user}`))
    .replace(/<#[A-Z0-9]+\|([^>]*)>/g, '#$1')
    .replace(/<(?:https?|mailto):[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<((?:https?|mailto):[^>]*)>/g, '$1')
    .replace(/<!subteam\^[^|>]*\|([^>]*)>|<!([a-z]+)[^>]*>/g, (_, group?: string, all?: string) => group ?? `@${all}`)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/[ \t]+/g, ' ')
    .trim();
}

/** At most `most` characters, the last of them saying that there were more. */
export const shortened = (words: string, most: number): string =>
  words.length <= most ? words : `${words.slice(0, most - 1).trimEnd()}…`;
