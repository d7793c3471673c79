/**
 * Text as it may be shown: control characters and the marks that turn the direction of writing, with which a name can be
 * made to look like another (CVE-2021-42574, "Trojan Source"), become visible as U+FFFD. Line breaks and tabs stay.
 */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, (character) =>
    /[\n\r\t]/.test(character) ? character : '\uFFFD',
  );
}
