import { programUrl } from './connection.ts';

const expected = 'https, or an address of this machine, because what is sent has secrets in it';

/** Whether an address keeps what is sent to it from others: over TLS, or without leaving this machine. */
export function isSafeAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol === 'https:') return true;
  return url?.protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}

/** Address without a secret in it. */
export function safeUrl(what: string) {
  return programUrl(what).refine((text) => !URL.canParse(text) || isSafeAddress(text), { error: `expected ${expected}` });
}
