import { isSafeAddress, programUrl } from '../spec/connection.ts';

const expected = 'https, or an address of this machine, because what is sent has secrets in it';

/** Address of a receiver without a secret in it. */
export function safeUrl(what: string) {
  return programUrl(what).refine((text) => !URL.canParse(text) || isSafeAddress(text), { error: `expected ${expected}` });
}

/** Where all paths of a program begin, without a slash at its end. */
export function baseUrl(what: string) {
  return safeUrl(what)
    .refine((text) => !text.includes('?'), { error: 'expected an address without ?' })
    .transform((text) => text.replace(/\/+$/, ''));
}

/** Where an API is: another address than usual for a proxy, or for a region. */
export function apiBase(usual: string) {
  return baseUrl(`the base address of the API, such as ${usual}`)
    .prefault(usual)
    .describe('Where the API is; another address than usual for a proxy or a region.');
}
