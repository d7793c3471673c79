// Before the first paint, so that a chosen theme does not flash; a script of its own because inline ones are forbidden.
try {
  const theme = localStorage.getItem('penny-theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the system's theme it is.
}
