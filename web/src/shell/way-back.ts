const stored = 'rampart.back';

/** Keeps where somebody wanted to go while they sign in at another provider, which sends them back to the overview. */
export function rememberWay(path: string | null): void {
  try {
    if (path === null) sessionStorage.removeItem(stored);
    else sessionStorage.setItem(stored, path);
  } catch {
    // Storage may be forbidden: then they begin with the overview.
  }
}

/** Where they wanted to go; asked once. null: nowhere in particular. */
export function takeWay(): string | null {
  try {
    const path = sessionStorage.getItem(stored);
    sessionStorage.removeItem(stored);
    return isOwnPath(path) ? path : null;
  } catch {
    return null;
  }
}

/** Only a path of this console: an address elsewhere is nobody's way back. */
export function isOwnPath(path: unknown): path is string {
  return typeof path === 'string' && /^\/(?![/\\])/.test(path);
}
