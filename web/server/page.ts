/** A page made here, which needs no script. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escapeHtml(title)}</title>
<link rel="icon" href="/penny.svg" type="image/svg+xml"><link rel="stylesheet" href="/api/docs.css"></head><body><main>${body}</main></body></html>`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Served as `/api/docs.css`. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #26231f; --soft: #5f594f; --line: #ddd8cf; --page: #faf9f7; --box: #f1eee9; --link: #8a421b; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece8e1; --soft: #b3ada2; --line: #3a362f; --page: #191815; --box: #23211d; --link: #e8a175; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 54rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; } h3 { font-size: .95rem; margin: 1rem 0 .3rem; color: var(--soft); }
a { color: var(--link); } code, pre { font: .87em/1.5 ui-monospace, monospace; }
details { border: 1px solid var(--line); border-radius: .6rem; padding: .55rem .9rem; margin: .5rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; } summary b { display: inline-block; min-width: 3.2rem; color: var(--link); } summary span { color: var(--soft); }
pre { background: var(--box); border-radius: .5rem; padding: .8rem; overflow: auto; max-height: 26rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; } th, td { text-align: left; padding: .25rem .9rem .25rem 0; vertical-align: top; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
`;
