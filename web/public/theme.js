// Before the first paint: a page that was dark must not flash up white.
try {
  const chosen = localStorage.getItem('rampart.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden; then the system's choice counts.
}
