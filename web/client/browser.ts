import { useSyncExternalStore } from 'react';

/** What of the browser the page follows: its address, theme and width. */

export type Theme = 'light' | 'dark';

const THEME_KEY = 'penny-theme';

function onWindow(...events: string[]) {
  return (listener: () => void) => {
    for (const event of events) window.addEventListener(event, listener);
    return () => {
      for (const event of events) window.removeEventListener(event, listener);
    };
  };
}

function onMedia(query: string) {
  return (listener: () => void) => {
    const media = window.matchMedia(query);
    media.addEventListener('change', listener);
    return () => media.removeEventListener('change', listener);
  };
}

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(onMedia(query), () => window.matchMedia(query).matches);
}

const ADDRESS_CHANGED = 'penny:address';
const followAddress = onWindow('popstate', ADDRESS_CHANGED);

/** The path of the address, following links, Back and Forward. */
export function usePath(): string {
  return useSyncExternalStore(followAddress, () => location.pathname);
}

/** Goes to a path of the page without loading it anew. */
export function navigate(path: string): void {
  if (path !== location.pathname) history.pushState(null, '', path);
  window.dispatchEvent(new Event(ADDRESS_CHANGED));
}

/** The conversation a path names, or null for a new one. */
export function threadOfPath(path: string): string | null {
  const [, threadId] = /^\/c\/([^/]+)$/.exec(path) ?? [];
  return threadId === undefined ? null : decodeURIComponent(threadId);
}

const THEME_CHANGED = 'penny:theme';
const systemIsDark = '(prefers-color-scheme: dark)';
const followTheme = (listener: () => void) => {
  const stop = [onWindow(THEME_CHANGED)(listener), onMedia(systemIsDark)(listener)];
  return () => stop.forEach((end) => void end());
};

const systemTheme = (): Theme => (window.matchMedia(systemIsDark).matches ? 'dark' : 'light');
const chosenTheme = (): Theme | undefined => document.documentElement.dataset.theme as Theme | undefined;

/** The theme in force: the one chosen here, else the system's. */
export function useTheme(): Theme {
  return useSyncExternalStore(followTheme, () => chosenTheme() ?? systemTheme());
}

/** Chooses a theme; choosing what the system has anyway forgets the choice, so that the page follows the system again. */
export function chooseTheme(theme: Theme): void {
  const follow = theme === systemTheme();
  if (follow) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (follow) localStorage.removeItem(THEME_KEY);
    else localStorage.setItem(THEME_KEY, theme);
  } catch {
    // Storage is switched off: the choice lasts until the page is left.
  }
  window.dispatchEvent(new Event(THEME_CHANGED));
}
