import { escapeHtml, page } from './page.ts';

/** What somebody sees whose sign-in failed: why, and the way to try again. */
export function renderRefusal(reason: string): string {
  return page(
    'Penny: not signed in',
    `<h1>You are not signed in</h1><p>${escapeHtml(reason)}</p><p><a href="/">Back to the sign-in</a></p>`,
  );
}
