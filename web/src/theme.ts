export type Theme = 'system' | 'light' | 'dark';

const stored = 'rampart.theme';

/** What was chosen here; `system`: nothing. `public/theme.js` has applied it before the first paint. */
export function chosenTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(stored);
    else localStorage.setItem(stored, theme);
  } catch {
    // Storage may be forbidden: it is then chosen for this visit only.
  }
  document.dispatchEvent(new Event('rampart-theme'));
}

/** Calls when colours have changed, by choice or by the system. @returns Ends that. */
export function onThemeChange(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  document.addEventListener('rampart-theme', listener);
  system.addEventListener('change', listener);
  return () => {
    document.removeEventListener('rampart-theme', listener);
    system.removeEventListener('change', listener);
  };
}
