import { z } from 'zod';
import { programUrl } from '../spec/connection.ts';

const expected = 'https, or an address of this machine, because what is sent has secrets in it';

/** Whether an address keeps what is sent to it from others: over TLS, or without leaving this machine. */
export function isSafeAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol === 'https:') return true;
  return url?.protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}

/** Address of a receiver without a secret in it. */
export function safeUrl(what: string) {
  return programUrl(what).refine((text) => !URL.canParse(text) || isSafeAddress(text), { error: `expected ${expected}` });
}

/** Where an API is, without a slash at its end: another one than usual for a proxy, or for a region. */
export function apiBase(usual: string) {
  return safeUrl(`the base address of the API, such as ${usual}`)
    .transform((text) => text.replace(/\/+$/, ''))
    .pipe(z.string().refine((text) => !text.includes('?'), { error: 'expected an address without ?' }))
    .prefault(usual)
    .describe('Where the API is; another address than usual for a proxy or a region.');
}
