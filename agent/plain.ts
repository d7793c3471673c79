/** Characters that show nothing or turn the order of others around: text can hide in them from whoever reads it. */
const INVISIBLE = /[\p{Cf}\p{Co}\p{Cn}\p{Variation_Selector}\u{E0000}-\u{E0FFF}\u115F\u1160\u3164\uFFA0]/gu;

const LONGEST = 300;

/**
 * Text that others wrote, as a model is shown it: on one line, without characters that hide something, and no longer than a name
 * or a tag can reasonably be.
 */
export function plainData(text: string): string {
  const clean = text
    .replace(INVISIBLE, '')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  return clean.length <= LONGEST ? clean : `${clean.slice(0, LONGEST - 1)}…`;
}

const IMAGE_OR_LINK = /!?\[([^\]]*)\]\(\s*<?[^)\s>]*>?[^)]*\)/g;
const REFERENCE = /^\s*\[[^\]]+\]:\s*\S+.*$/gm;
const ADDRESS =
  /\b(?:(?:https?|ftp|wss?|file|data|javascript|vbscript|mailto|slack|tel):[^\s)\]}>"'`]+|www\.[^\s)\]}>"'`]+)/gi;
const MARKUP = /<\/?[a-z!][^>]*>|<!--[\s\S]*?-->/gi;

/**
 * A model's words as people are shown them. Penny's answers point to nothing outside of Penny: an address that a hostile name talked a
 * model into would carry what it knows to wherever it leads, as soon as a chat client fetches a preview. So images, links,
 * addresses and markup are taken out; the words of a link stay.
 */
export function plainWords(text: string): string {
  return text
    .replace(INVISIBLE, '')
    .replace(REFERENCE, '')
    .replace(IMAGE_OR_LINK, '$1')
    .replace(MARKUP, '')
    .replace(ADDRESS, '[address removed]');
}
