import { safeUrl } from '../spec/safe-address.ts';

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
